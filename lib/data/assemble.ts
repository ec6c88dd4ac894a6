import { KernelError } from '../errors.js';
import { inAskedOrder, limitRows } from './choose-rows.js';
import type { Dataset, LoadOptions, Source } from './dataset.js';
import { type FeatureBlock, listed, notANumber, rowCount, shortened, type TargetColumn, textAt } from './features.js';
import { fillMissing } from './missing.js';
import { classCounts, counted, findings, inspectRows } from './notes.js';
import { droppedMessages, filledMessages, ignoredMessages, noRows } from './taken-rows.js';
import { codedTarget, planTask, type TaskPlan } from './task.js';

/** What a file holds, before rows are chosen. */
export interface RawSamples {
  readonly features: FeatureBlock;
  readonly target: TargetColumn;
  readonly sources: readonly Source[];
}

/** Chooses rows, fills or refuses missing values, and looks the result over. `train` is given for a test set. */
export async function assemble(raw: RawSamples, options: LoadOptions, train?: Dataset): Promise<Dataset> {
  const { features, target } = raw;
  const { signal } = options;
  if (rowCount(target.column) !== features.rows) {
    throw new KernelError(
      'ERR_SHAPE',
      `${target.file} has ${counted(rowCount(target.column), 'label', 'labels')} for the ${features.rows} samples of ${features.file}`,
      { labels: rowCount(target.column), samples: features.rows },
    );
  }
  const plan = train === undefined ? planTask(target, options) : { ...taskOf(train), messages: [] };
  if (plan.task === 'regress' && options.perClassLimit !== undefined) {
    throw new KernelError('ERR_ARGUMENT', 'perClassLimit needs classes, but this is regression; use limit', {
      option: 'perClassLimit',
    });
  }
  const coded = codedTarget(target.column, plan);
  refuseInfinite(target, coded);
  const candidates = candidateRows(raw, options, plan, coded, train !== undefined);
  const classOf = plan.classes === undefined ? undefined : (row: number) => coded[row] as number;
  const balanced = options.classes !== undefined;
  const rows = limitRows(inAskedOrder(candidates.rows, options), options, classOf, balanced);
  const classes = train === undefined ? occurring(plan.classes, rows, coded) : plan.classes;
  refuseTooFew(features.file, rows, classes, plan, candidates.dropped);

  const x = await features.fill(rows, signal);
  const { filledCells } = await fillMissing(x, rows, features, options.missing ?? 'refuse', train?.x, signal);
  const y = targetOf(rows, coded, plan.classes, classes);
  const shape = [rows.length, features.names.length] as const;
  const seen = await inspectRows({ x: { data: x, shape }, y, features: features.names }, signal);
  const messages = [
    ...features.messages,
    ...target.messages,
    ...ignoredMessages(features.ignored),
    ...plan.messages,
    ...candidates.messages,
    ...selectionMessages(rows.length, candidates.rows.length, options, balanced, plan.classes, classes),
    ...filledMessages(filledCells, 'column'),
    ...findings(seen),
  ];
  return {
    name: features.file,
    kind: features.kind,
    x: { data: x, shape },
    ...(features.image === undefined ? {} : { image: features.image }),
    features: features.names,
    task: plan.task,
    targetName: train?.targetName ?? target.column.name,
    y,
    ...(classes === undefined ? {} : { classes }),
    sources: raw.sources,
    notes: {
      n: rows.length,
      d: features.names.length,
      classCounts: classCounts(y, classes),
      ...seen,
      droppedRows: candidates.dropped,
      filledCells,
      oneHot: features.oneHot,
      ignoredColumns: features.ignored,
      messages,
    },
  };
}

function taskOf({ task, classes }: Dataset): Pick<TaskPlan, 'task' | 'classes'> {
  return { task, classes };
}

function refuseInfinite(target: TargetColumn, coded: Float64Array): void {
  const bad = coded.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
  if (bad < 0) return;
  const { text, details } = target.place(bad);
  throw new KernelError('ERR_NOT_FINITE', `${text}: the target is ${coded[bad]}; expected a finite number`, details);
}

/** Rows of the wanted classes, without those that lack a value if such rows are to be dropped. */
function candidateRows(
  { features, target }: RawSamples,
  { missing, classes }: LoadOptions,
  plan: Pick<TaskPlan, 'classes'>,
  coded: Float64Array,
  isTest: boolean,
): { readonly rows: Uint32Array; readonly dropped: number; readonly messages: readonly string[] } {
  let [outside, dropped] = [0, 0];
  const rows = Uint32Array.from(coded, (_, row) => row).filter((row) => {
    const value = coded[row] as number;
    if (value === -1 && plan.classes !== undefined) {
      if (isTest && classes === undefined) throw unseenLabel(target, row, plan.classes);
      outside++;
      return false;
    }
    if (missing === 'drop-rows' && (Number.isNaN(value) || !features.isComplete(row))) {
      dropped++;
      return false;
    }
    if (Number.isNaN(value)) throw missingTarget(target, row);
    return true;
  });
  const messages = [
    ...(outside === 0 ? [] : [`${counted(outside, 'row', 'rows')} of other classes were left out`]),
    ...droppedMessages(dropped),
  ];
  return { rows, dropped, messages };
}

function unseenLabel(target: TargetColumn, row: number, classes: readonly string[]): KernelError {
  const { text, details } = target.place(row);
  const label = textAt(target.column, row);
  return new KernelError(
    'ERR_DATA',
    `${text}: the label '${shortened(label)}' does not occur in the training data (${listed(classes)}); ` +
      'name the classes to keep (classes)',
    details,
  );
}

function missingTarget({ place }: TargetColumn, row: number): KernelError {
  const at = place(row);
  const remedy = 'leave out rows with missing values (missing=drop-rows)';
  if (at.inArray !== undefined) return notANumber(at, remedy);
  return new KernelError('ERR_DATA', `${at.text}: the target is missing; ${remedy}`, at.details);
}

function occurring(
  classes: readonly string[] | undefined,
  rows: Uint32Array,
  coded: Float64Array,
): readonly string[] | undefined {
  if (classes === undefined) return undefined;
  const present = new Set<number>();
  for (const row of rows) present.add(coded[row] as number);
  return classes.filter((_, label) => present.has(label));
}

function refuseTooFew(
  file: string,
  rows: Uint32Array,
  classes: readonly string[] | undefined,
  plan: Pick<TaskPlan, 'classes'>,
  dropped: number,
): void {
  if (rows.length === 0) throw noRows(file, dropped);
  if (classes === undefined || classes.length >= 2) return;
  throw new KernelError(
    'ERR_DATA',
    `${file}: the rows taken are all of class ${listed(classes)}; the file also has ` +
      `${listed((plan.classes ?? []).filter((label) => !classes.includes(label)))}; take more rows (limit), ` +
      'an equal share of each class (classes) or rows in random order (order=random)',
    { file, classes },
  );
}

function targetOf(
  rows: Uint32Array,
  coded: Float64Array,
  all: readonly string[] | undefined,
  kept: readonly string[] | undefined,
): Float64Array {
  const values = Float64Array.from(rows, (row) => coded[row] as number);
  if (all === undefined || kept === undefined || kept.length === all.length) return values;
  return values.map((label) => kept.indexOf(all[label] as string));
}

function selectionMessages(
  taken: number,
  available: number,
  { order, seed }: LoadOptions,
  balanced: boolean,
  all: readonly string[] | undefined,
  kept: readonly string[] | undefined,
): string[] {
  const how = order === 'random' ? `in random order (seed ${seed ?? 0})` : 'in file order';
  const shares = balanced ? ', an equal share of each class' : '';
  const messages = taken < available ? [`the first ${taken} of ${available} rows ${how} were taken${shares}`] : [];
  const lost = (all ?? []).filter((label) => kept?.includes(label) === false);
  if (lost.length > 0) messages.push(`no row of ${listed(lost)} is among them; such classes are left out`);
  return messages;
}
