import { describe, expect, test } from 'vitest';
import { compile, cross, dynamics, type Gram, gram, huang, spectrum } from '../../lib/index.js';
import { numbers, points, refusal } from './support.js';
import { at, combine, largest, times as product, type Rows, rowsOf, solved } from './training.js';

const [n, m, c] = [20, 7, 2];
const kernel = compile(huang({ depth: 3, alpha: 0.5 }));
const train = points(n, 4, 11);
const y = rowsOf(numbers(n * c, 13), c);
const matrix = await gram(kernel, train, 'ntk');
const across = await cross(kernel, points(m, 4, 12), train, 'ntk');

const gap = (a: Rows, b: Rows) => largest(combine(a, b, -1));

describe('bad input', () => {
  const run = (options: object, targets: unknown = y, source: unknown = matrix) =>
    dynamics(source as Gram, targets as never, { times: [1], ...options } as never);

  test('is refused by name', async () => {
    for (const [options, code, message] of [
      [{ times: [] }, 'ERR_ARGUMENT', 'times: expected from 1 to 10000 times, got an array of 0'],
      [{ times: [1, -1] }, 'ERR_ARGUMENT', 'times[1]: expected a number from 0 on, or Infinity, got -1'],
      [{ times: [Number.NaN] }, 'ERR_ARGUMENT', 'times[0]: expected a number from 0 on, or Infinity, got NaN'],
      [{ times: 3 }, 'ERR_ARGUMENT', 'times: expected a list of numbers, got 3'],
      [
        { times: [0.5], method: 'descent', learningRate: 1e-3 },
        'ERR_ARGUMENT',
        'times[0]: expected a whole number of steps from 0 on, or Infinity, got 0.5',
      ],
      [{ method: 'newton' }, 'ERR_ARGUMENT', "method: expected 'flow' or 'descent', got \"newton\""],
      [{ learningRate: 0 }, 'ERR_ARGUMENT', 'learningRate: expected a finite number above 0, got 0'],
      [{ ridge: -1 }, 'ERR_ARGUMENT', 'ridge: expected a finite number of at least 0, got -1'],
      [{ ridge: 1, relativeRidge: 1 }, 'ERR_ARGUMENT', 'options: expected ridge or relativeRidge, got both'],
      [
        { validation: [1] },
        'ERR_ARGUMENT',
        'validation: values at test points need `cross`, their kernel with the training points',
      ],
      [
        { initial: { test: [1] } },
        'ERR_ARGUMENT',
        'initial.test: values at test points need `cross`, their kernel with the training points',
      ],
      [
        { initial: { trian: y } },
        'ERR_ARGUMENT',
        "initial: unknown option 'trian'; did you mean 'train'? known: train, test",
      ],
      [{ initial: { train: y.slice(1) } }, 'ERR_SHAPE', 'initial.train: expected 20 rows, one per sample, got 19'],
      [{ initial: { train: numbers(n) } }, 'ERR_SHAPE', 'initial.train: expected 2 columns, as y has, got 1'],
      [
        { cross: { data: new Float64Array(40), shape: [20, 2] } },
        'ERR_SHAPE',
        'cross: expected [test points, 20 training points], as cross(kernel, test, training) returns it, got [20, 2]',
      ],
      [{ cross: { ...across, kernel: 'nngp' } }, 'ERR_ARGUMENT', 'cross: expected the ntk, as the Gram is, got "nngp"'],
      [
        { cross: { ...across, logScale: 1e4 } },
        'ERR_RANGE',
        "cross: its logScale is 10000 from what the Gram's asks for, beyond the range of doubles",
      ],
      [{ cross: across, validation: [[1, 2]] }, 'ERR_SHAPE', 'validation: expected 7 rows, one per sample, got 1'],
    ] as const) {
      expect((await refusal(() => run(options), code)).message).toBe(message);
    }
    await refusal(() => run({}, y.slice(1)), 'ERR_SHAPE');
    await refusal(() => run({}, [...y.slice(1), [Number.NaN, 1]]), 'ERR_NOT_FINITE');
    await refusal(
      () => run({ cross: { ...across, data: across.data.map((v, i) => (i === 3 ? Number.NaN : v)) } }),
      'ERR_NOT_FINITE',
    );
    await refusal(() => run({}, y, { ...matrix, size: 19 }), 'ERR_SHAPE');
    await refusal(() => run({}, y, null), 'ERR_ARGUMENT');
    await refusal(() => dynamics(matrix, y, undefined as never), 'ERR_ARGUMENT');
    const whole = await spectrum(matrix, { vectors: true });
    await refusal(() => run({}, y, { ...whole, values: Float64Array.from(whole.values).reverse() }), 'ERR_ARGUMENT');
  });

  test('numbers that leave the range of doubles', async () => {
    const [huge, tail] = [
      (rows: number) => Array.from({ length: rows }, () => [1e300, 1]),
      'at time 1 the loss leaves the range of doubles; values of smaller units, or earlier times, help',
    ];
    const test = await refusal(() => run({ cross: across, validation: huge(m) }), 'ERR_RANGE');
    expect(test.message).toBe(`validation: ${tail}`);
    expect((await refusal(() => run({}, huge(n)), 'ERR_RANGE')).message).toBe(`y: ${tail}`);
    for (const options of [{ learningRate: 5e-324 }, { learningRate: 5e-324, times: [Number.POSITIVE_INFINITY] }]) {
      expect((await refusal(() => run(options), 'ERR_RANGE')).message).toBe(
        'learningRate: 5e-324 over the 20 terms of the loss is below the range of doubles; take a larger one and smaller times',
      );
    }
  });

  test('vectors of a spectrum that are not orthonormal', async () => {
    const whole = await spectrum(matrix, { vectors: true });
    const given = (data: Float64Array | Float32Array) => run({}, y, { ...whole, vectors: { ...whole.vectors, data } });
    const own = Float64Array.from(whole.vectors.data);
    const tripled = await refusal(() => given(own.map((v) => 3 * v)), 'ERR_ARGUMENT');
    expect(tripled.message).toBe(
      'gram.vectors: expected orthonormal rows, as spectrum(gram, { vectors: true }) returns them; they change the length of ' +
        'a random vector by the factor 3',
    );
    for (const wrong of [
      own.map((v, i) => (i < n ? 0 : v)),
      own.map((_, i) => own[i % n] as number),
      own.map((v, i) => (i === 7 ? v + 1e-9 : v)),
      own.map(() => 1e300),
    ]) {
      await refusal(() => given(wrong), 'ERR_ARGUMENT');
    }
    await expect(given(own)).resolves.toBeDefined();
  });

  test('an indefinite matrix is refused, with a ridge that would do', async () => {
    const bad = { kernel: 'ntk', size: 2, values: Float64Array.of(1, 2, 2, 1), logScale: 0 } as const;
    const error = await refusal(() => dynamics(bad, [1, 2], { times: [1] }), 'ERR_NOT_POSITIVE_DEFINITE');
    expect(error.message).toBe(
      'ntk Gram: its smallest eigenvalue is -1, its largest 3; along the former training would grow without bound. Is it a ' +
        'kernel matrix? A ridge of 2 would do',
    );
    const result = await dynamics(bad, [1, 2], { times: [Number.POSITIVE_INFINITY], ridge: 2 });
    const expected = product(
      solved(
        [
          [3, 2],
          [2, 3],
        ],
        [[1], [2]],
      ).map((row) => row),
      [[1]],
    );
    const fit = product(
      [
        [1, 2],
        [2, 1],
      ],
      expected,
    );
    expect(gap(at(result.train, 0), fit)).toBeLessThan(1e-14);
  });

  test('an abort rejects, and the next call works', async () => {
    const controller = new AbortController();
    const pending = dynamics(matrix, y, { times: [1], signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    const seen: string[] = [];
    await dynamics(matrix, y, { times: [1], onProgress: ({ phase }) => seen.push(phase) });
    expect(seen).toContain('training');
  });
});
