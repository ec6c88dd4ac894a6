// @ts-check
// Kernels of one network of finite width, beside what JAX makes of them; the tangent hierarchy beside products of the BLAS.
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

/**
 * K⁽³⁾ of a dense network, beside one product of the BLAS.
 * @param {{ n: number, width: number, depth: number, quick?: boolean }} options
 * @returns {import('../harness/vocabulary.js').Case}
 */
function third({ n, width, depth, quick = false }) {
  const args = { x: points(n, 20), width, depth, order: 3 };
  const [rows, columns] = [1024, 2048];
  // Tangents of all pairs through the weights of hidden layers, and the bilinear forms of every point over all layers.
  const multiplyAdds = n * n * width * width * (depth - 1) + n * n * n * width * 2 * depth;
  return {
    name: `K⁽³⁾ of a tanh network, n = ${n}, width ${width}, depth ${depth}, float64`,
    quick,
    contestants: [
      own('hierarchy', args),
      own('hierarchy', { ...args, threads: 2 }, { name: 'resgram, 2 threads' }),
      limit('dgemm', 'product', { x: points(rows, columns), routine: 'gemm', precision: 'float64' }),
    ],
    figures: [
      {
        id: 'share of dgemm',
        says: 'of the rate of one large product of the BLAS',
        measure: 'cpu',
        of: 'dgemm',
        over: 'resgram',
        per: (rows * rows * columns) / multiplyAdds,
        unit: '×',
        better: 'higher',
        target: 0.4,
      },
      {
        id: 'wall time, 2 threads',
        says: 'wall time on two threads',
        measure: 'wall',
        of: 'resgram, 2 threads',
        unit: 's',
        better: 'lower',
        target: 2,
      },
    ],
  };
}

/** What the calling thread does before a job begins, which nothing else in the process can use. */
const layout = {
  name: 'laying out 20 filters over 224 × 224 pixels',
  quick: true,
  contestants: [own('layout', { depth: 20, side: 224 })],
  figures: [
    {
      id: 'blocked',
      says: 'time for which the calling thread is blocked',
      measure: /** @type {const} */ ('wall'),
      of: 'resgram',
      per: 1e-3,
      unit: /** @type {const} */ ('ms'),
      better: /** @type {const} */ ('lower'),
      target: 10,
    },
  ],
};

/** @type {import('../harness/vocabulary.js').Suite} */
export const finite = {
  name: 'finite',
  title: 'Networks of finite width',
  about:
    'The NTK of one network on data, one thread on both sides, float64, with the same weights. resgram keeps the signals of as many samples as 64 MiB hold. neural-tangents in its fastest way, structured derivatives, which like resgram multiplies inputs and cotangents of layers; “Jacobian” is the product of Jacobians that one writes by hand in JAX, where memory allows it. K⁽³⁾ is counted in the multiply-adds of its matrix products alone, and timed against one such product.',
  cases: [
    ntk({ n: 64, width: 256, depth: 4, jacobian: true, quick: true }),
    ntk({ n: 200, width: 1024, depth: 4, jacobian: true }),
    third({ n: 16, width: 256, depth: 3, quick: true }),
    third({ n: 32, width: 1024, depth: 4 }),
    layout,
  ],
};
