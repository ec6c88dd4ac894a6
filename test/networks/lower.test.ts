import { describe, expect, test } from 'vitest';
import { activation, dense, homogeneous, type Layer, repeat, residual, scale, serial } from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { evaluate } from '../oracles/recursion.js';
import { isDeeplyFrozen, refusal } from './refusals.js';

const first = dense({ inputScale: '1' });
const relu = activation('relu');
const block = serial(dense(), relu, dense());

/** What JavaScript or a file may hold, whatever the types say. */
const anything = (value: unknown): Layer => value as Layer;

describe('listings', () => {
  test('every kind of layer becomes its steps', () => {
    const bias = { var: 0.25, init: 'normal', trainable: false } as const;
    const network = serial(
      dense({ inputScale: '1/d', weightVar: 2, trainable: false }),
      activation('leakyRelu', { slope: 0.1, scale: 1.5 }),
      dense({ bias }),
      activation('erf'),
      dense({ bias: { var: 0.5, init: 'zero', trainable: true } }),
      scale(0.5),
      activation('gelu'),
      dense(),
      repeat(10, residual(block, { bodyScale: 0.1 })),
      dense(),
    );
    expect(lower(network)).toMatchObject({
      version: 1,
      domain: 'vector',
      steps: [
        ['input', 1],
        ['affine', 2, 0, 0, 0, 0],
        ['relu', 1.5, 0.1],
        ['affine', 1, 1, 0.25, 1, 0],
        ['erf', 1],
        ['affine', 1, 1, 0.5, 0, 1],
        ['scale', 0.5],
        ['gelu', 1],
        ['affine', 1, 1, 0, 0, 0],
        ['repeat', 10],
        ['push'],
        ['affine', 1, 1, 0, 0, 0],
        ['relu', 1, 0],
        ['affine', 1, 1, 0, 0, 0],
        ['scale', 0.1],
        ['add'],
        ['end'],
        ['affine', 1, 1, 0, 0, 0],
        ['emit'],
      ],
    });
    expect(isDeeplyFrozen(lower(network))).toBe(true);
  });

  const affine = ['affine', 1, 1, 0, 0, 0] as const;
  const body = [affine, ['relu', 1, 0], affine] as const;
  const between = (layer: Layer) => lower(serial(first, layer, dense())).steps.slice(2, -2);

  test('a shortcut of its own is computed from what entered', () => {
    const layer = residual(block, { shortcut: serial(dense(), scale(2)), bodyScale: 3, shortcutScale: 0.5 });
    const shortcut = [affine, ['scale', 2], ['scale', 0.5]];
    expect(between(layer)).toEqual([['push'], ...body, ['scale', 3], ['swap'], ...shortcut, ['add']]);
  });
  test('an identity shortcut may be scaled', () => {
    expect(between(residual(block, { shortcutScale: 0.5 }))).toEqual([
      ['push'],
      ...body,
      ['swap'],
      ['scale', 0.5],
      ['add'],
    ]);
  });
  test('a branch scaled by 0 is not computed', () => {
    expect(between(residual(block, { bodyScale: 0 }))).toEqual([]);
    expect(between(repeat(5, residual(block, { bodyScale: 0 })))).toEqual([]);
    expect(between(residual(block, { shortcutScale: 0, bodyScale: 2 }))).toEqual([...body, ['scale', 2]]);
  });
  test('repeats: none, one, many, in one another', () => {
    expect(between(repeat(0, block))).toEqual([]);
    expect(between(repeat(1, block))).toEqual(body);
    expect(between(repeat(3, repeat(2, block)))).toEqual([['repeat', 3], ['repeat', 2], ...body, ['end'], ['end']]);
  });
  test('a list of bodyScale unrolls the innermost repeat around it, and only that', () => {
    const turn = (factor: number) => [['push'], ...body, ['scale', factor], ['add']];
    expect(between(repeat(4, repeat(2, residual(block, { bodyScale: [0.1, 0.2] }))))).toEqual([
      ['repeat', 4],
      ...turn(0.1),
      ...turn(0.2),
      ['end'],
    ]);
    expect(between(repeat(2, serial(residual(repeat(2, block), { bodyScale: [0.3, 0] }), dense())))).toEqual([
      ['push'],
      ['repeat', 2],
      ...body,
      ['end'],
      ['scale', 0.3],
      ['add'],
      affine,
      affine,
    ]);
  });
  test('a repeat is worth its turns written out', () => {
    const x = [0.3, -1];
    const z = [1.1, 0.4];
    const looped = evaluate(lower(serial(first, repeat(3, residual(block, { bodyScale: 0.3 })), dense())), x, z);
    const one = residual(block, { bodyScale: 0.3 });
    expect(looped).toEqual(evaluate(lower(serial(first, one, one, one, dense())), x, z));
  });
  test('sums of branches that stay Gaussian feed activations; others feed dense layers', () => {
    lower(serial(first, residual(block), relu, dense()));
    lower(serial(first, relu, residual(block), dense()));
    lower(serial(first, relu, residual(block, { shortcut: dense() }), relu, dense()));
    lower(serial(first, residual(serial(dense(), residual(serial(relu, dense())))), dense(), scale(2)));
  });
  test('one branch with fresh weights in it is enough, wherever they are', () => {
    lower(serial(first, relu, repeat(3, residual(serial(dense(), relu), { bodyScale: 0.1 })), dense()));
    lower(serial(first, residual(relu, { shortcut: dense() }), dense()));
    lower(serial(first, residual(block, { shortcut: serial(dense(), relu) }), dense()));
    // Both branches of the inner sum come from weights drawn inside the outer one.
    lower(serial(first, residual(serial(dense(), residual(serial(dense(), relu)))), dense()));
    lower(serial(first, residual(residual(serial(dense(), relu), { shortcut: dense() })), dense()));
  });
});

describe('what means no kernel is refused with its path', () => {
  const cases: [what: string, network: Layer, path: string, message: RegExp][] = [
    ['no head', serial(first, relu), '', /^serial: a network must end in a dense layer/],
    ['a residual as head', serial(first, residual(block)), '', /must end in a dense layer/],
    ['an activation alone', relu, '', /^relu: the first layer must be dense; put dense/],
    ['scale first', serial(scale(2), first), 'layers[0]', /^layers\[0\] \(scale\): the first layer must be dense/],
    ['repeat first', serial(repeat(2, first)), 'layers[0]', /\(repeat\): the first layer must be dense/],
    ['residual first', serial(residual(block), dense()), 'layers[0]', /\(residual\): the first layer/],
    ['no input scale', serial(dense(), relu, dense()), 'layers[0]', /^layers\[0\] \(dense\): .*inputScale '1'/],
    ['a second input scale', serial(first, relu, first), 'layers[2]', /inputScale belongs to the layer/],
    ['activation twice', serial(first, relu, relu, dense()), 'layers[2]', /^layers\[2\] \(relu\): needs Gaussian/],
    ['activation, scale, activation', serial(first, relu, scale(2), relu, dense()), 'layers[3]', /put dense\(\)/],
    [
      'activation after a sum with an activated shortcut',
      serial(first, relu, residual(block), relu, dense()),
      'layers[3]',
      /needs Gaussian input/,
    ],
    [
      'activation at the end of a turn',
      serial(first, repeat(2, serial(relu, residual(block))), dense()),
      'layers[1].layer.layers[0]',
      /^layers\[1\]\.layer\.layers\[0\] \(relu, second turn of the repeat\): needs Gaussian/,
    ],
    [
      'body without fresh weights',
      serial(first, residual(relu), dense()),
      'layers[1].body',
      /^layers\[1\]\.body \(relu\): a branch of a residual must have fresh weights in it, .*put dense\(\) into it$/,
    ],
    [
      'body that adds its own input',
      serial(first, residual(residual(block)), dense()),
      'layers[1].body',
      /^layers\[1\]\.body \(residual\): a branch of a residual must have fresh weights in it/,
    ],
    ['body that only scales', serial(first, residual(scale(2)), dense()), 'layers[1].body', /must have fresh/],
    [
      'branches that are both functions of what entered',
      serial(first, residual(relu, { shortcut: scale(2) }), dense()),
      'layers[1].body',
      /must have fresh weights/,
    ],
    [
      'a body that adds its input to fresh weights, beside that input',
      serial(first, residual(residual(serial(dense(), relu))), dense()),
      'layers[1].body',
      /must have fresh weights/,
    ],
    [
      'activation after a branch that ends in one',
      serial(first, residual(serial(dense(), relu)), relu, dense()),
      'layers[2]',
      /needs Gaussian input/,
    ],
    [
      'activation at the start of a body after an activation',
      serial(first, relu, residual(serial(relu, dense())), dense()),
      'layers[2].body.layers[0]',
      /needs Gaussian/,
    ],
    [
      'a list outside of repeats',
      serial(first, residual(block, { bodyScale: [0.1] }), dense()),
      'layers[1]',
      /no repeat encloses/,
    ],
    [
      'a list of another length',
      serial(first, repeat(3, residual(block, { bodyScale: [0.1, 0.2] })), dense()),
      'layers[1].layer',
      /expected 3 numbers, one for each turn of the enclosing repeat, got 2/,
    ],
    [
      'a list meant for an outer repeat',
      serial(first, repeat(2, repeat(3, residual(block, { bodyScale: [0.1, 0.2] }))), dense()),
      'layers[1].layer.layer',
      /expected 3 numbers/,
    ],
    ['too much work', serial(first, repeat(1e6, repeat(1e6, block)), dense()), '', /expected at most 1000000000 steps/],
  ];
  test.each(cases)('%s', (_what, network, path, message) => {
    const error = refusal(() => lower(network));
    expect(error.message).toMatch(message);
    expect(error.details.path).toBe(path);
  });
  test('an unrolled listing of millions of steps', () => {
    const list = new Array(250_000).fill(0.5);
    const network = serial(first, repeat(list.length, residual(block, { bodyScale: list })), dense());
    expect(refusal(() => lower(network)).message).toMatch(/listing of at most 1000000 steps.*give one number/);
  });
  test('lists of zeros in one another, which would take forever to find empty', () => {
    const list = new Array(4000).fill(0);
    const inner = serial(repeat(4000, residual(block, { bodyScale: list })), dense());
    const network = serial(first, repeat(4000, residual(inner, { bodyScale: list.map(() => 1) })), dense());
    expect(refusal(() => lower(network)).message).toMatch(/listing of at most/);
  });
  test('layers in layers without end', () => {
    let nested: Layer = dense();
    for (let i = 0; i < 150; i++) nested = serial(nested);
    expect(refusal(() => lower(serial(first, nested))).message).toMatch(/at most 100 nested layers/);
    const loop: Record<string, unknown> = { kind: 'serial' };
    loop.layers = [loop];
    expect(refusal(() => lower(anything(loop))).message).toMatch(/nested layers/);
    expect(refusal(() => serial(anything(loop))).message).toMatch(/contain itself/);
  });
  test('residuals in the bodies of residuals', () => {
    let flat: Layer = dense();
    for (let i = 0; i < 70; i++) flat = residual(flat, { shortcut: dense() });
    expect(refusal(() => lower(serial(first, flat, dense()))).message).toMatch(/at most 64 residuals .*, got 70/);
  });
  test('one layer in two to the power of sixty places', () => {
    let shared: Layer = dense();
    for (let i = 0; i < 60; i++) shared = serial(shared, shared);
    expect(refusal(() => lower(serial(first, shared))).message).toMatch(/at most \d+ layers in all/);
  });
});

describe('numbers, words and keys are refused where they are written', () => {
  const bias = { var: 1, init: 'normal', trainable: true };
  const cases: [what: string, act: () => unknown, message: RegExp][] = [
    ['weightVar < 0', () => dense({ weightVar: -1 }), /^dense: weightVar: expected a number from 0 .*, got -1$/],
    ['weightVar NaN', () => dense({ weightVar: Number.NaN }), /got NaN$/],
    ['weightVar infinite', () => dense({ weightVar: Number.POSITIVE_INFINITY }), /got Infinity$/],
    ['weightVar as text', () => dense(anything({ weightVar: '2' }) as object), /got '2'$/],
    [
      'trainable as number',
      () => dense(anything({ trainable: 1 }) as object),
      /trainable: expected true or false, got 1/,
    ],
    ['bias as number', () => dense(anything({ bias: 0.1 }) as object), /bias: expected null or an object .*, got 0.1/],
    ['bias.var', () => dense(anything({ bias: { ...bias, var: -1 } }) as object), /bias\.var: expected/],
    [
      'bias.init',
      () => dense(anything({ bias: { ...bias, init: 'nul' } }) as object),
      /bias\.init: expected 'normal' or 'zero', got 'nul'/,
    ],
    ['bias.trainable', () => dense(anything({ bias: { ...bias, trainable: 'no' } }) as object), /bias\.trainable/],
    [
      'bias key',
      () => dense(anything({ bias: { ...bias, vra: 1 } }) as object),
      /unknown key 'vra'; did you mean 'var'\?/,
    ],
    ['a bias that does nothing', () => dense({ bias: { var: 1, init: 'zero', trainable: false } }), /does nothing/],
    ['inputScale', () => dense(anything({ inputScale: 'd' }) as object), /inputScale: expected '1' or '1\/d', got 'd'/],
    [
      'key of dense',
      () => dense(anything({ weightvar: 1 }) as object),
      /unknown key 'weightvar'; did you mean 'weightVar'\?/,
    ],
    ['name', () => activation(anything('rleu') as never, {}), /unknown activation 'rleu'; did you mean 'relu'\?/],
    ['name from Object', () => activation(anything('constructor') as never, {}), /unknown activation 'constructor'/],
    ['scale 0', () => activation('relu', { scale: 0 }), /^relu: scale: expected a factor other than 0/],
    ['scale beyond squares', () => activation('relu', { scale: 1e200 }), /1e-150 to 1e150.*got 1e\+200/],
    ['scale below squares', () => activation('relu', { scale: 1e-200 }), /1e-150 to 1e150/],
    ['no slope', () => activation('leakyRelu', anything({}) as never), /slope: expected a finite number, got nothing/],
    ['slope of relu', () => activation('relu', anything({ slope: 1 }) as never), /takes no parameter, got 'slope'/],
    ['misspelt slope', () => activation('leakyRelu', anything({ slpoe: 1 }) as never), /did you mean 'slope'\?/],
    ['factor', () => scale(Number.NaN), /^scale: factor: expected a finite number, got NaN/],
    ['factor 0', () => scale(0), /would make the kernel vanish/],
    ['times', () => repeat(1.5, dense()), /^repeat: times: expected an integer from 0 to 1000000, got 1.5/],
    ['times < 0', () => repeat(-1, dense()), /got -1/],
    ['times > 1e6', () => repeat(1e7, dense()), /got 10000000/],
    ['times as bigint', () => repeat(anything(3n) as never, dense()), /got 3n/],
    ['no layers', () => serial(), /layers: expected at least one layer, got none/],
    ['bodyScale', () => residual(block, { bodyScale: Number.NaN }), /bodyScale: expected a finite number, got NaN/],
    ['bodyScale in a list', () => residual(block, { bodyScale: [1, Number.NaN] }), /bodyScale\[1\]: expected a finite/],
    ['shortcutScale', () => residual(block, { shortcutScale: Number.NaN }), /shortcutScale: expected/],
    ['nothing left', () => residual(block, { bodyScale: 0, shortcutScale: 0 }), /both 0/],
    [
      'shortcut',
      () => residual(block, { shortcut: anything('identify') }),
      /shortcut: expected 'identity', got 'identify'/,
    ],
  ];
  test.each(cases)('%s', (_what, act, message) => expect(refusal(act).message).toMatch(message));

  const hand: [what: string, layer: unknown, message: RegExp][] = [
    ['null', null, /layers\[1\] \(layer\): expected a layer, an object with a kind, got null/],
    ['an array', [dense()], /expected a layer.*got an array of 1/],
    ['a function', () => dense(), /got a function/],
    ['no kind', { weightVar: 1 }, /kind: expected one of dense, conv, .*got nothing/],
    ['unknown kind', { kind: 'desne' }, /unknown kind of layer 'desne'; did you mean 'dense'\?/],
    ['kind from Object', { kind: '__proto__' }, /unknown kind of layer '__proto__'/],
    ['layers that are none', { kind: 'serial', layers: 3 }, /layers: expected an array of layers, got 3/],
    ['params that are none', { kind: 'activation', name: 'relu', scale: 1 }, /params: expected an object/],
    ['name that is none', { kind: 'activation', name: 7, scale: 1, params: {} }, /name: expected one of relu/],
  ];
  test.each(hand)('written by hand: %s', (_what, layer, message) => {
    const error = refusal(() => lower(anything({ kind: 'serial', layers: [first, layer, dense()] })));
    expect(error.message).toMatch(message);
    expect(error.details.path).toBe('layers[1]');
  });
});

describe('layers are frozen plain data', () => {
  test('all the way down, and JSON gives them back', () => {
    const network = serial(first, repeat(2, residual(block, { bodyScale: [1, 2] })), dense());
    expect(isDeeplyFrozen(network)).toBe(true);
    expect(JSON.parse(JSON.stringify(network))).toEqual(network);
  });
  test('what the caller passed stays the caller’s', () => {
    const bodyScale = [0.1, 0.2];
    const layer = residual(block, { bodyScale });
    bodyScale[0] = 9;
    expect(layer.bodyScale).toEqual([0.1, 0.2]);
    expect(Object.isFrozen(bodyScale)).toBe(false);
  });
  test('undefined options are no options', () => {
    expect(dense(anything({ weightVar: undefined, inputScale: undefined }) as object)).toEqual(dense());
  });
});

test('homogeneous: no biases and homogeneous activations only', () => {
  const biased = dense({ bias: { var: 0.1, init: 'zero', trainable: true } });
  expect(homogeneous(serial(first, repeat(2, residual(block)), scale(3), dense()))).toBe(true);
  expect(homogeneous(serial(first, relu, biased))).toBe(false);
  expect(homogeneous(serial(first, activation('leakyRelu', { slope: -1 }), dense()))).toBe(true);
  expect(homogeneous(serial(first, activation('erf'), dense()))).toBe(false);
  expect(homogeneous(serial(first, residual(serial(dense(), activation('gelu'), dense())), dense()))).toBe(false);
  expect(homogeneous(serial(first, residual(block, { shortcut: biased }), dense()))).toBe(false);
  expect(homogeneous(serial(first, repeat(0, biased), dense()))).toBe(true);
});
