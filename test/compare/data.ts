import type { Dataset } from '../../lib/data/dataset.js';
import { inspectRows } from '../../lib/data/notes.js';
import { createRandom, type Random } from '../../lib/data/rng.js';

export interface Made {
  readonly rows: number;
  readonly features: number;
  readonly seed?: number;
  readonly kind?: 'table' | 'images';
  /** null for regression. */
  readonly classes?: readonly string[] | null;
  /** The target of a row: an index into `classes`, or a number. */
  readonly target: (row: Float64Array, random: Random) => number;
  /** Changes features after they were drawn and before the target is. */
  readonly edit?: (data: Float64Array, features: number) => void;
}

/** A data set of independent uniform features in (−1, 1), as the loader would have made it. */
export async function madeData({
  rows,
  features,
  seed = 1,
  kind = 'table',
  classes = null,
  target,
  edit,
}: Made): Promise<Dataset> {
  const random = createRandom(seed);
  const data = Float64Array.from({ length: rows * features }, () => 2 * random.uniform() - 1);
  edit?.(data, features);
  const y = Float64Array.from({ length: rows }, (_, i) =>
    target(data.subarray(i * features, (i + 1) * features), random),
  );
  const x = { data, shape: [rows, features] as const };
  const names = Array.from({ length: features }, (_, j) => `f${j}`);
  const found = await inspectRows({ x, y, features: names });
  const messages = found.duplicateRows > 0 ? [`${found.duplicateRows} rows repeat`] : [];
  return {
    name: 'made.csv',
    kind,
    x,
    features: names,
    task: classes === null ? 'regress' : 'classify',
    targetName: 'target',
    y,
    ...(classes === null ? {} : { classes }),
    sources: [{ name: 'made.csv', bytes: 1, sha256: '0'.repeat(64), role: 'data' }],
    notes: {
      n: rows,
      d: features,
      classCounts: (classes ?? []).map((_, c) => y.filter((label) => label === c).length),
      ...found,
      droppedRows: 0,
      filledCells: 0,
      oneHot: [],
      ignoredColumns: [],
      messages,
    },
  };
}
