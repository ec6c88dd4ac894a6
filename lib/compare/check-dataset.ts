import type { Dataset } from '../data/dataset.js';
import { type Constraint, reading, unexpected } from '../options.js';

/** What the comparison reads of a data set, looked at before it is read. */
export const dataset: Constraint<Dataset> = {
  expected: 'a data set as loadDataset returns it (x, y, task, notes, …)',
  accepts: (value): value is Dataset => {
    if (typeof value !== 'object' || value === null) return false;
    const { x, y, name, kind, task, classes, features, sources, notes } = value as Partial<Dataset>;
    return (
      isSamples(x) &&
      y instanceof Float64Array &&
      y.length === x.shape[0] &&
      typeof name === 'string' &&
      (kind === 'table' || kind === 'images') &&
      (task === 'regress' || (task === 'classify' && Array.isArray(classes))) &&
      [features, sources, notes?.messages, notes?.classCounts].every(Array.isArray)
    );
  },
};

export function checkDataset(what: string, value: unknown): Dataset {
  return reading(what, () => {
    if (dataset.accepts(value)) return value;
    throw unexpected(what, dataset.expected, value);
  });
}

function isSamples(x: unknown): x is Dataset['x'] {
  if (typeof x !== 'object' || x === null) return false;
  const { data, shape } = x as Partial<Dataset['x']>;
  if (!(data instanceof Float64Array) || !Array.isArray(shape) || shape.length !== 2) return false;
  return shape.every((size) => Number.isSafeInteger(size) && size > 0) && data.length === shape[0] * shape[1];
}
