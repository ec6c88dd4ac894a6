/** Expectations over normal variables by plain Gauss–Legendre panels that end where a kink may be. */

export interface Rule {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

/** Nodes and weights on [−1, 1], by Newton's method on the Legendre polynomial. */
export function gaussLegendre(count: number): Rule {
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let i = 1; i <= count; i++) {
    let x = Math.cos((Math.PI * (i - 0.25)) / (count + 0.5));
    let slope = 0;
    for (let turn = 0; turn < 20; turn++) {
      let before = 1;
      let now = x;
      for (let k = 2; k <= count; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
      slope = (count * (x * now - before)) / (x * x - 1);
      x -= now / slope;
    }
    nodes.push(x);
    weights.push(2 / ((1 - x * x) * slope * slope));
  }
  return { nodes, weights };
}

const rule = gaussLegendre(16);
const reach = 9.5;

/** E g(t), t standard normal; g analytic between the given kinks and not much faster than `scale` allows. */
export function mean(g: (t: number) => number, kinks: readonly number[], scale: number): number {
  const width = Math.min(1.5, 1.5 / scale);
  const inside = kinks.filter((kink) => Math.abs(kink) < reach);
  const ends = [...new Set([-reach, reach, ...inside])].sort((a, b) => a - b);
  let sum = 0;
  for (const [i, start] of ends.slice(0, -1).entries()) {
    const length = (ends[i + 1] as number) - start;
    const pieces = Math.ceil(length / width);
    for (let piece = 0; piece < pieces; piece++) {
      const half = length / pieces / 2;
      const middle = start + (2 * piece + 1) * half;
      for (const [k, node] of rule.nodes.entries()) {
        const t = middle + half * node;
        sum += half * (rule.weights[k] as number) * Math.exp((-t * t) / 2) * g(t);
      }
    }
  }
  return sum / Math.sqrt(2 * Math.PI);
}

/** E g(u) g(v) for (u, v) of variances a, b and correlation ρ; g analytic between its kinks. */
export function product(
  g: (u: number) => number,
  a: number,
  b: number,
  rho: number,
  kinks: readonly number[] = [0],
): number {
  const across = Math.sqrt(b * (1 - rho * rho));
  const along = Math.sqrt(b) * rho;
  return mean(
    (s) => {
      const at = along * s;
      const shifted = kinks.map((kink) => (kink - at) / across);
      const inner = across === 0 ? g(at) : mean((t) => g(at + across * t), shifted, across);
      return g(Math.sqrt(a) * s) * inner;
    },
    // Where u has a kink, and where v has one that little noise rounds off.
    kinks.flatMap((kink) => [kink / Math.sqrt(a), kink / along]),
    Math.sqrt(Math.max(a, b)),
  );
}
