/** What later files must share with the training data. Plain data: it is kept inside a model file, as JSON. */

import type { RawSamples } from './assemble.js';
import type { Dataset, Task } from './dataset.js';
import type { TableSchema } from './read-table.js';
import type { Encoding } from './table-features.js';

export interface DataSchema {
  readonly kind: 'table' | 'images';
  /** One name per feature, after one-hot encoding. */
  readonly features: readonly string[];
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number };
  readonly task: Task;
  readonly target: string;
  readonly classes?: readonly string[];
  /** Of each feature over the training rows: what a missing cell may be set to. */
  readonly means: readonly number[];
  readonly table?: TableLayout;
  readonly array?: ArrayLayout;
}

/** The columns of a table in the order of its file. */
export interface TableLayout {
  readonly hasHeader: boolean;
  readonly columns: readonly string[];
  readonly encodings: readonly Encoding[];
  /** null where the labels came from another file. */
  readonly target: string | null;
  readonly textColumns: readonly string[];
  readonly ignored: readonly string[];
}

/** The columns of a matrix, counted from 0. */
export interface ArrayLayout {
  readonly columns: number;
  readonly target: number | null;
  readonly ignored: readonly number[];
}

/** The schema of the data set that was made from `raw`. */
export function schemaOf(raw: RawSamples, data: Dataset, table: TableSchema | undefined): DataSchema {
  const { task, targetName: target, classes, kind, image, features } = data;
  return {
    kind,
    features,
    ...(image === undefined ? {} : { image }),
    task,
    target,
    ...(classes === undefined ? {} : { classes }),
    means: columnMeans(data),
    ...(table === undefined
      ? image === undefined
        ? { array: arrayLayout(raw) }
        : {}
      : {
          table: {
            hasHeader: table.hasHeader,
            columns: table.columns,
            encodings: table.encodings,
            target: table.target ?? null,
            textColumns: [...table.textColumns],
            ignored: table.ignored,
          },
        }),
  };
}

/** Dividing before adding cannot overflow. */
function columnMeans({ x: { data, shape } }: Dataset): number[] {
  const [n, d] = shape;
  const means = new Array<number>(d).fill(0);
  for (let at = 0; at < data.length; at++) means[at % d] = (means[at % d] as number) + (data[at] as number) / n;
  return means;
}

/** Columns of a matrix are named by their numbers from 1; a target from elsewhere is a 'label', or column 1 of its own. */
function arrayLayout({ features, target }: RawSamples): ArrayLayout {
  const index = (name: string) => Number(name.slice('column '.length)) - 1;
  const { names, ignored } = features;
  const own = /^column \d+$/.test(target.column.name) ? index(target.column.name) : null;
  const taken = [...names, ...ignored].map(index);
  const inside = own !== null && !taken.includes(own);
  return {
    columns: taken.length + (inside ? 1 : 0),
    target: inside ? own : null,
    ignored: ignored.map(index),
  };
}
