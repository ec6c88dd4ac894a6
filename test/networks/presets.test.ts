import { describe, expect, test } from 'vitest';
import { activation, dense, type Layer, repeat, residual, serial } from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import {
  type Alpha,
  alphaAt,
  belfer,
  conventionOf,
  huang,
  leastDepth,
  mlp,
  network,
  type PresetSpec,
  presetNames,
  tirer,
  type VectorFamily,
} from '../../lib/presets.js';
import { sweep } from '../../lib/sweep.js';
import { evaluate } from '../oracles/recursion.js';
import { isDeeplyFrozen, refusal } from './refusals.js';

const x = [0.6, -0.3, 1.1];
const z = [-0.2, 0.8, 0.5];
const unit = [0.6, 0.8];

const only = (layer: Layer, a: readonly number[], b: readonly number[]) => {
  const [pair] = evaluate(lower(layer), a, b);
  if (pair === undefined) throw new Error('nothing was emitted');
  return pair;
};

describe('closed values on the diagonal', () => {
  const depth = 7;
  test('mlp, jacot: NTK is L + 1 on the unit sphere, variance is kept', () => {
    const { nngp, ntk } = only(mlp({ depth }), unit, unit);
    expect(nngp).toBeCloseTo(1, 12);
    expect(ntk).toBeCloseTo(depth + 1, 12);
  });
  test('mlp, huang: the frozen head leaves L', () => {
    expect(only(mlp({ depth, convention: 'huang' }), unit, unit).ntk).toBeCloseTo(depth, 12);
    expect(only(mlp({ depth: 0, convention: 'huang' }), unit, unit).ntk).toBe(0);
  });
  test('mlp, tirer: c = 1 halves the variance in each layer, the input is divided by d', () => {
    const { nngp, ntk } = only(mlp({ depth, convention: 'tirer' }), unit, unit);
    expect(nngp * 2 ** (depth + 1)).toBeCloseTo(1, 12);
    expect(ntk * 2 ** (depth + 1)).toBeCloseTo(depth + 1, 11);
  });
  test('huang: 2Lα²(1 + α²)^(L−1), and (1 + α²)^L without training', () => {
    for (const alpha of [0.1, 1]) {
      const { nngp, ntk } = only(huang({ depth, alpha }), unit, unit);
      expect(nngp / (1 + alpha ** 2) ** depth).toBeCloseTo(1, 12);
      expect(ntk / (2 * depth * alpha ** 2 * (1 + alpha ** 2) ** (depth - 1))).toBeCloseTo(1, 12);
    }
    expect(belfer).toBe(huang);
  });
  test('tirer: 2(1 + A)^L + 2LA(1 + A)^(L−1) with A = α²/2 and input scale 1', () => {
    const A = 0.3 ** 2 / 2;
    const { ntk } = only(tirer({ depth, alpha: 0.3, inputScale: '1' }), unit, unit);
    expect(ntk / (2 * (1 + A) ** depth + 2 * depth * A * (1 + A) ** (depth - 1))).toBeCloseTo(1, 12);
  });
  test('depth 0 is a linear kernel', () => {
    const inner = x.reduce((sum, value, i) => sum + value * (z[i] as number), 0);
    expect(only(mlp({ depth: 0 }), x, z)).toEqual({ nngp: inner, ntk: inner });
    expect(only(huang({ depth: 0, alpha: { gamma: 0.5 } }), x, z)).toEqual({ nngp: inner, ntk: 0 });
    expect(only(tirer({ depth: 0, alpha: [] }), x, z).ntk).toBeCloseTo((2 * inner) / 3, 14);
  });
  test('α = 0 leaves the shortcut, α = 0 in a list its block', () => {
    expect(only(tirer({ depth: 5, alpha: 0 }), x, z)).toEqual(only(tirer({ depth: 0, alpha: 1 }), x, z));
    expect(only(tirer({ depth: 3, alpha: [0.3, 0, 0.4] }), x, z)).toEqual(
      only(tirer({ depth: 2, alpha: [0.3, 0.4] }), x, z),
    );
  });
});

describe('options', () => {
  test('presets are layers, spelt out', () => {
    const phi = activation('relu', { scale: Math.SQRT2 });
    expect(mlp({ depth: 3 })).toEqual(
      serial(dense({ inputScale: '1' }), phi, repeat(2, serial(dense(), phi)), dense()),
    );
    const body = serial(dense(), activation('relu'), dense());
    expect(tirer({ depth: 2, alpha: 0.1 })).toEqual(
      serial(dense({ inputScale: '1/d' }), repeat(2, residual(body, { bodyScale: 0.1 })), dense()),
    );
    expect(isDeeplyFrozen(huang({ depth: 2, alpha: [0.1, 0.2] }))).toBe(true);
  });
  test('a name gets the scale of the convention, a layer keeps its own', () => {
    const scaleIn = (layer: Layer) => JSON.stringify(layer).match(/"name":"\w+","scale":([\d.]+)/)?.[1];
    expect(Number(scaleIn(huang({ depth: 1, alpha: 1, activation: 'relu' })))).toBe(Math.SQRT2);
    expect(Number(scaleIn(tirer({ depth: 1, alpha: 1, activation: 'relu' })))).toBe(1);
    expect(Number(scaleIn(huang({ depth: 1, alpha: 1, activation: 'gelu' })))).toBe(1);
    expect(Number(scaleIn(mlp({ depth: 1, activation: activation('relu', { scale: 3 }) })))).toBe(3);
  });
  test('a rule for α is depth^−γ', () => {
    const rules: [Alpha, number, number | number[]][] = [
      [{ gamma: 0.5 }, 16, 0.25],
      [{ gamma: 0 }, 16, 1],
      [0.1, 16, 0.1],
      [[1, 2], 2, [1, 2]],
    ];
    for (const [alpha, depth, value] of rules) expect(alphaAt(alpha, depth)).toEqual(value);
    expect(huang({ depth: 4, alpha: { gamma: 1 } })).toEqual(huang({ depth: 4, alpha: 0.25 }));
    expect(only(huang({ depth: 3, alpha: [0.5, 0.5, 0.5] }), x, z)).toEqual(
      only(huang({ depth: 3, alpha: 0.5 }), x, z),
    );
  });

  const affines = (layer: Layer) => lower(layer).steps.filter(([op]) => op === 'affine');
  test('a bias that starts at zero goes where weights train', () => {
    const bias = { var: 0.5, init: 'zero', trainable: true } as const;
    const [trained, frozen] = [
      ['affine', 1, 1, 0.5, 0, 1],
      ['affine', 1, 0, 0, 0, 0],
    ];
    expect(affines(mlp({ depth: 1, bias }))).toEqual([trained, trained]);
    expect(affines(mlp({ depth: 1, bias, convention: 'huang' }))).toEqual([trained, frozen]);
    expect(affines(huang({ depth: 1, alpha: 1, bias }))).toEqual([frozen, trained, trained, frozen]);
    expect(affines(tirer({ depth: 1, alpha: 1, bias }))).toEqual([trained, trained, trained, trained]);
  });
  test('a normal bias is everywhere, and frozen where weights are', () => {
    const bias = { var: 0.5, init: 'normal', trainable: true } as const;
    const [trained, frozen] = [
      ['affine', 1, 1, 0.5, 1, 1],
      ['affine', 1, 0, 0.5, 1, 0],
    ];
    expect(affines(huang({ depth: 1, alpha: 1, bias }))).toEqual([frozen, trained, trained, frozen]);
  });
  test('weightVar is the variance of every layer of an MLP', () => {
    expect(affines(mlp({ depth: 2, weightVar: 1.5 })).map((step) => step[1])).toEqual([1.5, 1.5, 1.5]);
  });
  test('conventions', () => {
    const specs: [VectorFamily, string][] = [
      [{ preset: 'mlp' }, 'jacot'],
      [{ preset: 'mlp', convention: 'tirer' }, 'tirer'],
      [{ preset: 'huang', alpha: 1 }, 'huang'],
      [{ preset: 'belfer', alpha: 1 }, 'huang'],
      [{ preset: 'tirer', alpha: 1 }, 'tirer'],
    ];
    for (const [spec, convention] of specs) expect(conventionOf(spec)).toBe(convention);
  });
  test('every preset is a network at every depth', () => {
    for (const preset of presetNames) {
      for (const depth of [0, 1, 2, 1_000_000].filter((one) => one >= leastDepth(preset))) {
        const alpha = ['mlp', 'cntk', 'li'].includes(preset) ? {} : { alpha: { gamma: 1 } };
        const head = preset === 'barzilai' || preset === 'cntk' ? { head: 'trace' } : {};
        expect(lower(network({ preset, depth, ...alpha, ...head } as PresetSpec)).steps.length).toBeLessThan(20);
      }
    }
  });
});

describe('refusals', () => {
  const cases: [what: string, act: () => unknown, message: RegExp][] = [
    ['depth', () => mlp({ depth: -1 }), /^mlp: depth: expected an integer from 0 to 1000000, got -1$/],
    [
      'no options',
      () => mlp(undefined as never),
      /expected options, \{ depth: 3, … \}, got nothing|depth: expected an integer .*, got nothing/,
    ],
    ['no preset', () => network(null as never), /expected an object with a preset, got null/],
    ['unknown preset', () => network({ preset: 'hunag', depth: 1 } as never), /did you mean 'huang'\?/],
    ['preset from Object', () => network({ preset: 'toString', depth: 1 } as never), /unknown preset 'toString'/],
    ['preset as number', () => network({ preset: 3, depth: 1 } as never), /preset: expected one of mlp, huang/],
    ['unknown key', () => mlp({ depth: 1, dpeth: 1 } as never), /^mlp: unknown key 'dpeth'; did you mean 'depth'\?/],
    ['alpha of an MLP', () => mlp({ depth: 1, alpha: 1 } as never), /unknown key 'alpha'/],
    ['convention', () => mlp({ depth: 1, convention: 'x' as never }), /convention: expected 'jacot' or 'huang' or/],
    ['weightVar', () => mlp({ depth: 1, weightVar: -1 }), /weightVar: expected/],
    ['inputScale', () => mlp({ depth: 1, inputScale: 1 as never }), /inputScale: expected '1' or '1\/d', got 1/],
    ['bias', () => mlp({ depth: 1, bias: 0.1 as never }), /bias: expected null or an object/],
    [
      'activation',
      () => mlp({ depth: 1, activation: 'erff' as never }),
      /^activation: unknown activation 'erff'; did you mean 'erf'/,
    ],
    [
      'name without slope',
      () => mlp({ depth: 1, activation: 'leakyRelu' as never }),
      /slope: expected a finite number/,
    ],
    ['another layer', () => mlp({ depth: 1, activation: dense() as never }), /expected an activation, got .* 'dense'/],
    ['no alpha', () => huang({ depth: 1 } as never), /^huang: alpha: expected a number ≥ 0, a list .*, got nothing$/],
    ['alpha < 0', () => huang({ depth: 1, alpha: -1 }), /alpha: expected a number ≥ 0, got -1/],
    ['alpha NaN', () => huang({ depth: 1, alpha: Number.NaN }), /alpha: expected a finite number, got NaN/],
    ['alpha in list', () => huang({ depth: 2, alpha: [1, -1] }), /alpha\[1\]: expected a number ≥ 0/],
    ['length of list', () => huang({ depth: 3, alpha: [1] }), /alpha: expected 3 numbers, one for each block, got 1/],
    ['gamma', () => huang({ depth: 1, alpha: { gamma: -1 } }), /alpha\.gamma: expected a number from 0 to 20, got -1/],
    [
      'key of a rule',
      () => huang({ depth: 1, alpha: { gama: 1 } as never }),
      /unknown key 'gama'; did you mean 'gamma'/,
    ],
  ];
  test.each(cases)('%s', (_what, act, message) => expect(refusal(act).message).toMatch(message));
});

describe('sweep: several depths of one preset', () => {
  const families: [name: string, family: VectorFamily, programs: number][] = [
    ['mlp', { preset: 'mlp' }, 1],
    ['mlp, frozen head', { preset: 'mlp', convention: 'huang', activation: 'gelu' }, 1],
    ['mlp, bias', { preset: 'mlp', bias: { var: 0.2, init: 'normal', trainable: true }, weightVar: 1.5 }, 1],
    ['huang, fixed α', { preset: 'huang', alpha: 0.4 }, 1],
    ['tirer, list', { preset: 'tirer', alpha: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7] }, 1],
    ['belfer, rule', { preset: 'belfer', alpha: { gamma: 0.5 } }, 5],
  ];
  const depths = [0, 1, 2, 5, 7];
  test.each(families)('%s: the kernels of the single networks', (_name, family, count) => {
    const { programs, depths: swept } = sweep(family, depths);
    expect(swept).toEqual(depths);
    expect(programs.length).toBe(count);
    expect(programs.flatMap((one) => one.depths)).toEqual(depths);
    const kernels = programs.flatMap(({ program, depths: emitted }) => {
      const pairs = evaluate(program, x, z);
      expect(pairs.length).toBe(emitted.length);
      return pairs;
    });
    const singles = depths.map((depth) => {
      const list = 'alpha' in family && Array.isArray(family.alpha) ? { alpha: family.alpha.slice(0, depth) } : {};
      return only(network({ ...family, ...list, depth } as never), x, z);
    });
    expect(kernels).toEqual(singles);
  });
  test('one depth is the network itself', () => {
    for (const depth of [0, 1, 4]) {
      expect(sweep({ preset: 'tirer', alpha: 0.1 }, [depth]).programs[0]?.program).toEqual(
        lower(tirer({ depth, alpha: 0.1 })),
      );
      expect(sweep({ preset: 'mlp' }, [depth]).programs[0]?.program).toEqual(lower(mlp({ depth })));
    }
  });
  test('depths replace the depth of the preset', () => {
    const spec = { preset: 'mlp', depth: 99 } as const;
    expect(sweep(spec, [2])).toEqual(sweep({ preset: 'mlp' }, [2]));
  });
  test('all of it is frozen', () => {
    expect(isDeeplyFrozen(sweep({ preset: 'huang', alpha: { gamma: 1 } }, [1, 2]))).toBe(true);
    expect(isDeeplyFrozen(sweep({ preset: 'mlp' }, [1, 2]))).toBe(true);
  });
  const refused: [what: string, family: unknown, depths: unknown, message: RegExp][] = [
    ['none', { preset: 'mlp' }, [], /^depths: expected a list of at least one depth, got an array of 0$/],
    ['no list', { preset: 'mlp' }, 3, /expected a list of at least one depth, got 3/],
    ['fraction', { preset: 'mlp' }, [1, 2.5], /expected integers from 0 to 1000000, got 2.5 at position 1/],
    ['too deep', { preset: 'mlp' }, [1e7], /got 10000000 at position 0/],
    ['too many', { preset: 'mlp' }, Array.from({ length: 100_001 }, (_, i) => i), /at most 100000 depths, got 100001/],
    ['descending', { preset: 'mlp' }, [2, 1], /expected ascending depths, got 1 after 2/],
    ['twice', { preset: 'mlp' }, [2, 2], /expected ascending depths, got 2 after 2/],
    ['list of another length', { preset: 'huang', alpha: [1, 2, 3] }, [1, 2], /expected 2 numbers, one for each block/],
    ['layers', mlp({ depth: 1 }), [1, 2], /^depths: several depths are asked of a preset/],
    ['nothing', null, [1, 2], /preset: expected one of mlp/],
  ];
  test.each(refused)('refuses %s', (_what, family, list, message) => {
    expect(refusal(() => sweep(family as VectorFamily, list as number[])).message).toMatch(message);
  });
});
