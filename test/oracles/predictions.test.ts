/**
 * Training and inference as neural_tangents computes them, in this package's terms:
 *
 *   diag_reg                  relativeRidge, or ridge with diag_reg_absolute_scale; ridgeAs: 'features'
 *   learning_rate             learningRate of flow
 *   loss ½ mean of squares    average: 'entries'
 *   t = None                  Infinity
 *   gradient_descent_mse      dynamics; fx_train_0 and fx_test_0 are initial.train and initial.test
 *   gradient_descent_mse_ensemble, gp_inference    ensemble, trainedBy 'ntk' or 'nngp'
 *   max_learning_rate         stabilityLimit
 *
 * Its NTK is off by up to 2e-7 relative on the diagonal, its NNGP by rounding.
 */

import { afterAll, describe, expect, test } from 'vitest';
import { compile } from '../../lib/kernel.js';
import { sync } from '../../lib/sync.js';
import type { Tensor } from '../../lib/tensor.js';
import {
  inferences,
  learningRateLimits,
  predictionData,
  predictionNetworks,
  trainingRuns,
} from '../golden/predictions.js';
import type { Matrix } from '../golden/tangents.js';
import { ledger } from './ledger.js';

const book = ledger('neural_tangents.json, predictions');
afterAll(() => {
  console.log(book.line());
});

const names = ['nngp', 'ntk'] as const;
const { X, Z, Y } = predictionData;

const kernels = new Map(
  [...predictionNetworks()].map(([name, network]) => {
    using kernel = compile(network);
    const train = sync.gram(kernel, X, names);
    const cross = sync.cross(kernel, Z, X, names);
    return [name, { train, cross, test: sync.gram(kernel, Z, 'nngp') }] as const;
  }),
);

function kernelsOf(name: string) {
  const found = kernels.get(name);
  if (found === undefined) throw new Error(`no network '${name}'`);
  return found;
}

/** Every number to `tolerance` of the largest of its matrix. */
function judge(kind: string, got: Tensor, want: Matrix, tolerance: number, at: string): void {
  const flat = want.flat();
  expect(got.data.length, at).toBe(flat.length);
  const size = Math.max(...flat.map(Math.abs));
  for (const [i, value] of flat.entries()) {
    const deviation = book.note(kind, got.data[i] as number, value, size, at);
    expect(deviation, `${kind}, ${at}, number ${i}`).toBeLessThanOrEqual(tolerance);
  }
}

const tolerances = { nngp: 1e-12, ntk: 2e-8 } as const;

test('the file has what is expected of it', () => {
  expect(trainingRuns().length).toBe(30);
  expect(learningRateLimits().length).toBe(2);
  expect(inferences().length).toBe(2);
  expect(new Set(trainingRuns().map(({ t }) => t))).toEqual(new Set([0.1, 1, 10, 100, null]));
});

for (const net of kernels.keys()) {
  describe(net, () => {
    const given = kernelsOf(net);
    for (const run of trainingRuns().filter((row) => row.net === net)) {
      const { t, diag_reg, diag_reg_absolute_scale: absolute, ensemble, mse } = run;
      const at = `${net}, t = ${t ?? '∞'}, diag_reg = ${diag_reg}${absolute ? ' absolute' : ''}`;
      const options = {
        times: [t ?? Number.POSITIVE_INFINITY],
        learningRate: run.learning_rate,
        average: 'entries',
        ...(absolute ? { ridge: diag_reg } : { relativeRidge: diag_reg }),
      } as const;

      test(`gradient_descent_mse at ${at}`, () => {
        const flow = { ...options, cross: given.cross.ntk, ridgeAs: 'features' } as const;
        const zero = sync.dynamics(given.train.ntk, Y, flow);
        judge('of f_train', zero.train, mse.f_train_zero_init, tolerances.ntk, at);
        judge('of f_test', zero.test as Tensor, mse.f_test_zero_init, tolerances.ntk, at);
        const initial = { train: predictionData.f0_train, test: predictionData.f0_test };
        const moved = sync.dynamics(given.train.ntk, Y, { ...flow, initial });
        judge('of f_train, given f(0)', moved.train, mse.f_train_given_f0, tolerances.ntk, at);
        judge('of f_test, given f(0)', moved.test as Tensor, mse.f_test_given_f0, tolerances.ntk, at);
      });

      for (const trainedBy of names) {
        test(`gradient_descent_mse_ensemble, ${trainedBy}, at ${at}`, () => {
          const found = sync.ensemble(given, Y, { ...options, trainedBy });
          const tolerance = tolerances[trainedBy];
          judge(`of the ${trainedBy} mean`, found.mean, ensemble[`${trainedBy}_mean`], tolerance, at);
          judge(
            `of the ${trainedBy} mean in training`,
            found.trainMean,
            ensemble[`train_${trainedBy}_mean`],
            tolerance,
            at,
          );
          const want = ensemble[`${trainedBy}_cov`];
          judge(`of the ${trainedBy} covariance`, found.covariance as Tensor, want, tolerance, at);
          const diagonal = {
            kernel: 'nngp',
            values: Float64Array.from(Z, (_, j) => given.test.values[j * (Z.length + 1)] as number),
            logScale: 0,
          } as const;
          const variances = sync.ensemble({ ...given, test: diagonal }, Y, { ...options, trainedBy });
          expect(variances.covariance).toBeUndefined();
          const [wanted] = [[want.map((row, j) => row[j] as number)]];
          judge(`of the ${trainedBy} variance`, variances.variance, wanted, tolerance, at);
        });
      }
    }
  });
}

test('gp_inference', () => {
  for (const { diag_reg, ...want } of inferences()) {
    for (const trainedBy of names) {
      const options = { times: [Number.POSITIVE_INFINITY], relativeRidge: diag_reg, trainedBy } as const;
      const found = sync.ensemble(kernelsOf('mlp'), Y, options);
      const at = `diag_reg = ${diag_reg}`;
      judge(`of inference by the ${trainedBy}`, found.mean, want[`${trainedBy}_mean`], tolerances[trainedBy], at);
      judge(`of its covariance`, found.covariance as Tensor, want[`${trainedBy}_cov`], tolerances[trainedBy], at);
    }
  }
});

test('max_learning_rate without momentum', () => {
  for (const { net, max_learning_rate, y_train_size, momentum } of learningRateLimits()) {
    expect(momentum).toBe(0);
    expect(y_train_size).toBe(Y.flat().length);
    const { stabilityLimit } = sync.dynamics(kernelsOf(net).train.ntk, Y, { times: [0], average: 'entries' });
    expect(book.note('of a learning rate', stabilityLimit, max_learning_rate, max_learning_rate, net)).toBeLessThan(
      1e-9,
    );
  }
});
