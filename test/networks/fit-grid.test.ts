import { describe, expect, test } from 'vitest';
import { KernelError } from '../../lib/errors.js';
import { fitGrid, takesImages } from '../../lib/fit-grid.js';
import { activation, conv, dense, head, type Layer, pool, repeat, residual, serial } from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { barzilai, mlp } from '../../lib/presets.js';
import { evaluateImages } from '../oracles/image-recursion.js';

const relu = activation('relu');
const entry = conv(1, { inputScale: '1/d' });
const ending = [relu, head('trace'), dense()];
const valid = (size: number, stride = 1) => conv(size, { padding: 'valid', stride });

function refused(network: Layer, axes: readonly number[]): KernelError {
  lower(network);
  try {
    fitGrid(network, axes);
  } catch (error) {
    expect(error).toBeInstanceOf(KernelError);
    expect((error as KernelError).code).toBe('ERR_SHAPE');
    return error as KernelError;
  }
  throw new Error('was not refused');
}

/** The pixels that the head has before it. */
function left(network: Layer, axes: readonly number[]): readonly number[] {
  return fitGrid(network, axes).axes;
}

test('the layer that the data enter tells what a network takes', () => {
  expect(takesImages(barzilai({ depth: 1, alpha: 1, head: 'pool' }))).toBe(true);
  expect(takesImages(serial(serial(entry), ...ending))).toBe(true);
  expect(takesImages(mlp({ depth: 1 }))).toBe(false);
});

describe('grids', () => {
  const cases: [layers: Layer[], axes: number[], after: number[]][] = [
    [[conv(5)], [4, 7], [4, 7]],
    [[conv(3, { padding: 'circular', stride: 2 })], [4, 7], [2, 4]],
    [[valid(3)], [4, 7], [2, 5]],
    [[valid(3, 2)], [4, 7], [1, 3]],
    [[conv(3, { stride: 3 })], [7], [3]],
    [
      [pool(2), pool(3)],
      [12, 6],
      [2, 1],
    ],
    [[repeat(3, valid(3))], [10, 7], [4, 1]],
    [[repeat(1_000_000, conv(3))], [5], [5]],
    [[repeat(2, serial(repeat(1, conv(3, { stride: 2 }))))], [9, 8], [3, 2]],
    [[residual(serial(conv(3, { stride: 2 }), relu, conv(3)), { shortcut: conv(1, { stride: 2 }) })], [5, 4], [3, 2]],
  ];
  test.each(cases)('%j of %j', (layers, axes, after) => {
    expect(left(serial(entry, ...layers, ...ending), axes)).toEqual(after);
  });

  test('they are those of the plain recursion, for images of every size', () => {
    for (const layer of [valid(3, 2), conv(5, { stride: 3 }), conv(3, { padding: 'circular', stride: 2 }), pool(2)]) {
      for (const length of [4, 6, 8]) {
        const network = serial(entry, layer, head('pool'), dense());
        // The last pixel is there, the one behind it is not.
        const last = left(serial(entry, layer, ...ending), [length])[0] as number;
        const reading = (at: number) => serial(entry, layer, head('pixel', [at]), dense());
        const image = { data: Float64Array.from({ length }, (_, i) => i + 1), shape: [length, 1] };
        expect(evaluateImages(lower(network), image, image)[0]?.nngp).toBeGreaterThan(0);
        expect(evaluateImages(lower(reading(last - 1)), image, image)[0]?.nngp).toBeGreaterThan(0);
        expect(refused(reading(last), [length]).message).toMatch(/lies outside of/);
      }
    }
  });

  test('repeats in repeats are walked once where they keep the grid', () => {
    let network: Layer = serial(relu, conv(3));
    for (let level = 0; level < 40; level++) network = repeat(2, network);
    expect(fitGrid(serial(entry, network, head('pool'), dense()), [4, 4])).toEqual({ read: 'pool', axes: [4, 4] });
  });
});

describe('what does not fit is refused with its path and the sizes there', () => {
  const cases: [what: string, network: Layer, axes: number[], path: string, message: RegExp][] = [
    [
      'a filter larger than the image',
      serial(entry, relu, valid(5), ...ending),
      [4, 7],
      'layers[2]',
      /^layers\[2\] \(conv\): 'valid' filters of 5 × 5 pixels leave nothing of 4 × 7 pixels; use larger images/,
    ],
    [
      'on the way',
      serial(entry, repeat(3, serial(valid(3), relu)), head('pool'), dense()),
      [6, 6],
      'layers[1].layer.layers[0]',
      /leave nothing of 2 × 2 pixels, which images of 6 × 6 have become here/,
    ],
    [
      'a stride beyond the image',
      serial(entry, repeat(3, conv(3, { stride: 2 })), ...ending),
      [4, 8],
      'layers[1].layer',
      /^layers\[1\]\.layer \(conv\): a stride of 2 goes beyond 1 × 2 pixels, which images of 4 × 8 have become here/,
    ],
    [
      'a circular filter in a branch behind a stride that does not divide',
      serial(
        entry,
        residual(serial(conv(3, { stride: 2 }), relu, conv(3, { padding: 'circular' })), {
          shortcut: conv(1, { stride: 2 }),
        }),
        ...ending,
      ),
      [6, 7],
      'layers[1].body.layers[2]',
      /^layers\[1\]\.body\.layers\[2\] \(conv\): in a branch, a 'circular' filter cannot follow .* on 3 × 4 pixels/,
    ],
    [
      'windows that do not divide',
      serial(entry, pool(2), ...ending),
      [4, 5],
      'layers[1]',
      /^layers\[1\] \(pool\): windows of 2 × 2 pixels do not divide 4 × 5 pixels; crop or pad/,
    ],
    [
      'a signal too short',
      serial(entry, valid(3), ...ending),
      [2],
      'layers[1]',
      /filters of 3 pixels leave nothing of 2 pixels/,
    ],
    [
      'a pixel outside',
      serial(entry, pool(2), head('pixel', [0, 2]), dense()),
      [4, 4],
      'layers[2]',
      /^layers\[2\] \(head\): the pixel \[0, 2\] lies outside of 2 × 2 pixels, which images of 4 × 4 have become here; pixels are counted from 0/,
    ],
    [
      'a row outside',
      serial(entry, head('pixel', [4, 0]), dense()),
      [4, 4],
      'layers[1]',
      /the pixel \[4, 0\] lies outside/,
    ],
    [
      'a position outside',
      serial(entry, head('pixel', [4]), dense()),
      [4],
      'layers[1]',
      /the pixel \[4\] lies outside of 4 pixels/,
    ],
    [
      'a second row of a signal',
      serial(entry, head('pixel', [1, 0]), dense()),
      [4],
      'layers[1]',
      /the pixel \[1, 0\] lies/,
    ],
    [
      'zeros around a single row',
      serial(conv(3, { inputScale: '1' }), ...ending),
      [1, 8],
      'layers[0]',
      /^layers\[0\] \(conv\): zeros around a single row leave 3 of 9 weights to 1 × 8 pixels; give signals as \[n, length, channels\]/,
    ],
    [
      'in the shortcut of a residual',
      serial(entry, residual(repeat(2, valid(3)), { shortcut: valid(5) }), ...ending),
      [4, 4],
      'layers[1].shortcut',
      /^layers\[1\]\.shortcut \(conv\): 'valid' filters of 5 × 5 pixels/,
    ],
  ];
  test.each(cases)('%s', (_what, network, axes, path, message) => {
    const error = refused(network, axes);
    expect(error.message).toMatch(message);
    expect(error.details).toMatchObject({ path, images: axes });
  });
});
