import { integer, scientific } from '../format.js';

/** One axis of a panel: where it runs, which values are named, and how they print. */
export interface Axis {
  readonly type: 'linear' | 'log';
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  readonly label: string;
}

/** Round numbers, about `count` of them, from the first at or below `low` to the last at or above `high`. */
export function niceTicks(low: number, high: number, count: number): readonly number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5].find((m) => m * power >= raw * 0.999) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  // Dividing by the reciprocal keeps 0.1·3 from printing as 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A linear axis around the values: it ends at a round number where one is near, else just beyond the last value. */
export function linearAxis(
  values: readonly number[],
  options: { label: string; count: number; format?: (value: number) => string; include?: readonly number[] },
): Axis {
  const [low, high] = extent([...values, ...(options.include ?? [])]);
  const ticks = low === high ? niceTicks(low - 0.5, high + 0.5, 2) : niceTicks(low, high, options.count);
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : 1;
  const margin = 0.05 * (high - low);
  const end = (tick: number, value: number, outward: 1 | -1) =>
    Math.abs(tick - value) <= 0.35 * step || low === high ? tick : value + outward * margin;
  const domain: [number, number] = [end(ticks[0] as number, low, -1), end(ticks.at(-1) as number, high, 1)];
  const inside = ticks.filter((tick) => tick >= domain[0] && tick <= domain[1]);
  return { type: 'linear', domain, ticks: inside, format: options.format ?? plainFormat(inside), label: options.label };
}

/**
 * A logarithmic axis from the last of 1, 2, 5, 10 … at or below the values to the first at or above them. Named are the
 * powers of ten, thinned when there are many; 1, 2, 5 when there are few.
 */
export function logAxis(
  values: readonly number[],
  options: { label: string; count: number; format?: (value: number) => string },
): Axis {
  const [low, high] = extent(values);
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const steps = range(first, last).flatMap((power) => [1, 2, 5].map((m) => Number(`${m}e${power}`)));
  const from = steps.filter((step) => step <= low * 1.0001).at(-1) ?? low;
  const to = steps.find((step) => step >= high * 0.9999) ?? high;
  const domain: [number, number] = from === to ? [from / 2, to * 2] : [from, to];
  const within = (step: number) => step >= domain[0] && step <= domain[1];
  const decades = Math.log10(domain[1] / domain[0]);
  const powers = range(first, last).map(powerOf).filter(within);
  const stride = Math.ceil(decades / options.count);
  const few = decades <= (options.count < 5 ? 1 : 2) || powers.length < 2;
  const ticks = few ? steps.filter(within) : powers.filter((_, i) => i % stride === 0);
  const plain = last <= 4 && first >= -3;
  const format = options.format ?? ((value: number) => (plain ? plainNumber(value) : scientific(value, 1)));
  return { type: 'log', domain, ticks, format, label: options.label };
}

/** Depths are their own ticks; the axis is logarithmic when they span a factor of eight or more. */
export function depthAxis(depths: readonly number[], room: number): Axis {
  const [low, high] = extent(depths);
  const type = high >= 8 * low ? 'log' : 'linear';
  const span = high - low;
  const pad = type === 'log' ? 1.18 : Math.max(0.3, span * 0.06);
  const domain: [number, number] = type === 'log' ? [low / pad, high * pad] : [low - pad, high + pad];
  const place = (depth: number) =>
    type === 'log'
      ? Math.log(depth / domain[0]) / Math.log(domain[1] / domain[0])
      : (depth - domain[0]) / (domain[1] - domain[0]);
  const ticks: number[] = [];
  // Keeps labels of neighbouring depths apart; the last depth always has one.
  const sorted = [...new Set(depths)].sort((a, b) => b - a);
  for (const depth of sorted) {
    const before = ticks.at(-1);
    if (before === undefined || (place(before) - place(depth)) * room >= 26) ticks.push(depth);
  }
  return { type, domain, ticks: ticks.reverse(), format: integer, label: 'Depth L (layers or residual blocks)' };
}

/** The decimals that tell neighbouring ticks apart. */
export function plainFormat(ticks: readonly number[]): (value: number) => string {
  const decimals = Math.max(...ticks.map((tick) => String(tick).split('.')[1]?.length ?? 0));
  return (value) => value.toFixed(decimals).replace('-', '−');
}

/** 10 ** −5 is not 1e-5; the parser's is the nearest number. */
function powerOf(exponent: number): number {
  return Number(`1e${exponent}`);
}

function plainNumber(value: number): string {
  return value >= 1 ? integer(value) : String(value);
}

export function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * Moves label positions apart to at least `gap`, inside [low, high], as little as possible: blocks of labels that touch
 * are merged and centred on the mean of what their members wanted (pool adjacent violators).
 */
export function spread(wanted: readonly number[], gap: number, low: number, high: number): readonly number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  // In coordinates shifted by k·gap, "apart by gap" reads "not decreasing".
  const blocks: { sum: number; size: number }[] = [];
  order.forEach((i, k) => {
    blocks.push({ sum: (wanted[i] as number) - k * gap, size: 1 });
    while (blocks.length > 1) {
      const last = blocks.at(-1) as { sum: number; size: number };
      const before = blocks.at(-2) as { sum: number; size: number };
      if (before.sum / before.size <= last.sum / last.size) break;
      blocks.splice(-2, 2, { sum: before.sum + last.sum, size: before.size + last.size });
    }
  });
  const top = high - gap * (wanted.length - 1);
  const shifted = blocks.flatMap((block) => Array<number>(block.size).fill(block.sum / block.size));
  const placed = Array<number>(wanted.length).fill(0);
  order.forEach((i, k) => {
    placed[i] = Math.min(Math.max(shifted[k] as number, low), Math.max(low, top)) + k * gap;
  });
  return placed;
}
