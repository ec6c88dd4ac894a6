// @ts-check
// What depth costs: a function of the angle alone can be tabulated once for all layers.
import { faster, numpyLoop, points, resgram, syrk, tangents, timesLimit } from './contestants.mjs';

/**
 * One depth, beside the same limit, the layer loop and neural-tangents.
 * @param {number} n
 * @param {number} depth
 * @param {{ quick?: boolean, loop?: boolean, peer?: { target?: number }, seconds?: number }} options
 * @returns {import('../harness/vocabulary.js').Case}
 */
function deep(n, depth, { quick = false, loop = false, peer, seconds = 60 }) {
  const x = points(n, 784);
  return {
    name: `n = ${n}, depth ${depth}`,
    quick,
    group: `n = ${n}, d = 784, float64`,
    x: depth,
    agreement: 1e-6,
    contestants: [
      resgram({ network: 'mlp', depth, x }, { atMost: seconds }),
      syrk(x),
      ...(loop ? [numpyLoop({ depth, x }, { rounds: quick ? 3 : 1 })] : []),
      ...(peer === undefined ? [] : [tangents({ depth, x }, { rounds: quick ? 3 : 2 })]),
    ],
    figures: [
      timesLimit('dsyrk', n >= 4000 ? 1.15 : undefined),
      ...(loop ? [faster('NumPy loop')] : []),
      ...(peer === undefined ? [] : [{ ...faster('neural-tangents', peer.target), slack: 1.5 }]),
    ],
  };
}

/**
 * The deepest network beside the shallowest, in turns.
 * @returns {import('../harness/vocabulary.js').Case}
 */
function deepest(n, quick) {
  const x = points(n, 784);
  const at = (depth) => ({
    ...resgram({ network: 'mlp', depth, x }, { atMost: quick ? 20 : 60 }),
    name: `depth ${depth}`,
  });
  return {
    name: `n = ${n}, depth 10,000 against depth 1`,
    quick,
    contestants: [at(1), at(10_000)],
    figures: [
      {
        id: 'deep over shallow',
        says: 'depth 10,000 takes so many times as long as depth 1',
        measure: 'cpu',
        of: 'depth 10000',
        over: 'depth 1',
        unit: '×',
        better: 'lower',
        ...(quick ? {} : { target: 1.1 }),
      },
    ],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const depth = {
  name: 'depth',
  title: 'Depth',
  about:
    'The NTK of ReLU networks without biases over their depth, d = 784, float64, one thread. neural-tangents runs jitted, compiled beforehand, pinned to one CPU, layers listed below depth 10 and through stax.repeat from there, whichever is its faster way; it computes NNGP and NTK over all n² entries.',
  x: 'depth L',
  cases: [
    deep(1000, 1, { quick: true, loop: true }),
    deep(1000, 2, { quick: true, peer: {} }),
    deep(1000, 10, { quick: true, loop: true, peer: {} }),
    deep(1000, 100, { quick: true, seconds: 20 }),
    deep(4000, 1, { loop: true }),
    deep(4000, 2, { loop: true, peer: { target: 8 } }),
    deep(4000, 10, { loop: true, peer: { target: 20 } }),
    deep(4000, 50, { peer: { target: 80 } }),
    deep(4000, 1000, {}),
    deep(4000, 10_000, {}),
    deepest(1000, true),
    deepest(4000, false),
  ],
};
