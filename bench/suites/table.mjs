// @ts-check
// Tables in the angle by themselves.
import { multiplyAdd, own } from './contestants.mjs';

const native = (op, bench, name) => own(op, { bench }, { name, crew: 'steps', times: 1 });

/**
 * One pair from a table that is there.
 * @param {number} depth
 * @param {'float64' | 'float32'} precision
 * @param {number} [target]
 * @returns {import('../harness/vocabulary.js').Case}
 */
function evaluation(depth, precision, target) {
  const real = precision === 'float64' ? 'double' : 'float';
  /** @type {import('../harness/vocabulary.js').FigureRule} */
  const entry = {
    id: 'per entry',
    says: 'CPU time per entry',
    measure: 'cpu',
    of: 'table',
    per: 1e-9,
    unit: 'ns',
    better: 'lower',
  };
  return {
    name: `evaluation, depth ${depth}, ${precision}`,
    quick: true,
    contestants: [native('per pair', `table_pairs<${real}>/${depth}`, 'table'), multiplyAdd(precision)],
    figures: [
      target === undefined ? entry : { ...entry, target },
      {
        id: 'multiply-adds',
        says: 'multiply-adds that a core could do per entry',
        measure: 'cpu',
        of: 'table',
        over: 'multiply-add',
        unit: '×',
        better: 'lower',
      },
    ],
  };
}

/**
 * Making a table, counted in pairs that it then evaluates.
 * @returns {import('../harness/vocabulary.js').Case}
 */
function building(depth, quick) {
  return {
    name: `making it, depth ${depth}, float64`,
    quick,
    contestants: [
      native('per turn', `table_building<double>/${depth}`, 'making the table'),
      native('per pair', 'table_pairs<double>/3', 'table'),
    ],
    figures: [
      {
        id: 'making',
        says: 'CPU time of making the table',
        measure: 'cpu',
        of: 'making the table',
        per: 1e-3,
        unit: 'ms',
        better: 'lower',
        target: 200,
      },
      {
        id: 'pairs',
        says: 'entries that it could evaluate meanwhile',
        measure: 'cpu',
        of: 'making the table',
        over: 'table',
        unit: '×',
        better: 'lower',
        slack: 1.5,
      },
    ],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const table = {
  name: 'table',
  title: 'Tables in the angle',
  about:
    'Without biases and with homogeneous activations a kernel is a function of the angle, tabulated once for all layers. What one entry then costs, from the native benches, on correlations in no order, counted against the multiply-adds that a core can do at its peak; and what making the table takes.',
  cases: [
    evaluation(3, 'float64', 1.1),
    evaluation(1000, 'float64', 2.4),
    evaluation(3, 'float32'),
    building(3, true),
    building(10_000, true),
  ],
};
