import { describe, expect, test } from 'vitest';
import { describe as words } from '../../lib/describe.js';
import {
  activation,
  conv,
  dense,
  head,
  homogeneous,
  type Layer,
  pool,
  repeat,
  residual,
  scale,
  serial,
} from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { parseNetwork } from '../../lib/parse-network.js';
import { isDeeplyFrozen, refusal } from './refusals.js';

const entry = conv(3, { inputScale: '1/d' });
const relu = activation('relu');
const block = serial(conv(1), relu, conv(3));
const ending = [head('trace'), dense()];
const anything = (value: unknown): Layer => value as Layer;

describe('listings', () => {
  test('every kind of layer on images becomes its steps', () => {
    const network = serial(
      conv(1, { inputScale: '1/d' }),
      residual(serial(conv(3, { padding: 'circular', weightVar: 2 }), relu, conv(3, { padding: 'circular' }))),
      conv(5, { padding: 'valid', stride: 2, bias: { var: 0.5, init: 'normal', trainable: false } }),
      conv(1, { stride: 2, trainable: false }),
      relu,
      pool(2),
      pool(1),
      head('pixel', [3, 4]),
      dense(),
    );
    expect(lower(network)).toMatchObject({
      version: 1,
      domain: 'image-diagonal',
      steps: [
        ['input', 1],
        ['affine', 1, 1, 0, 0, 0],
        ['push'],
        ['patch', 3, 1, 2],
        ['affine', 2, 1, 0, 0, 0],
        ['relu', 1, 0],
        ['patch', 3, 1, 2],
        ['affine', 1, 1, 0, 0, 0],
        ['add'],
        ['patch', 5, 2, 0],
        ['affine', 1, 1, 0.5, 1, 0],
        ['patch', 1, 2, 1],
        ['affine', 1, 0, 0, 0, 0],
        ['relu', 1, 0],
        ['average', 2],
        ['pixel', 3, 4],
        ['affine', 1, 1, 0, 0, 0],
        ['emit'],
      ],
    });
    expect(isDeeplyFrozen(lower(network))).toBe(true);
  });

  test('the head decides which pixels meet', () => {
    const steps = (layer: Layer) => lower(serial(entry, layer, dense()));
    expect(steps(head('pool'))).toMatchObject({ domain: 'image-full' });
    expect(steps(head('pool')).steps).toContainEqual(['mean']);
    expect(steps(head('trace'))).toMatchObject({ domain: 'image-diagonal' });
    expect(steps(head('trace')).steps).toContainEqual(['trace']);
    expect(steps(head('pixel')).steps).toContainEqual(['pixel', 0, 0]);
    expect(steps(head('pixel', [7])).steps).toContainEqual(['pixel', 0, 7]);
  });

  test('layers on vectors go on behind the head', () => {
    lower(serial(entry, head('pool'), scale(2), dense(), relu, residual(serial(dense(), relu, dense())), dense()));
    lower(serial(entry, relu, head('trace'), repeat(2, serial(dense(), relu)), dense()));
  });

  test('a kernel on images is no function of one angle', () =>
    expect(homogeneous(serial(entry, ...ending))).toBe(false));
});

describe('what means no kernel is refused with its path and a remedy', () => {
  const cases: [what: string, network: Layer, path: string, message: RegExp][] = [
    [
      'dense on images',
      serial(entry, relu, dense()),
      'layers[2]',
      /^layers\[2\] \(dense\): takes vectors but gets images; put head\('trace'\) or head\('pool'\) before it/,
    ],
    [
      'dense in the body of a residual on images',
      serial(entry, residual(serial(conv(1), relu, dense())), ...ending),
      'layers[1].body.layers[2]',
      /^layers\[1\]\.body\.layers\[2\] \(dense\): takes vectors but gets images/,
    ],
    [
      'a head on vectors',
      serial(dense({ inputScale: '1' }), head('pool'), dense()),
      'layers[1]',
      /^layers\[1\] \(head\): takes images but gets vectors; vectors need no head/,
    ],
    [
      'two heads',
      serial(entry, head('pool'), head('trace'), dense()),
      'layers[2]',
      /\(head\): takes images but gets vectors/,
    ],
    [
      'pooling of vectors',
      serial(dense({ inputScale: '1' }), pool(2), dense()),
      'layers[1]',
      /^layers\[1\] \(pool\): takes images but gets vectors; average pooling/,
    ],
    [
      'pooling behind the head',
      serial(entry, head('trace'), pool(2), dense()),
      'layers[2]',
      /\(pool\): takes images but gets vectors/,
    ],
    [
      'conv behind the head',
      serial(entry, head('trace'), conv(3), dense()),
      'layers[2]',
      /^layers\[2\] \(conv\): takes images but gets vectors; put it before the head/,
    ],
    [
      'conv on vectors',
      serial(dense({ inputScale: '1' }), conv(3), dense()),
      'layers[1]',
      /\(conv\): takes images but gets vectors/,
    ],
    [
      'no head',
      serial(entry, relu, conv(3)),
      '',
      /^serial: a network on images must end in a head and a dense layer; put head\('trace'\)/,
    ],
    [
      'a head at the end',
      serial(entry, head('trace')),
      '',
      /must end in a dense layer, its head; put dense\(\) at the end/,
    ],
    [
      'an activation behind a head',
      serial(entry, head('trace'), relu, dense()),
      'layers[2]',
      /^layers\[2\] \(relu\): a head only reads the image and must be followed by a dense layer; put dense\(\)/,
    ],
    [
      'a residual behind a head',
      serial(entry, head('trace'), residual(dense()), dense()),
      'layers[2]',
      /\(residual\): a head only reads/,
    ],
    [
      'pooling first',
      serial(pool(2), entry, ...ending),
      'layers[0]',
      /^layers\[0\] \(pool\): the first layer on images must be conv/,
    ],
    [
      'a head first',
      serial(head('trace'), dense()),
      'layers[0]',
      /^layers\[0\] \(head\): the first layer on images must be conv/,
    ],
    ['no input scale', serial(conv(3), ...ending), 'layers[0]', /^layers\[0\] \(conv\): the data enter here.*'1\/d'/],
    [
      'a second input scale',
      serial(entry, entry, ...ending),
      'layers[1]',
      /inputScale belongs to the layer that the data enter/,
    ],
    [
      'two activations',
      serial(entry, relu, relu, ...ending),
      'layers[2]',
      /^layers\[2\] \(relu\): needs Gaussian input.*put conv\(\) before it/,
    ],
    [
      'a branch that ends in an activation',
      serial(entry, residual(serial(conv(3), relu)), ...ending),
      'layers[1].body',
      /must end in fresh weights.*end it with conv\(\)/,
    ],
    [
      'behind the head, a sum of two functions with means',
      serial(entry, head('trace'), dense(), relu, residual(serial(dense(), relu)), dense()),
      'layers[4].body',
      /^layers\[4\]\.body \(serial\): behind a head no means are carried.*end it with dense\(\)/,
    ],
    [
      'a branch that ends in vectors',
      serial(entry, residual(serial(conv(3), ...ending)), ...ending),
      'layers[1].body',
      /^layers\[1\]\.body \(residual\): a branch that gets images must leave images/,
    ],
    [
      'a branch with a stride',
      serial(entry, residual(serial(conv(3, { stride: 2 }), relu, conv(3))), ...ending),
      'layers[1]',
      /^layers\[1\] \(residual\): its branches must keep the same grid of pixels, but the body keeps one pixel in 2 of each axis and the shortcut keeps all pixels; give both/,
    ],
    [
      'a branch with valid filters',
      serial(
        entry,
        residual(repeat(3, conv(3, { padding: 'valid' })), { shortcut: conv(3, { padding: 'valid' }) }),
        ...ending,
      ),
      'layers[1]',
      /the body loses 6 pixels of each axis at the border and the shortcut loses 2 pixels/,
    ],
    [
      'pooling in a branch',
      serial(entry, residual(serial(pool(2), conv(3)), { shortcut: conv(1, { stride: 2 }) }), ...ending),
      'layers[1].body.layers[0]',
      /^layers\[1\]\.body\.layers\[0\] \(pool\): average pooling has its place between residuals/,
    ],
    [
      'a branch with both',
      serial(
        entry,
        residual(conv(3, { stride: 2 }), { shortcut: conv(3, { padding: 'valid', stride: 2 }) }),
        ...ending,
      ),
      'layers[1]',
      /the body keeps one pixel in 2 of each axis and the shortcut loses 2 pixels of each axis at the border and keeps one pixel in 2/,
    ],
  ];
  test.each(cases)('%s', (_what, network, path, message) => {
    const error = refusal(() => lower(network));
    expect(error.message).toMatch(message);
    expect(error.details.path).toBe(path);
  });

  test('branches with the same grid are fine, however they come to it', () => {
    const down = (size: number) => conv(size, { stride: 2 });
    lower(serial(entry, residual(serial(down(3), relu, conv(3)), { shortcut: down(1) }), ...ending));
    lower(serial(entry, residual(serial(repeat(3, down(3))), { shortcut: conv(1, { stride: 8 }) }), ...ending));
    const valid = (size: number) => conv(size, { padding: 'valid' });
    lower(serial(entry, residual(repeat(3, valid(3)), { shortcut: valid(7) }), ...ending));
  });
});

test.each([
  [
    scale(1e80),
    /^layers\[1\] \(scale\): factor: expected a size from 1e-75 to 1e75 in networks on images, got 1e\+80$/,
  ],
  [residual(conv(3), { bodyScale: 1e-80 }), /^layers\[1\] \(residual\): bodyScale: .* got 1e-80$/],
  [residual(conv(3), { shortcutScale: 1e80 }), /^layers\[1\] \(residual\): shortcutScale: .* got 1e\+80$/],
])('factors that images cannot carry are refused with their layer: %#', (layer, message) => {
  expect(() => lower(serial(conv(3, { inputScale: '1' }), layer, head('trace'), dense()))).toThrow(message);
  expect(() => lower(serial(dense({ inputScale: '1' }), scale(1e80), dense()))).not.toThrow();
});

describe('numbers and words', () => {
  const cases: [what: string, make: () => unknown, message: RegExp][] = [
    [
      'an even filter',
      () => conv(4),
      /^conv: size: expected an odd number, so that the filter has a middle, got 4; use 3 or 5$/,
    ],
    ['no filter', () => conv(0), /^conv: size: expected an integer from 1 to 9999, got 0$/],
    ['half a filter', () => conv(1.5), /size: expected an integer/],
    ['a stride below 1', () => conv(3, { stride: 0 }), /^conv: stride: expected an integer from 1 to 9999, got 0$/],
    [
      'an unknown padding',
      () => conv(3, { padding: anything('zero') as never }),
      /padding: expected 'valid' or 'same' or 'circular', got 'zero'/,
    ],
    ['a negative variance', () => conv(3, { weightVar: -1 }), /weightVar: expected a number from 0/],
    [
      'a bias that does nothing',
      () => conv(3, { bias: { var: 1, init: 'zero', trainable: false } }),
      /never trains does nothing/,
    ],
    ['pooling nothing', () => pool(0), /^pool: size: expected an integer from 1/],
    ['an unknown head', () => head('max' as never), /^head: read: expected 'pixel' or 'trace' or 'pool', got 'max'$/],
    ['a place for a trace', () => head('trace', [0, 0]), /^head: at: only a 'pixel' head reads at a place/],
    [
      'three indices',
      () => head('pixel', [0, 0, 0]),
      /^head: at: expected \[row, column\], or \[position\] in a signal, got an array of 3$/,
    ],
    ['a negative index', () => head('pixel', [0, -1]), /^head: at\[1\]: expected an integer from 0/],
  ];
  test.each(cases)('%s', (_what, make, message) => expect(refusal(make).message).toMatch(message));
});

describe('as JSON and in words', () => {
  test('files may leave out the defaults', () => {
    const network = parseNetwork({
      kind: 'serial',
      layers: [
        { kind: 'conv', size: 3, inputScale: '1/d' },
        { kind: 'activation', name: 'relu' },
        { kind: 'pool', size: 2 },
        { kind: 'head', read: 'pool' },
        { kind: 'dense' },
      ],
    });
    expect(network).toEqual(serial(entry, relu, pool(2), head('pool'), dense()));
    expect(parseNetwork(JSON.parse(JSON.stringify(network)))).toEqual(network);
    expect(refusal(() => parseNetwork({ kind: 'conv', sise: 3 })).message).toMatch(/did you mean 'size'/);
  });

  test('a network says what it is', () => {
    const network = serial(
      conv(3, { inputScale: '1/d', padding: 'valid' }),
      repeat(2, residual(block)),
      conv(1, { stride: 2, bias: { var: 1, init: 'zero', trainable: true } }),
      pool(2),
      head('pixel', [1, 2]),
      dense(),
    );
    expect(words(network)).toBe(
      'valid conv 3, 2 × [(h + [conv 1, ReLU, conv 3])], conv 1 / 2 + bias, pool 2, pixel head at 1, 2, dense',
    );
  });
});
