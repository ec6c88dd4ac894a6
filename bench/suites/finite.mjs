// @ts-check
// Kernels of one network of finite width, beside what JAX makes of them.
import { faster, limit, own, peer, points, timesLimit } from './contestants.mjs';

/**
 * The empirical NTK of a dense network with one output.
 * @param {{ n: number, width: number, depth: number, jacobian?: boolean, quick?: boolean }} options
 * @returns {import('../harness/vocabulary.js').Case}
 */
function ntk({ n, width, depth, jacobian = false, quick = false }) {
  const dimension = 100;
  const parameters = dimension * width + (depth - 1) * width * width + width;
  const args = { x: points(n, dimension), w: points(parameters), width, depth };
  const bytes = 64 * 2 ** 20;
  const tangents = (name, way, more = {}) => peer(name, 'tangents', 'empirical', { ...args, way }, more);
  const structured = tangents('neural-tangents', 'STRUCTURED_DERIVATIVES');
  // Forward, backward through all but the first layer, and two triangles of Gram matrices for each.
  const multiplyAdds =
    n * (parameters + (depth - 1) * width * width) + (n * n * (2 * depth * width + dimension + width)) / 2;
  return {
    name: `NTK of a ReLU network, n = ${n}, width ${width}, depth ${depth}, float64`,
    quick,
    agreement: 1e-10,
    contestants: [
      own('empirical', { ...args, maxBytes: bytes }),
      structured,
      ...(jacobian ? [tangents('JAX, Jacobian', 'jacobian', { rounds: 1 })] : []),
      limit('multiply-add', 'multiply-adds', { precision: 'float64' }),
    ],
    figures: [
      faster('neural-tangents'),
      ...(jacobian ? [faster('JAX, Jacobian', 5)] : []),
      {
        ...timesLimit('multiply-add'),
        id: 'of the peak rate',
        says: 'times what its multiply-adds take at the peak rate of a core',
        per: multiplyAdds,
      },
    ],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const finite = {
  name: 'finite',
  title: 'Networks of finite width',
  about:
    'The NTK of one network on data, one thread on both sides, float64, with the same weights. resgram keeps the signals of as many samples as 64 MiB hold. neural-tangents in its fastest way, structured derivatives, which like resgram multiplies inputs and cotangents of layers; “Jacobian” is the product of Jacobians that one writes by hand in JAX, where memory allows it.',
  cases: [
    ntk({ n: 64, width: 256, depth: 4, jacobian: true, quick: true }),
    ntk({ n: 200, width: 1024, depth: 4, jacobian: true }),
  ],
};
