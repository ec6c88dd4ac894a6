// @ts-check
// The kernels that are tried on every set, by group: those that come from one kind of network.
import { activation, compile, dense, gram, gramSweep, serial } from '../../dist/index.js';

/**
 * @typedef {import('../../dist/index.js').Gram} Gram
 * @typedef {{ id: string, methods: string[], gram(x: import('../../dist/index.js').Tensor): Promise<Gram> }} Candidate
 */

const hiddenLayers = [0, 1, 2, 3, 4];
const here = { threads: 1 };

/**
 * A bias-free ReLU network, every layer of weights of variance 1, so that each activation halves the covariance; the first
 * `fixed` of its layers of weights are not trained. With no hidden layer its kernel is ⟨x, z⟩, with all but the last layer
 * fixed the tangent kernel is the NNGP kernel.
 */
export function frozenMlp(hidden, fixed) {
  const weights = (layer) => ({ weightVar: 1, trainable: layer >= fixed });
  /** @type {import('../../dist/index.js').Layer[]} */
  const layers = [dense({ inputScale: '1', ...weights(0) })];
  for (let layer = 1; layer <= hidden; layer++) layers.push(activation('relu'), dense(weights(layer)));
  return serial(...layers);
}

/** @type {Candidate[]} In the order of the published protocol: by depth, then by fixed layers. */
const mlps = hiddenLayers.flatMap((hidden) =>
  Array.from({ length: hidden + 1 }, (_, fixed) => ({
    id: `${hidden} hidden, ${fixed} fixed`,
    methods: fixed === hidden ? ['MLP NTK', 'MLP NNGP'] : ['MLP NTK'],
    gram: async (x) => {
      const kernel = compile(frozenMlp(hidden, fixed));
      try {
        return await gram(kernel, x, 'ntk', here);
      } finally {
        kernel.dispose();
      }
    },
  })),
);

const depths = [2, 5, 10];
const alphas = [0.3, 1];

/**
 * h_l = h_{l−1} + α V relu(W h_{l−1}), no biases, all depths of one α from one sweep, kept for as long as one set is looked at.
 * @returns {Candidate[]}
 */
function resnets() {
  const swept = new WeakMap();
  const sweepOf = (x, alpha, which) => {
    const kept = swept.get(x);
    const key = `${alpha} ${which}`;
    if (kept?.key === key) return kept.grams;
    const grams = gramSweep({ preset: 'huang', alpha }, depths, x, which, here);
    swept.set(x, { key, grams });
    return grams;
  };
  return ['ntk', 'nngp'].flatMap((which) =>
    alphas.flatMap((alpha) =>
      depths.map((depth, i) => ({
        id: `${depth} blocks, alpha ${alpha}`,
        methods: [`ResNet ${which.toUpperCase()}`],
        gram: async (x) => (await sweepOf(x, alpha, which))[i],
      })),
    ),
  );
}

/** @type {Readonly<Record<string, Candidate[]>>} */
export const groups = { mlp: mlps, resnet: resnets() };

/** What each method tries, for the page. */
export const families = Object.freeze({
  'MLP NTK': `${mlps.length} kernels: ${hiddenLayers.length - 1} hidden layers or fewer, each with every number of first layers fixed`,
  'MLP NNGP': `${hiddenLayers.length} kernels: ${hiddenLayers.length - 1} hidden layers or fewer`,
  'ResNet NTK': `${alphas.length * depths.length} kernels: ${depths.join(', ')} blocks, α = ${alphas.join(', ')}`,
  'ResNet NNGP': `${alphas.length * depths.length} kernels: the same networks`,
});
