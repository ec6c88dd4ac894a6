import { type CentredTargets, centred } from '../targets.js';
import type { ErrorMetric } from './words.js';

/**
 * How targets become columns of numbers and predictions become errors. Two classes are −1 and +1 in one column, more
 * are one column each (1 in the own, 0 elsewhere), a regression target is itself. Columns are centred by their mean
 * over the training rows, so that a large ridge predicts shares of classes or the mean, not 0.              [coding]
 */
export interface Coding {
  readonly columns: number;
  readonly metric: ErrorMetric;
  /** The targets of the given rows; their mean is what predictions are relative to. */
  encode(rows: ArrayLike<number>): CentredTargets;
  /** Error rate or root mean squared error of centred predictions (rows × columns) at the given rows of `y`. */
  error(predictions: Float64Array, centre: Float64Array, y: Float64Array, rows: ArrayLike<number>): number;
}

/** The coding of class indices `y` (0 … classes − 1), or of a regression target when classes is null. */
export function codingOf(y: Float64Array, classes: number | null): Coding {
  if (classes === null) return coding(y, 1, 'rmse', (target) => target, squaredMiss, Math.sqrt);
  if (classes <= 2) return coding(y, 1, 'error rate', (target) => 2 * target - 1, signMiss, identity);
  return coding(y, classes, 'error rate', (target, column) => (target === column ? 1 : 0), largestMiss, identity);
}

type Miss = (values: Float64Array, target: number) => number;

function coding(
  y: Float64Array,
  columns: number,
  metric: ErrorMetric,
  code: (target: number, column: number) => number,
  miss: Miss,
  finish: (meanMiss: number) => number,
): Coding {
  return {
    columns,
    metric,
    encode(rows) {
      const data = new Float64Array(rows.length * columns);
      for (let i = 0; i < rows.length; i++) {
        const target = y[rows[i] as number] as number;
        for (let c = 0; c < columns; c++) data[i * columns + c] = code(target, c);
      }
      return centred({ data, shape: [rows.length, columns] });
    },
    error(predictions, centre, truth, rows) {
      const row = new Float64Array(columns);
      let sum = 0;
      for (let i = 0; i < rows.length; i++) {
        for (let c = 0; c < columns; c++) row[c] = (predictions[i * columns + c] as number) + (centre[c] as number);
        sum += miss(row, truth[rows[i] as number] as number);
      }
      return finish(sum / rows.length);
    },
  };
}

const identity = (value: number) => value;
const squaredMiss: Miss = (values, target) => ((values[0] as number) - target) ** 2;
/** Exactly 0 is nobody's side; it counts as the first class. */
const signMiss: Miss = (values, target) => ((values[0] as number) > 0 === (target === 1) ? 0 : 1);
/** The first of equal columns wins. */
const largestMiss: Miss = (values, target) => {
  let best = 0;
  for (let c = 1; c < values.length; c++) if ((values[c] as number) > (values[best] as number)) best = c;
  return best === target ? 0 : 1;
};
