/** The scale at which an activation keeps the variance 1, to the last digits. */

import { activationRecord } from './activations.js';
import type { Nonlinearity } from './layers.js';
import { borders, valueAt } from './pieces.js';
import { refuse, root } from './place.js';

/** σ as a function: scale · φ, and where it is not analytic. */
export interface PhiFunction {
  readonly phi: (u: number) => number;
  readonly kinks: readonly number[];
}

/** The function that a layer applies to each unit, its scale included. */
export function functionOf(layer: Nonlinearity): PhiFunction {
  if (layer.kind === 'tabulated') {
    return { phi: (u) => layer.scale * valueAt(layer.pieces, u), kinks: borders(layer.pieces) };
  }
  const { phi, kinks } = activationRecord(layer.name);
  return { phi: (u) => layer.scale * phi(u, layer.params), kinks };
}

/**
 * √c_σ with c_σ = 1/E σ(u)², u ~ N(0, 1): what σ is multiplied by so that its second moment is 1. Exact where the
 * record knows it, by quadrature elsewhere. [unit-variance]
 */
export function unitVarianceScale(layer: Nonlinearity): number {
  if (layer.kind === 'activation') {
    const keeps = activationRecord(layer.name).preservingScale;
    if (keeps !== null) return keeps(layer.params) / Math.abs(layer.scale);
  }
  const { phi, kinks } = functionOf(layer);
  const moment = normalMean((u) => phi(u) ** 2, kinks);
  if (!(moment >= 1e-280 && moment <= 1e280)) {
    const what = layer.kind === 'activation' ? layer.name : layer.kind;
    refuse(root(), what, `expected a second moment over N(0, 1) from 1e-280 to 1e280, got ${moment}; change its scale`);
  }
  return 1 / Math.sqrt(moment);
}

/** Nodes of a panel, and its greatest length: 20 nodes integrate products of tanh to rounding over a length of 1. */
const order = 20;
const panel = 1;
/** exp(−t²/2) falls below the last digit of the mean at t = 9; the rest is for functions that grow. */
const reach = 14;

const nodes = legendreNodes();

/** E g(u), u ~ N(0, 1), for g analytic between the kinks: Gauss–Legendre panels that end there. [unit-variance] */
function normalMean(g: (u: number) => number, kinks: readonly number[]): number {
  const inside = kinks.filter((kink) => Math.abs(kink) < reach);
  const ends = [...new Set([-reach, ...inside, 0, reach])].sort((a, b) => a - b);
  const terms: number[] = [];
  for (const [i, start] of ends.slice(0, -1).entries()) {
    const length = (ends[i + 1] as number) - start;
    const panels = Math.ceil(length / panel);
    const half = length / panels / 2;
    for (let k = 0; k < panels; k++) {
      const middle = start + (2 * k + 1) * half;
      for (const { at, weight } of nodes) {
        const t = middle + half * at;
        terms.push(half * weight * Math.exp((-t * t) / 2) * g(t));
      }
    }
  }
  // Smallest first: the rounding of a sum is that of its partial sums.
  terms.sort((a, b) => Math.abs(a) - Math.abs(b));
  return terms.reduce((sum, term) => sum + term, 0) / Math.sqrt(2 * Math.PI);
}

/** Zeros of the Legendre polynomial of that order by Newton's method, with their weights. */
function legendreNodes(): readonly { readonly at: number; readonly weight: number }[] {
  return Array.from({ length: order }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (order + 0.5));
    let slope = 1;
    for (let turn = 0; turn < 8; turn++) {
      let [before, now] = [1, x];
      for (let k = 2; k <= order; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
      slope = (order * (x * now - before)) / (x * x - 1);
      x -= now / slope;
    }
    return { at: x, weight: 2 / ((1 - x * x) * slope * slope) };
  });
}
