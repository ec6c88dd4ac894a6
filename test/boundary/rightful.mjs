// What the calls of the fuzz test are right about where they are right: made once, before anything hostile happens.
import { compile, dense, huang, mlp, sync, tirer } from '../../dist/index.js';

const samples = [
  [1, 2],
  [3, 1],
  [0, 1],
  [2, 2],
];
const others = [
  [1, 1],
  [2, 3],
];

export const kernels = [
  compile(mlp({ depth: 2 })),
  compile(huang({ depth: 2, alpha: 0.3 })),
  compile(tirer({ depth: 1, alpha: 0.1 })),
  compile(mlp({ depth: 1, activation: 'gelu' })),
];
export const disposed = compile(dense({ inputScale: '1' }));
disposed.dispose();
export const gramMatrix = sync.gram(kernels[0], samples, 'ntk');
export const sampled = sync.sample(mlp({ depth: 2 }), { width: 4, shape: 2 });
export const sides = {
  train: sync.gram(kernels[0], samples, ['nngp', 'ntk']),
  cross: sync.cross(kernels[0], others, samples, ['nngp', 'ntk']),
  test: sync.gram(kernels[0], others, 'nngp'),
};
export const model = sync.regress(kernels[0], samples.slice(0, 2), [1, 2], { ridge: 0.1 });
