// @ts-check
// Medians and quartiles, and figures formed round by round.

/** The p-quantile of sorted numbers, linear between neighbours. */
export function quantile(sorted, p) {
  const place = p * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.ceil(place);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

/**
 * @param {readonly number[]} values at least one
 * @returns {import('./vocabulary.js').Summary}
 */
export function summarise(values) {
  if (values.length === 0) throw new RangeError('a summary of no values');
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    count: values.length,
  };
}

/**
 * The figure in every round in which all that it needs took part. Forming it per round and not from medians cancels what
 * the machine did meanwhile: the contestants of one round ran within moments of each other.
 *
 * @param {import('./vocabulary.js').FigureRule} rule
 * @param {ReadonlyMap<string, readonly import('./vocabulary.js').Sample[]>} samples per contestant and round
 */
export function figurePerRound({ measure, of, minus, over, less = 0, per = 1 }, samples) {
  const columns = [of, minus, over].filter((name) => name !== undefined).map((name) => samples.get(name) ?? []);
  const rounds = Math.min(...columns.map((column) => column.length));
  const at = (name, round) => samples.get(name)?.[round]?.[measure] ?? Number.NaN;
  const values = [];
  for (let round = 0; round < rounds; round++) {
    const difference = at(of, round) - (minus === undefined ? 0 : at(minus, round));
    const value = (difference / (over === undefined ? 1 : at(over, round)) - less) / per;
    if (Number.isFinite(value)) values.push(value);
  }
  return values;
}

/** How far a value lies on the wrong side of another: above 1 is worse, whichever direction is better. */
export function worseBy(better, value, reference) {
  return better === 'lower' ? value / reference : reference / value;
}

/** Is the target reached? */
export function meets(better, value, target) {
  return better === 'lower' ? value <= target : value >= target;
}

/** The largest difference between two lists of numbers, relative to the largest magnitude in the first. */
export function relativeDifference(first, second) {
  if (first.length !== second.length) return Number.POSITIVE_INFINITY;
  const scale = Math.max(...first.map(Math.abs), Number.MIN_VALUE);
  return Math.max(0, ...first.map((value, i) => Math.abs(value - second[i]) / scale));
}
