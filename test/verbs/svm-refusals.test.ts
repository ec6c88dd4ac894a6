import { describe, expect, test } from 'vitest';
import { compile, cross, type Gram, gram, mlp, svm, svmFolds } from '../../lib/index.js';
import { native } from '../../lib/native.js';
import { nested, numbers, points, refusal } from './support.js';

const kernel = compile(mlp({ depth: 3 }));
const n = 90;
const x = points(n, 4);
const labels = nested(x).map(([a = 0, b = 0], i) => (i % 9 === 0 ? i % 3 : a > 0.1 ? 0 : b > 0 ? 1 : 2));
const matrix = await gram(kernel, x, 'ntk');
const grid = [0.01, 0.1, 1, 10, 100];

describe('refusals', () => {
  test.each([
    ['one class only', labels.map(() => 4), 'ERR_DATA', 'labels: expected at least two classes, got only 4'],
    ['too few labels', [1, 2], 'ERR_SHAPE', `labels: expected ${n}, one per sample, got 2`],
    [
      'a label that is missing',
      labels.map((one, i) => (i === 5 ? Number.NaN : one)),
      'ERR_DATA',
      'labels: row 5 is missing (NaN); leave such rows out, as repair() does',
    ],
    [
      'labels of two kinds',
      labels.map((one, i) => (i === 5 ? one : 'a')),
      'ERR_DATA',
      `labels: expected all strings or all numbers, got "a" in row 0 and ${labels[5]} in row 5`,
    ],
    [
      'no labels',
      undefined,
      'ERR_ARGUMENT',
      'labels: expected a list of strings or of numbers, one for each sample, got undefined',
    ],
  ] as const)('%s', async (_name, given, code, message) => {
    expect((await refusal(() => svm(matrix, given as never), code)).message).toBe(message);
  });

  test.each([
    ['c', 0, 'c: expected a finite number above 0, or a list of from 1 to 1000 of them, got 0'],
    ['c', [], 'c: expected a finite number above 0, or a list of from 1 to 1000 of them, got an array of 0'],
    [
      'c',
      [1, Number.NaN],
      'c: expected a finite number above 0, or a list of from 1 to 1000 of them, got an array of 2',
    ],
    ['tolerance', 0, 'tolerance: expected a number above 0 and below 1, got 0'],
    ['maxIterations', 0, 'maxIterations: expected an integer from 1 to 9007199254740991, got 0'],
    ['shrinkng', true, "options: unknown option 'shrinkng'; did you mean 'shrinking'? known: signal"],
  ])('option %s of %j', async (name, value, message) => {
    const { message: said } = await refusal(() => svm(matrix, labels, { [name]: value }), 'ERR_ARGUMENT');
    expect(said.slice(0, message.length)).toBe(message);
  });

  test('too few iterations: ERR_NO_CONVERGENCE with what is left', async () => {
    const error = await refusal(() => svm(matrix, labels, { c: 100, maxIterations: 3 }), 'ERR_NO_CONVERGENCE');
    expect(error.message).toMatch(
      /^after 3 iterations with C = 100 the optimality conditions are violated by [\d.]+, more than the tolerance 0.001; /,
    );
    expect(error.details).toMatchObject({ iterations: 3 });
  });

  test('a kernel with other samples', async () => {
    const machine = await svm(matrix, labels);
    const { message } = await refusal(() => machine.classify({ data: numbers(10), shape: [2, 5] }), 'ERR_SHAPE');
    expect(message).toBe(`k: expected ${n} columns, one per sample of the training, got 5`);
  });

  test('kernels of other points in a unit that is none, or of another kernel', async () => {
    const machine = await svm(matrix, labels);
    const across = await cross(kernel, points(2, 4, 3), x, ['nngp', 'ntk']);
    const beyond = "k: its logScale is 10000 from what the Gram's asks for, beyond the range of doubles";
    for (const [k, code, message] of [
      [{ ...across.ntk, logScale: Number.NaN }, 'ERR_ARGUMENT', 'k.logScale: expected a finite number, got NaN'],
      [{ ...across.ntk, logScale: 'a' }, 'ERR_ARGUMENT', 'k.logScale: expected a finite number, got "a"'],
      [{ ...across.ntk, logScale: 1e4 }, 'ERR_RANGE', beyond],
      [across.nngp, 'ERR_ARGUMENT', 'k: expected the ntk, as the Gram is, got "nngp"'],
      [{ ...matrix, kernel: 'nngp' }, 'ERR_ARGUMENT', 'k: expected the ntk, as the Gram is, got "nngp"'],
    ] as const) {
      expect((await refusal(() => machine.decide(k as never), code)).message).toBe(message);
      expect((await refusal(() => machine.classify(k as never), code)).message).toBe(message);
    }
  });

  test('numbers that overflow: ERR_RANGE, also among folds', async () => {
    const side = Array.from({ length: 4 }, (_, i) => (i < 2 ? 1 : -1));
    const values = Float64Array.from(side.flatMap((a, i) => side.map((b, j) => (i === j ? 0 : -a * b) * 8e307)));
    const huge: Gram = { kernel: 'ntk', size: 4, values, logScale: 0 };
    const message =
      'the optimisation with C = 10 leaves the range of doubles; a smaller C or a matrix of smaller numbers helps';
    expect((await refusal(() => svm(huge, side, { c: 10 }), 'ERR_RANGE')).message).toBe(message);
    const folds = [{ train: [0, 1, 2, 3], test: [0] }];
    expect((await refusal(() => svmFolds(huge, side, folds, { c: 10 }), 'ERR_RANGE')).message).toBe(message);
  });

  test('decisions that overflow: ERR_RANGE, and neither infinite nor a vote', async () => {
    const small: Gram = { kernel: 'ntk', size: 2, values: Float64Array.of(0.01, 0, 0, 0.01), logScale: 0 };
    const machine = await svm(small, ['a', 'b'], { c: 1000 });
    expect([...(await machine.decide({ data: Float64Array.of(1e300, 0), shape: [1, 2] })).data]).toEqual([1e302]);
    for (const k of [
      [1e308, -1e308],
      [1e308, 1e308],
    ]) {
      const points = { data: Float64Array.from([0, 0, ...k]), shape: [2, 2] };
      for (const call of [machine.decide, machine.classify]) {
        const { message } = await refusal(() => call(points), 'ERR_RANGE');
        expect(message).toBe('decisions leave the range of doubles; a matrix of smaller numbers or a smaller C helps');
      }
    }
  });

  test('numbers that are not finite', async () => {
    const values = matrix.values.slice();
    values[3 * n + 4] = Number.NaN;
    const { message } = await refusal(() => svm({ ...matrix, values }, labels), 'ERR_NOT_FINITE');
    expect(message).toBe('gram.values: row 3, column 4 is NaN; expected finite numbers');
  });

  test.each([
    ['no folds', [], 'folds: expected an array of at least one fold, got an array of 0'],
    [
      'a row that is not there',
      [{ train: [0, n], test: [1] }],
      `folds[0].train[1]: expected an integer from 0 to ${n - 1}, got ${n}`,
    ],
    ['a row twice', [{ train: [0, 1], test: [1, 1] }], 'folds[0].test[1]: expected every index once, got 1 again'],
    [
      'a fold of one class',
      [{ train: [0, 9], test: [1] }],
      'folds[0].train: expected samples of two classes or more, got 2 of the class 0',
    ],
  ])('%s', async (_name, folds, message) => {
    const given = labels.map((label, i) => (i === 9 ? labels[0] : label)) as number[];
    expect((await refusal(() => svmFolds(matrix, given, folds), 'ERR_ARGUMENT')).message).toBe(message);
  });
});

test('machines beyond the memory are refused before any is trained', async () => {
  const distinct = labels.map((_, i) => i);
  const c = Array.from({ length: 1000 }, (_, i) => i + 1);
  const rows = distinct.slice();
  const folds = Array.from({ length: 10_000 }, () => ({ train: rows, test: [0] }));
  // 90 samples against 89 classes each, for every fold and C.
  const { message, details } = await refusal(() => svmFolds(matrix, distinct, folds, { c }), 'ERR_OUT_OF_MEMORY');
  expect(message).toMatch(
    /^support vector machines for 90 samples: needs \d+ MiB, .*; use fewer rows, folds, values of c/,
  );
  expect(details?.needed).toBeGreaterThan(8 * folds.length * c.length * n * (n - 1));
});

test('the verb itself refuses a matrix of no rows', () => {
  const { Matrix, svmTrain, svmFolds: folds } = native();
  const [none, settings] = [new Float64Array(), [Float64Array.of(1), 1e-3, 100, true, true] as const];
  const message = 'matrix and classes: expected a square matrix of at least one row and a class for each';
  expect(() => svmTrain(new Matrix(0, 0), none, settings, none, none, 1)).toThrow(message);
  expect(() => folds(new Matrix(0, 0), none, [none], [none], settings, [none], 1)).toThrow(message);
});

describe('long trainings', () => {
  // Labels by chance, a linear kernel of rank 3 and a large C: nothing that converges soon.
  const many = 600;
  const hard = points(many, 3, 5);
  const chance = Array.from(numbers(many, 11), (u) => (u > 0 ? 1 : 0));
  const rows = nested(hard);
  const values = Float64Array.from(
    rows.flatMap((a) => rows.map((b) => a.reduce((sum, v, k) => sum + v * (b[k] ?? 0), 0))),
  );
  const square: Gram = { kernel: 'ntk', size: many, values, logScale: 0 };

  test('end when they are aborted', async () => {
    const controller = new AbortController();
    const running = svm(square, chance, { c: 1e9, tolerance: 1e-9, maxIterations: 1e12, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(running).rejects.toThrow('enough');
    // The line is free again.
    expect((await svm(matrix, labels)).classes).toEqual([0, 1, 2]);
  });

  test('tell how far they are', async () => {
    const seen: number[] = [];
    await svm(matrix, labels, { c: grid, onProgress: ({ done, total }) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
  });
});
