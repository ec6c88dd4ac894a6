// @ts-check
// What a table of accuracies, a row a set and a column a method, says about each method. All but the mean depend on which
// methods stand beside it.

/**
 * @typedef {{ method: string, mean: number, deviation: number, rank: number, p90: number, p95: number, pma: number,
 *   pmaDeviation: number }} Summary
 * @param {readonly string[]} methods
 * @param {readonly (readonly number[])[]} table accuracies, sets × methods
 * @returns {Summary[]}
 *   mean, deviation  of the accuracy over sets, and its standard deviation
 *   rank             Friedman's: places on each set from 1 for the best, shared by those that tie, and their mean
 *   p90, p95         share of sets with 90 % (95 %) of the best accuracy on the set or more
 *   pma              mean share of the best accuracy, and its standard deviation
 */
export function summarise(methods, table) {
  const best = table.map((row) => Math.max(...row));
  const places = table.map(ranks);
  return methods.map((method, m) => {
    const own = table.map((row) => row[m]);
    // A set on which nobody is right at all tells nobody apart.
    const shares = own.map((accuracy, s) => (best[s] === 0 ? 1 : accuracy / best[s]));
    const atLeast = (share) => mean(shares.map((one) => (one >= share - 1e-12 ? 1 : 0)));
    return {
      method,
      mean: mean(own),
      deviation: deviation(own),
      rank: mean(places.map((row) => row[m])),
      p90: atLeast(0.9),
      p95: atLeast(0.95),
      pma: mean(shares),
      pmaDeviation: deviation(shares),
    };
  });
}

/** 1 for the largest; equal ones share the mean of their places. Accuracies are counts over folds, so rounding is no difference. */
export function ranks(row) {
  const same = (a, b) => Math.abs(a - b) < 1e-9;
  return row.map((value) => {
    const above = row.filter((other) => other > value && !same(other, value)).length;
    const equal = row.filter((other) => same(other, value)).length;
    return above + (equal + 1) / 2;
  });
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function deviation(values) {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
