// @ts-check
// What one layer costs per pair of points where layers are gone through one by one.
import { multiplyAdd, numpyLoop, own, points, resgram } from './contestants.mjs';

/**
 * The vector step itself, from the native benches.
 * @param {string} name
 * @param {'float64' | 'float32'} precision
 * @param {number} [target]
 * @returns {import('../harness/vocabulary.js').Case}
 */
function step(name, precision, target) {
  return {
    name: `step ${name}, ${precision}`,
    quick: true,
    contestants: [
      own(
        'per pair',
        { bench: `widest/${name}/${precision === 'float64' ? 'f64' : 'f32'}` },
        { name: 'step', crew: 'steps', times: 1 },
      ),
      multiplyAdd(precision),
    ],
    figures: perLayer('step', 1, { target }),
  };
}

/**
 * @param {string} of
 * @param {number} per
 * @param {{ target?: number, minus?: string }} more
 * @returns {import('../harness/vocabulary.js').FigureRule[]}
 */
function perLayer(of, per, { target, minus }) {
  const common = {
    measure: /** @type {const} */ ('cpu'),
    of,
    ...(minus === undefined ? {} : { minus }),
    better: /** @type {const} */ ('lower'),
  };
  /** @type {import('../harness/vocabulary.js').FigureRule} */
  const nanoseconds = { id: 'per layer', says: 'CPU time per entry and layer', ...common, per: per * 1e-9, unit: 'ns' };
  const judged = target === undefined ? nanoseconds : { ...nanoseconds, target };
  if (minus !== undefined) return [judged];
  const says = 'multiply-adds that a core could do per entry and layer';
  return [judged, { id: 'multiply-adds', says, ...common, over: 'multiply-add', per, unit: '×' }];
}

/**
 * Of whole matrices: what forty more layers take, per distinct entry.
 * @returns {import('../harness/vocabulary.js').Case}
 */
function layers(name, precision, n) {
  const args = (depth) => ({ network: 'layers', depth, options: { name }, x: points(n, 20), precision });
  const contestants = [10, 50].map((depth) => resgram(args(depth), { name: `depth ${depth}` }));
  const loop = [2, 4].map((depth) =>
    numpyLoop(
      { depth, phi: name, bias: 0.01, x: points(n, 20), precision },
      { name: `NumPy, depth ${depth}`, rounds: 3 },
    ),
  );
  return {
    name: `matrix with biases, ${name}, ${precision}`,
    quick: true,
    contestants: [...contestants, ...loop],
    figures: [
      ...perLayer('depth 50', (40 * n * (n + 1)) / 2, { minus: 'depth 10' }),
      {
        id: 'NumPy per layer',
        says: 'the NumPy loop: CPU time per entry and layer',
        measure: 'cpu',
        of: 'NumPy, depth 4',
        minus: 'NumPy, depth 2',
        per: 2 * n * n * 1e-9,
        unit: 'ns',
        better: 'lower',
      },
      {
        id: 'deep over NumPy',
        says: 'resgram at depth 50 over NumPy at depth 4',
        measure: 'cpu',
        of: 'depth 50',
        over: 'NumPy, depth 4',
        unit: '×',
        better: 'lower',
      },
    ],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const steps = {
  name: 'steps',
  title: 'Layer by layer',
  about:
    'Where a kernel is no function of the angle alone (biases, activations that are not homogeneous, unequal norms) the layers are gone through one by one. The vector steps by themselves come from the native benches, counted against the multiply-adds that a core can do at its peak; whole matrices give the difference between depth 50 and depth 10, per distinct entry, beside the NumPy loop.',
  cases: [
    step('relu', 'float64', 1.2),
    step('relu', 'float32', 0.3),
    step('biased relu', 'float64'),
    step('biased erf', 'float64'),
    step('biased gelu', 'float64'),
    layers('relu', 'float64', 600),
    layers('relu', 'float32', 600),
    layers('erf', 'float64', 600),
    layers('gelu', 'float64', 600),
  ],
};
