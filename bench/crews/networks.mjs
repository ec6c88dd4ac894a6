// @ts-check
// The networks of the benches, by name; bench/peers/layers.py and tangents.py hold the same.
import * as resgram from '../../dist/index.js';

const { activation, conv, dense, head, mlp, network, repeat, residual, serial } = resgram;

/** A bias of variance 0.01, part of the network at initialisation and trained. */
const bias = /** @type {const} */ ({ var: 0.01, init: 'normal', trainable: true });
/** @type {'pool' | 'trace'} */
const pooled = 'pool';
const relu = () => activation('relu', { scale: Math.SQRT2 });

export const networks = {
  /** The plain ReLU network, without biases: c = 2, inner products divided by d. */
  mlp: (depth) => mlp({ depth, inputScale: '1/d' }),
  /** With biases: no function of the angle alone where norms differ, so that layers are gone through one by one. */
  layers(depth, { name = /** @type {'relu' | 'erf' | 'gelu'} */ ('relu') } = {}) {
    const phi = name === 'relu' ? relu() : activation(name);
    const first = [dense({ bias, inputScale: '1/d' }), phi];
    return serial(...first, repeat(depth - 1, serial(dense({ bias }), phi)), dense({ bias }));
  },
  /** Blocks of two 3 × 3 convolutions behind a 1 × 1 one, α = L^-1/2. */
  'two filters'(depth, { reading = pooled } = {}) {
    const circular = /** @type {const} */ ({ padding: 'circular' });
    const body = serial(conv(3, circular), relu(), conv(3, circular));
    return serial(
      conv(1, { ...circular, inputScale: '1/d' }),
      repeat(depth, residual(body, { bodyScale: depth ** -0.5 })),
      head(reading),
      dense(),
    );
  },
  /** Blocks of one 3 × 3 convolution: what a step costs per pair of pixels. */
  'one filter': (depth, { reading = pooled } = {}) =>
    network({ preset: 'barzilai', depth, alpha: { gamma: 0.5 }, head: reading }),
};
