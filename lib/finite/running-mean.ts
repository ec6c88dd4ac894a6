/** Mean and spread of lists of numbers that come one by one: Welford's update, which does not cancel. */

export interface RunningMean {
  readonly mean: Float64Array;
  add(values: ArrayLike<number>): void;
  /** Standard deviations of one list about the mean, from the second list on. */
  deviations(): Float64Array;
  /** Of the mean: deviations by the root of how many lists there were. */
  standardErrors(): Float64Array;
}

export function runningMean(size: number): RunningMean {
  const mean = new Float64Array(size);
  const squares = new Float64Array(size);
  let count = 0;
  const deviations = (): Float64Array => squares.map((sum) => Math.sqrt(sum / (count - 1)));
  return {
    mean,
    add(values) {
      count++;
      for (let i = 0; i < size; i++) {
        const off = (values[i] as number) - (mean[i] as number);
        mean[i] = (mean[i] as number) + off / count;
        squares[i] = (squares[i] as number) + off * ((values[i] as number) - (mean[i] as number));
      }
    },
    deviations,
    standardErrors: () => deviations().map((deviation) => deviation / Math.sqrt(count)),
  };
}
