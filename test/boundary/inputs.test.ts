/** Bad input, one case each: which code, which words. The fuzz test has the combinations. */

import { describe, expect, test } from 'vitest';
import { compile, cross, gram, mlp, regress, type Samples, spectrum, sync } from '../../lib/index.js';
import { numbers, points, refusal } from '../verbs/support.js';
import { detach, resizable } from './support.js';

const kernel = compile(mlp({ depth: 2 }));
const good = [
  [1, 2],
  [3, 4],
];
const of = (x: unknown) => gram(kernel, x as Samples, 'ntk');

describe('points', () => {
  test.each([
    [
      'NaN',
      [
        [1, 2],
        [3, Number.NaN],
      ],
      'x: row 1, column 1 is NaN; expected finite numbers',
      { row: 1, column: 1 },
    ],
    [
      '−∞',
      { data: new Float32Array([1, 2, Number.NEGATIVE_INFINITY, 4]), shape: [2, 2] },
      'x: row 1, column 0 is -Infinity; expected finite numbers',
      { row: 1, column: 0 },
    ],
  ])('%s: ERR_NOT_FINITE with row and column', async (_name, x, message, details) => {
    expect(await refusal(() => of(x), 'ERR_NOT_FINITE')).toMatchObject({ message, details });
  });

  test.each([
    ['a ragged row', [[1, 2], [3]], 'x: row 1 has 1 numbers, row 0 has 2'],
    ['no rows', [], 'x: expected at least one row, got []'],
    ['empty rows', [[], []], 'x: expected at least one number per row, got [2, 0]'],
    ['a shape that is not the length', { data: numbers(5), shape: [2, 3] }, 'x: expected 2 × 3 = 6 numbers, got 5'],
    [
      'a shape of three',
      { data: numbers(4), shape: [2, 2, 1] },
      'x: expected vectors, [n, d], because this network begins with a dense layer, got [2, 2, 1]; flatten the images to [2, 2], or begin the network with conv()',
    ],
    ['a fractional size', { data: numbers(4), shape: [1.5, 2] }, 'x.shape: expected sizes of at least 1, got 1.5'],
    [
      'a size beyond integers',
      { data: numbers(4), shape: [2 ** 53, 1] },
      'x.shape: expected sizes of at least 1, got 9007199254740992',
    ],
    ['a size in words', { data: numbers(4), shape: ['2', 2] }, 'x.shape: expected sizes of at least 1, got "2"'],
  ])('%s: ERR_SHAPE', async (_name, x, message) => {
    expect((await refusal(() => of(x), 'ERR_SHAPE')).message).toBe(message);
  });

  test.each([
    [
      'a bare typed array',
      numbers(4),
      'x: expected a tensor { data, shape: [n, d] } or an array of rows, got a Float64Array',
    ],
    ['nothing', undefined, 'x: expected a tensor { data, shape: [n, d] } or an array of rows, got undefined'],
    [
      'integers',
      { data: new Int32Array(4), shape: [2, 2] },
      'x.data: expected a Float64Array or Float32Array, got an Int32Array; Float64Array.from(data) makes one of it',
    ],
    ['a word among numbers', [[1, '2']], 'x: row 0, column 1: expected a number, got "2"'],
    ['a bigint among numbers', [[1, 2n]], 'x: row 0, column 1: expected a number, got 2n'],
    ['a row that is none', [[1], 2], 'x: row 1: expected an array of numbers, got 2'],
  ])('%s: ERR_ARGUMENT', async (_name, x, message) => {
    expect((await refusal(() => of(x), 'ERR_ARGUMENT')).message).toBe(message);
  });

  test('an array that throws when it is read: ERR_ARGUMENT with the cause', async () => {
    const cause = new Error('mine');
    const trapped = new Proxy(good, {
      get(target, key) {
        if (key === '1') throw cause;
        return Reflect.get(target, key);
      },
    });
    const error = await refusal(() => of(trapped), 'ERR_ARGUMENT');
    expect(error.message).toBe('x: expected plain data, but reading it threw Error: mine');
    expect(error.cause).toBe(cause);
  });

  test('signed zeros, denormals, offset, shared and growable arrays are data like any other', async () => {
    const values = [1, -0, 5e-324, 4];
    const { values: expected } = await of([values.slice(0, 2), values.slice(2)]);
    const buffers = [
      new Float64Array(new SharedArrayBuffer(32)),
      new Float64Array(new ArrayBuffer(56), 16, 4),
      new Float64Array(resizable(32, 64)),
    ];
    for (const data of buffers) {
      data.set(values);
      expect((await of({ data, shape: [2, 2] })).values).toEqual(expected);
    }
  });

  test('a subclass that lies about its length is seen through', async () => {
    class Liar extends Float64Array {
      override get length(): number {
        return 1e6;
      }
    }
    expect((await refusal(() => of({ data: new Liar(4), shape: [1000, 1000] }), 'ERR_SHAPE')).message).toContain(
      'got 4',
    );
    expect((await of({ data: new Liar([1, 2, 3, 4]), shape: [2, 2] })).size).toBe(2);
  });
});

describe('buffers that go away', () => {
  const detached = /its buffer was detached or shrunk/;

  test('detached before the call', async () => {
    const data = numbers(4);
    detach(data);
    expect((await refusal(() => of({ data, shape: [2, 2] }), 'ERR_DETACHED')).message).toMatch(detached);
    await refusal(() => sync.gram(kernel, { data, shape: [2, 2] }, 'ntk'), 'ERR_DETACHED');
  });

  test('shrunk before the call', async () => {
    const buffer = resizable(32, 32);
    const data = new Float64Array(buffer, 8, 3);
    buffer.resize(8);
    expect((await refusal(() => of({ data, shape: [3, 1] }), 'ERR_DETACHED')).message).toMatch(detached);
  });

  test('detached by a getter of another argument', async () => {
    const data = numbers(4);
    const options = {
      get threads() {
        detach(data);
        return 1;
      },
    };
    await refusal(() => gram(kernel, { data, shape: [2, 2] }, 'ntk', options), 'ERR_DETACHED');
  });

  test('transferred or overwritten right after the call: the result is that of the call', async () => {
    const { data, shape } = points(20, 3);
    const expected = await gram(kernel, { data: data.slice(), shape }, 'ntk');
    const overwritten = gram(kernel, { data, shape }, 'ntk');
    data.fill(Number.NaN);
    expect((await overwritten).values).toEqual(expected.values);
    const again = points(20, 3).data;
    const transferred = gram(kernel, { data: again, shape }, 'ntk');
    detach(again);
    expect((await transferred).values).toEqual(expected.values);
  });

  test('detached or shrunk between two slices of a large copy', async () => {
    const shape = [3, 2 ** 18];
    for (const away of [
      (buffer: ReturnType<typeof resizable>) => detach(new Uint8Array(buffer)),
      (buffer: ReturnType<typeof resizable>) => buffer.resize(64),
    ]) {
      const buffer = resizable(3 * 2 ** 21, 3 * 2 ** 21);
      const running = refusal(() => of({ data: new Float64Array(buffer), shape }), 'ERR_DETACHED');
      setImmediate(() => away(buffer));
      expect((await running).message).toMatch(detached);
    }
  });

  test('a NaN that arrives between two slices is found', async () => {
    const data = new Float64Array(3 * 2 ** 18).fill(0.5);
    const running = refusal(() => of({ data, shape: [3, 2 ** 18] }), 'ERR_NOT_FINITE');
    setImmediate(() => data.fill(Number.NaN, data.length - 1));
    expect((await running).details).toEqual({ row: 2, column: 2 ** 18 - 1 });
  });

  test('a large copy gives the values of a small one', async () => {
    const wide = points(5, 2 ** 18);
    const parts = Array.from({ length: 4 }, (_, p) => ({
      shape: [5, 2 ** 16],
      data: Float64Array.from(
        { length: 5 * 2 ** 16 },
        (_, k) => wide.data[Math.floor(k / 2 ** 16) * 2 ** 18 + p * 2 ** 16 + (k % 2 ** 16)] as number,
      ),
    }));
    const linear = compile({ kind: 'dense', weightVar: 1, trainable: true, bias: null, inputScale: '1' });
    const { values } = await gram(linear, wide, 'nngp');
    const sums = new Float64Array(25);
    for (const part of parts) {
      const piece = await gram(linear, part, 'nngp');
      piece.values.forEach((value, k) => {
        sums[k] = (sums[k] as number) + value;
      });
    }
    // A sum of d products in any order is off by at most d·eps of ‖x‖‖z‖; both sides are such sums.
    const norms = Array.from({ length: 5 }, (_, i) => Math.sqrt(values[i * 6] as number));
    for (const [k, value] of values.entries()) {
      const size = (norms[Math.floor(k / 5)] as number) * (norms[k % 5] as number);
      expect(Math.abs(value - (sums[k] as number))).toBeLessThan(2 * 2 ** 18 * Number.EPSILON * size);
    }
  });
});

describe('options', () => {
  test.each([
    [
      { thread: 2 },
      "options: unknown option 'thread'; did you mean 'threads'? known: signal, onProgress, threads, precision, maxHours, path",
    ],
    [{ threads: 0 }, 'threads: expected an integer from 1 to 1024, got 0'],
    [{ threads: '2' }, 'threads: expected an integer from 1 to 1024, got "2"'],
    [{ threads: 3n }, 'threads: expected an integer from 1 to 1024, got 3n'],
    [{ precision: 'float16' }, "precision: expected 'float64' or 'float32', got \"float16\""],
    [{ signal: {} }, 'signal: expected an AbortSignal, got a plain object'],
    [{ onProgress: 3 }, 'onProgress: expected a function, got 3'],
    [7, 'options: expected an object, got 7'],
    [[], 'options: expected an object, got an array of 0'],
  ])('case %#', async (options, message) => {
    expect((await refusal(() => gram(kernel, good, 'ntk', options as never), 'ERR_ARGUMENT')).message).toBe(message);
  });

  test('RESGRAM_THREADS is checked like the option', async () => {
    process.env.RESGRAM_THREADS = 'many';
    try {
      const { message } = await refusal(() => of(good), 'ERR_ARGUMENT');
      expect(message).toBe('RESGRAM_THREADS: expected an integer from 1 to 1024, got "many"');
      process.env.RESGRAM_THREADS = '1';
      expect((await of(good)).size).toBe(2);
    } finally {
      delete process.env.RESGRAM_THREADS;
    }
  });

  test.each(['NTK', [], ['ntk', 'ntk'], 3, null])('which: %j', async (which) => {
    const { message } = await refusal(() => gram(kernel, good, which as never), 'ERR_ARGUMENT');
    expect(message).toMatch(/^which: expected 'nngp', 'ntk' or a list of them without repetition, got /);
  });
});

describe('errors', () => {
  test('carry the stack of the caller under their message', async () => {
    async function callerOfTheVerb() {
      return gram(kernel, [[Number.NaN]], 'ntk');
    }
    const { stack, message } = await refusal(callerOfTheVerb, 'ERR_NOT_FINITE');
    const lines = (stack ?? '').split('\n');
    expect(lines[0]).toBe(`KernelError: ${message}`);
    expect(lines[1]).toContain('callerOfTheVerb');
    const late = await refusal(() => regress(kernel, [[1], [1]], [1, 2]), 'ERR_NOT_POSITIVE_DEFINITE');
    expect(late.stack).toContain('inputs.test.ts');
    expect(late.stack).not.toContain('lib/regress.ts');
  });

  test('asynchronous verbs reject and never throw', () => {
    const promise = gram(undefined as never, undefined as never, undefined as never);
    expect(promise).toBeInstanceOf(Promise);
    return refusal(() => promise, 'ERR_ARGUMENT');
  });
});

describe('memory', () => {
  test('a Gram matrix that will not fit is refused with what it needs and what there is', async () => {
    const many = { data: new Float64Array(2_000_000), shape: [2_000_000, 1] };
    const { message, details } = await refusal(() => of(many), 'ERR_OUT_OF_MEMORY');
    expect(message).toMatch(
      /^a Gram matrix of 2000000 × 2000000 float64 numbers: needs \d+ MiB, but only \d+ MiB may be used .*use fewer rows, precision: 'float32'$/,
    );
    expect(details.needed as number).toBeGreaterThanOrEqual(2e6 * 2e6 * 8);
    expect(details.available as number).toBeGreaterThan(0);
    await refusal(() => cross(kernel, many, many, ['ntk', 'nngp']), 'ERR_OUT_OF_MEMORY');
    await refusal(() => sync.gram(kernel, many, 'ntk'), 'ERR_OUT_OF_MEMORY');
    await refusal(() => regress(kernel, many, many.data), 'ERR_OUT_OF_MEMORY');
  });

  test('a length beyond the engine’s arrays is refused the same way', async () => {
    const proxy = new Proxy([[1]], { get: (target, key) => (key === 'length' ? 2 ** 40 : Reflect.get(target, key)) });
    await refusal(() => of(proxy), 'ERR_OUT_OF_MEMORY');
    await refusal(
      () => spectrum({ kernel: 'ntk', size: 2 ** 40, values: new Float64Array(1), logScale: 0 }),
      'ERR_SHAPE',
    );
  });
});
