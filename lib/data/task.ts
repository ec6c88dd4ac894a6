import { KernelError, unknownName } from '../errors.js';
import type { Column } from './column.js';
import type { LoadOptions, Task } from './dataset.js';
import { isMissingAt, listed, rowCount, type TargetColumn, textAt } from './features.js';
import { numberFromText, whyNotNumber } from './number-grammar.js';

/** Whole numbers with more distinct values are taken as measurements unless the caller says otherwise. */
const maxAutoClasses = 20;
const samplesPerClass = 5;

/** What is predicted, and how the target column reads as that. */
export interface TaskPlan {
  readonly task: Task;
  /** Labels in the order of their index; undefined for regression. */
  readonly classes: readonly string[] | undefined;
  readonly messages: readonly string[];
}

/** Decides between classes and numbers and fixes the order of the classes. */
export function planTask(target: TargetColumn, options: Pick<LoadOptions, 'task' | 'classes'>): TaskPlan {
  const { column } = target;
  const labels = distinctLabels(column);
  if (labels.length === 0) throw problem(target, 'every value is missing');
  const asked = options.classes === undefined ? (options.task ?? 'auto') : 'classify';
  if (options.classes !== undefined && options.task === 'regress') {
    throw new KernelError('ERR_ARGUMENT', "classes were named, but the task is 'regress'; leave one of the two out", {
      option: 'classes',
    });
  }
  const { task, reason } = asked === 'auto' ? guess(target, labels) : { task: asked, reason: 'as asked for' };
  const messages = [
    `target: ${column.name}; ${reason}, so this is ${task === 'classify' ? 'classification' : 'regression'}`,
  ];
  if (task === 'regress') {
    refuseText(target);
    return { task, classes: undefined, messages };
  }
  const classes = options.classes === undefined ? labels.toSorted(inOrder) : chosen(options.classes, labels, target);
  if (classes.length < 2) {
    throw problem(
      target,
      `one class only (${listed(classes)}); expected at least two; take rows of other classes too, or name another column ` +
        '(target)',
    );
  }
  const rows = rowCount(column);
  if (options.classes === undefined && classes.length > 2 && 2 * classes.length > rows) {
    throw problem(
      target,
      `${classes.length} different labels in ${rows} rows are too many for classes; name the column to predict (target), ` +
        'or say that it is a number (task=regress)',
    );
  }
  return { task, classes, messages };
}

function guess(target: TargetColumn, labels: readonly string[]): { task: Task; reason: string } {
  const { column } = target;
  if (column.kind === 'text') {
    // Many numbers and some text: measurements with a slip of the pen, not hundreds of classes.
    if (labels.filter((label) => !Number.isNaN(numberFromText(label))).length > maxAutoClasses) refuseText(target);
    return { task: 'classify', reason: 'its values are text' };
  }
  const few =
    labels.length <= 2 || (labels.length <= maxAutoClasses && samplesPerClass * labels.length <= rowCount(column));
  if (few && labels.every((label) => Number.isInteger(Number(label)))) {
    return { task: 'classify', reason: `it has ${labels.length} distinct whole numbers` };
  }
  return { task: 'regress', reason: `it has ${labels.length} distinct numbers` };
}

function distinctLabels(column: Column): string[] {
  if (column.kind === 'text') return [...column.levels];
  const values = new Set<number>();
  for (const value of column.values) if (!Number.isNaN(value)) values.add(value);
  return Array.from(values, String);
}

function inOrder(a: string, b: string): number {
  const [x, y] = [numberFromText(a), numberFromText(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y;
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The labels that the caller named, spelled as in the file: 3 finds '3', '3.0' and '03' where it is the only one. */
function chosen(
  asked: readonly (string | number)[],
  labels: readonly string[],
  target: TargetColumn,
): readonly string[] {
  const found = asked.map((wanted) => {
    const text = String(wanted).trim();
    const exact = labels.includes(text)
      ? [text]
      : labels.filter((label) => numberFromText(label) === numberFromText(text));
    if (exact.length === 1) return exact[0] as string;
    throw new KernelError(
      'ERR_ARGUMENT',
      `classes: ${unknownName(`label of ${target.file}`, text, labels.toSorted(inOrder).slice(0, 40))}`,
      { option: 'classes', label: text },
    );
  });
  if (new Set(found).size !== found.length) {
    throw new KernelError('ERR_ARGUMENT', `classes: a label is named twice in ${listed(found)}`, { option: 'classes' });
  }
  return found;
}

/** Text in a target of numbers, with the place of the first. */
function refuseText({ column, place }: TargetColumn): void {
  if (column.kind !== 'text') return;
  const bad = column.levels.findIndex((level) => Number.isNaN(numberFromText(level)));
  if (bad < 0) return;
  const { text, details } = place(column.codes.indexOf(bad));
  throw new KernelError(
    'ERR_DATA',
    `${text}: ${whyNotNumber(column.levels[bad] as string)}; regression needs numbers`,
    details,
  );
}

/**
 * The target of every row as a class index or a number: NaN where it is missing, −1 where the label is none of the
 * classes.
 */
export function codedTarget(column: Column, { task, classes }: Pick<TaskPlan, 'task' | 'classes'>): Float64Array {
  const rows = rowCount(column);
  const coded = new Float64Array(rows);
  const index = new Map((classes ?? []).map((label, c) => [label, c]));
  const byLevel =
    column.kind === 'text'
      ? column.levels.map((level) => (task === 'regress' ? numberFromText(level) : (index.get(level) ?? -1)))
      : undefined;
  for (let i = 0; i < rows; i++) {
    if (isMissingAt(column, i)) coded[i] = Number.NaN;
    else if (byLevel !== undefined) coded[i] = byLevel[(column as { codes: Int32Array }).codes[i] as number] as number;
    else if (task === 'regress') coded[i] = (column as { values: Float64Array }).values[i] as number;
    else coded[i] = index.get(textAt(column, i)) ?? -1;
  }
  return coded;
}

function problem({ file, column }: TargetColumn, text: string): KernelError {
  return new KernelError('ERR_DATA', `${file}, target '${column.name}': ${text}`, { file, column: column.name });
}
