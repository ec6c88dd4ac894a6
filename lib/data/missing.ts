import { KernelError } from '../errors.js';
import type { LoadOptions, SampleMatrix } from './dataset.js';
import { type FeatureBlock, notANumber } from './features.js';
import { inSlices, rowsPerSlice } from './slices.js';

/**
 * Checks that every value is finite, in place. A missing value (NaN) is refused, or set to the mean of its column over
 * the samples in use; for a test set that is the mean over the training samples. After one-hot encoding the mean of an
 * indicator is the frequency of its level.
 */
export async function fillMissing(
  x: Float64Array,
  rows: Uint32Array,
  features: FeatureBlock,
  missing: NonNullable<LoadOptions['missing']>,
  train?: SampleMatrix,
  signal?: AbortSignal,
): Promise<{ readonly filledCells: number }> {
  const d = features.names.length;
  let means: Float64Array | undefined;
  let filledCells = 0;
  await inSlices(
    rows.length,
    rowsPerSlice(d),
    (from, to) => {
      for (let at = from * d; at < to * d; at++) {
        const value = x[at] as number;
        if (value - value === 0) continue;
        const [i, j] = [Math.floor(at / d), at % d];
        if (!Number.isNaN(value)) throw infinite(features, rows[i] as number, j, value);
        if (missing !== 'mean') throw refused(features, rows[i] as number, j);
        means ??= train === undefined ? columnMeans(x, d) : columnMeans(train.data, d);
        const mean = means[j] as number;
        if (Number.isNaN(mean)) throw allMissing(features, j);
        x[at] = mean;
        if (j === 0 || features.columnOf(j) !== features.columnOf(j - 1)) filledCells++;
      }
    },
    signal,
  );
  return { filledCells };
}

/** Mean of the values that are there; NaN for a column without any. Dividing before adding cannot overflow. */
function columnMeans(x: Float64Array, d: number): Float64Array {
  const counts = new Uint32Array(d);
  for (let at = 0; at < x.length; at++) {
    if (!Number.isNaN(x[at])) counts[at % d] = (counts[at % d] as number) + 1;
  }
  const means = new Float64Array(d);
  for (let at = 0; at < x.length; at++) {
    if (!Number.isNaN(x[at]))
      means[at % d] = (means[at % d] as number) + (x[at] as number) / (counts[at % d] as number);
  }
  return means.map((mean, j) => (counts[j] === 0 ? Number.NaN : mean));
}

function infinite(features: FeatureBlock, row: number, feature: number, value: number): KernelError {
  const { text, details } = features.place(row, feature);
  return new KernelError('ERR_NOT_FINITE', `${text}: ${value} is not finite; kernels need finite numbers`, details);
}

function refused(features: FeatureBlock, row: number, feature: number): KernelError {
  const place = features.place(row, feature);
  const remedy = 'leave out such rows (missing=drop-rows) or set them to the mean of the column (missing=mean)';
  if (place.inArray !== undefined) return notANumber(place, remedy);
  return new KernelError('ERR_DATA', `${place.text}: the value is missing; ${remedy}`, {
    ...place.details,
    remedy: ['drop-rows', 'mean'],
  });
}

function allMissing(features: FeatureBlock, feature: number): KernelError {
  const name = features.names[feature] as string;
  return new KernelError(
    'ERR_DATA',
    `${features.file}, column '${name}': every value is missing; leave it out (ignore)`,
    {
      file: features.file,
      column: name,
    },
  );
}
