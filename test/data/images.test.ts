import { describe, expect, test } from 'vitest';
import { compile, type ErrorCode, gram, imagesOf, KernelError, loadDataset, unitPixels } from '../../lib/index.js';

const data = Float64Array.of(3, 4, 0, 0, -5, 12, 1e-200, 0);
const image = { height: 2, width: 1, channels: 2 };

function refused(call: () => unknown): KernelError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(KernelError);
    return error as KernelError;
  }
  throw new Error('nothing was refused');
}

describe('imagesOf', () => {
  test('gives the rows of a data set their grid, and copies nothing', () => {
    const images = imagesOf({ x: { data, shape: [2, 4] }, image });
    expect(images.shape).toEqual([2, 2, 1, 2]);
    expect(images.data).toBe(data);
    expect(imagesOf({ x: { data, shape: [2, 4] }, image: { ...image, height: 1, width: 2 } }).shape).toEqual([2, 2, 2]);
  });

  const x = { data, shape: [2, 4] };
  const bad: readonly (readonly [string, unknown, ErrorCode, RegExp])[] = [
    ['nothing', undefined, 'ERR_ARGUMENT', /^dataset: expected a data set, as loadDataset returns it, .*got undefined/],
    ['a promise', loadDataset('nowhere.csv'), 'ERR_ARGUMENT', /got a Promise; await it first/],
    ['a tensor', x, 'ERR_ARGUMENT', /^dataset: expected a data set, .*got a plain object/],
    [
      'x of another form',
      { x: [[1, 2]], image },
      'ERR_ARGUMENT',
      /^the data: x: expected a tensor .*got an array of 1/,
    ],
    ['rows', { name: 'a.csv', x }, 'ERR_SHAPE', /^a\.csv: expected images, .*rows of 4 numbers; give an array/],
    ['an image that is none', { x, image: 7 }, 'ERR_ARGUMENT', /^image: expected height, width and channels, got 7/],
    ['a size that is none', { x, image: { ...image, width: 0 } }, 'ERR_ARGUMENT', /^image\.width: .* from 1, got 0/],
    ['another size', { x, image: { ...image, width: 3 } }, 'ERR_SHAPE', /2 × 3 × 2 = 12 numbers, .*rows of 4; correct/],
    ['numbers beside the shape', { x: { data, shape: [3, 4] }, image }, 'ERR_SHAPE', /3 × 4 = 12 numbers.*got 8/],
    [
      'a getter that throws',
      Object.defineProperty({}, 'x', { get: () => (undefined as never as { a: { b: number } }).a.b }),
      'ERR_ARGUMENT',
      /x/,
    ],
  ];
  test.each(bad)('refuses %s', async (_name, value, code, message) => {
    const error = refused(() => imagesOf(value as never));
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
    await (value as Promise<unknown> | undefined)?.catch?.(() => {});
  });
});

describe('unitPixels', () => {
  test('makes the channels of every pixel a unit vector, and leaves zeros and its input', () => {
    const before = data.slice();
    const { data: unit, shape } = unitPixels({ data, shape: [2, 1, 2, 2] });
    expect(shape).toEqual([2, 1, 2, 2]);
    expect([...unit]).toEqual([0.6, 0.8, 0, 0, -5 / 13, 12 / 13, 1, 0]);
    expect(data).toEqual(before);
  });

  const bad: readonly (readonly [string, unknown, ErrorCode, RegExp])[] = [
    ['nothing', undefined, 'ERR_ARGUMENT', /^images: expected a tensor \{ data, shape: .*got undefined/],
    ['a promise', Promise.resolve(), 'ERR_ARGUMENT', /got a Promise; await it first/],
    ['nested arrays', [[[[1]]]], 'ERR_ARGUMENT', /got an array of 1; of nested arrays, data is Float64Array\.from/],
    [
      'bytes',
      { data: new Uint8Array(4), shape: [2, 2] },
      'ERR_ARGUMENT',
      /^images\.data: .*got an? Uint8Array; Float64Array/,
    ],
    ['no shape', { data, shape: undefined }, 'ERR_SHAPE', /^images\.shape: expected .*got undefined/],
    ['an empty shape', { data, shape: [] }, 'ERR_SHAPE', /got \[\]/],
    ['sizes that are none', { data, shape: [2, Number.NaN, 2] }, 'ERR_SHAPE', /sizes from 1, got \[2, NaN, 2\]/],
    ['numbers beside the shape', { data, shape: [3, 2] }, 'ERR_SHAPE', /3 × 2 = 6 numbers, as its shape says, got 8/],
  ];
  test.each(bad)('refuses %s', (_name, value, code, message) => {
    const error = refused(() => unitPixels(value as never));
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
  });

  test('refuses NaN with its place', () => {
    const holed = data.slice();
    holed[5] = Number.NaN;
    const { code, message, details } = refused(() => unitPixels({ data: holed, shape: [2, 1, 2, 2] }));
    expect({ code, message }).toEqual({
      code: 'ERR_NOT_FINITE',
      message: 'images: [image, row, column, channel] = [1, 0, 0, 1] is NaN; expected finite numbers',
    });
    expect(details).toEqual({ row: 1, column: 1, index: [1, 0, 0, 1] });
  });
});

test('rows of samples may be typed arrays', async () => {
  using kernel = compile({ preset: 'mlp', depth: 2 });
  const rows = [
    [1, 2],
    [3, 4.5],
  ];
  const { values } = await gram(kernel, rows, 'ntk');
  const doubles = await gram(
    kernel,
    rows.map((row) => Float64Array.from(row)),
    'ntk',
  );
  const singles = await gram(
    kernel,
    rows.map((row) => Float32Array.from(row)),
    'ntk',
  );
  expect(doubles.values).toEqual(values);
  expect(singles.values).toEqual(values);
  const ragged = [Float64Array.of(1, 2), Float64Array.of(1)];
  await expect(gram(kernel, ragged, 'ntk')).rejects.toMatchObject({ code: 'ERR_SHAPE', details: { row: 1 } });
});
