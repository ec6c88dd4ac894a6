import { KernelError, unknownName } from '../errors.js';
import type { RawSamples } from './assemble.js';
import type { Column } from './column.js';
import { readTable } from './csv.js';
import type { LoadOptions } from './dataset.js';
import { isMissingAt, type LabelsReader, listed, type TargetColumn } from './features.js';
import type { FileContent } from './files.js';
import { refuseNoFeatures } from './read-arrays.js';
import type { Table } from './table-builder.js';
import { type Encoding, placeInTable, planEncodings, tableFeatures } from './table-features.js';

/** What a test table must share with the training table. */
export interface TableSchema {
  readonly hasHeader: boolean;
  /** All names, in the order of the file. */
  readonly columns: readonly string[];
  readonly encodings: readonly Encoding[];
  /** Undefined where the labels come from another file. */
  readonly target: string | undefined;
  /** Columns whose cells were taken as text. */
  readonly textColumns: ReadonlySet<string>;
  readonly ignored: readonly string[];
}

export type TableSamples = Pick<RawSamples, 'features' | 'target'> & { readonly schema: TableSchema };

/** Samples from a table; with the schema of a training table, samples that fit it. */
export async function readTableSamples(
  { content, name }: FileContent,
  options: LoadOptions,
  readLabels: LabelsReader,
  schema?: TableSchema,
): Promise<TableSamples> {
  const table = withoutEmptyColumns(
    await readTable(content, name, {
      delimiter: options.delimiter,
      header: schema?.hasHeader ?? options.header,
      textColumns: schema?.textColumns,
      signal: options.signal,
    }),
  );
  const labels = await readLabels(table.rows);
  return schema === undefined ? firstSamples(table, options, labels) : matchingSamples(table, labels, schema);
}

function firstSamples(table: Table, options: LoadOptions, labels: TargetColumn | undefined): TableSamples {
  const ignored = (options.ignore ?? []).map((wanted) => findColumn(table, wanted, 'ignore'));
  const target = labels === undefined ? targetColumn(table, options, ignored) : undefined;
  const columns = table.columns.filter((column) => column !== target?.column && !ignored.includes(column));
  refuseNoFeatures(columns.length, table.name);
  const { encodings, messages } = planEncodings(table, columns, options.oneHot);
  const names = ignored.map((column) => column.name);
  const textColumns = table.columns.filter((column) => column.kind === 'text').map((column) => column.name);
  const all = [...table.messages, ...messages];
  return {
    features: tableFeatures(table, encodings, names, all),
    target: labels ?? (target as TargetColumn),
    schema: {
      hasHeader: table.hasHeader,
      columns: table.columns.map((column) => column.name),
      encodings,
      target: target?.column.name,
      textColumns: new Set(textColumns),
      ignored: names,
    },
  };
}

function matchingSamples(table: Table, labels: TargetColumn | undefined, schema: TableSchema): TableSamples {
  const { encodings, target } = schema;
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const needed = [
    ...encodings.map(({ name }) => name),
    ...(target === undefined || labels !== undefined ? [] : [target]),
  ];
  const absent = needed.filter((name) => !byName.has(name));
  if (absent.length > 0) {
    throw new KernelError(
      'ERR_DATA',
      `${table.name} lacks ${absent.length === 1 ? 'a column' : 'columns'} of the training data: ${listed(absent)}; ` +
        `it has ${listed(table.columns.map(({ name }) => name))}`,
      { file: table.name, absent },
    );
  }
  const extra = table.columns.map(({ name }) => name).filter((name) => !needed.includes(name));
  const own = labels ?? (target === undefined ? undefined : columnTarget(table, byName.get(target) as Column, []));
  if (own === undefined) {
    throw new KernelError(
      'ERR_DATA',
      `${table.name} needs a file of labels (testLabels), as the training data have one`,
      { file: table.name },
    );
  }
  return { features: tableFeatures(table, encodings, extra, []), target: own, schema };
}

function targetColumn(table: Table, { target }: LoadOptions, ignored: readonly Column[]): TargetColumn {
  if (target !== undefined) {
    const column = findColumn(table, target, 'target');
    if (!ignored.includes(column)) return columnTarget(table, column, []);
    throw new KernelError('ERR_ARGUMENT', `column '${column.name}' cannot be both the target and ignored`, {
      option: 'ignore',
    });
  }
  const last = table.columns.findLast((column) => !ignored.includes(column));
  if (last === undefined)
    throw new KernelError('ERR_DATA', `${table.name}: every column is ignored`, { file: table.name });
  return columnTarget(table, last, [`no target was named: the last column, '${last.name}', was taken`]);
}

function columnTarget(table: Table, column: Column, messages: readonly string[]): TargetColumn {
  return { file: table.name, column, place: (row) => placeInTable(table, row, column.name), messages };
}

/** A column by its name, or else by its number from 1. */
export function findColumn({ name, columns }: Table, wanted: string | number, option: string): Column {
  const text = String(wanted).trim();
  const byName = typeof wanted === 'string' ? columns.find((column) => column.name === text) : undefined;
  const found = byName ?? (/^\d+$/.test(text) ? columns[Number(text) - 1] : undefined);
  if (found !== undefined) return found;
  const names = columns.map((column) => column.name);
  throw new KernelError(
    'ERR_ARGUMENT',
    /^\d+$/.test(text)
      ? `${option}: ${name} has ${columns.length} columns, got number ${text}`
      : `${option}: ${unknownName(`column of ${name}`, text, names.slice(0, 40))}`,
    { option, column: text },
  );
}

/** A delimiter at the end of every line makes a last column without a name or a value. */
export function withoutEmptyColumns(table: Table): Table {
  const last = table.columns.at(-1);
  if (last === undefined || table.columns.length < 2 || last.name !== `column ${table.columns.length}`) return table;
  for (let row = 0; row < table.rows; row++) if (!isMissingAt(last, row)) return table;
  return {
    ...table,
    columns: table.columns.slice(0, -1),
    messages: [...table.messages, 'the last column has neither a name nor a value and was left out'],
  };
}
