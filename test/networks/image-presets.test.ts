import { describe, expect, test } from 'vitest';
import { describe as words } from '../../lib/describe.js';
import { activation, conv, dense, head, repeat, residual, serial } from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { parseNetwork } from '../../lib/parse-network.js';
import { barzilai, cntk, type ImageFamily, network } from '../../lib/presets.js';
import { sweep } from '../../lib/sweep.js';
import { evaluateImages } from '../oracles/image-recursion.js';
import { refusal } from './refusals.js';

const phi = activation('relu', { scale: Math.SQRT2 });
const circular = { padding: 'circular' } as const;

describe('layers', () => {
  test('barzilai: 1 × 1 first, one wide filter per block, circular, all trained', () => {
    const body = serial(conv(1, circular), phi, conv(3, circular));
    expect(barzilai({ depth: 4, alpha: 0.5, head: 'pool' })).toEqual(
      serial(conv(1, { inputScale: '1/d' }), repeat(4, residual(body, { bodyScale: 0.5 })), head('pool'), dense()),
    );
  });

  test('barzilai: every option', () => {
    const bias = { var: 0.5, init: 'normal', trainable: true } as const;
    const frozen = { trainable: false, bias: { ...bias, trainable: false } };
    const same = { padding: 'same', bias } as const;
    const body = serial(conv(5, same), activation('gelu'), conv(1, same));
    expect(
      barzilai({
        depth: 2,
        alpha: [0.1, 0.2],
        head: 'pixel',
        at: [1, 2],
        innerSize: 5,
        outerSize: 1,
        padding: 'same',
        frozenEnds: true,
        activation: 'gelu',
        bias,
        inputScale: '1',
      }),
    ).toEqual(
      serial(
        conv(1, { inputScale: '1', ...frozen }),
        repeat(2, residual(body, { bodyScale: [0.1, 0.2] })),
        head('pixel', [1, 2]),
        dense(frozen),
      ),
    );
    const [, blocks] = (barzilai({ depth: 4, alpha: { gamma: 0.5 }, head: 'trace' }) as ReturnType<typeof serial>)
      .layers;
    expect(blocks).toMatchObject({ layer: { bodyScale: 0.5 } });
  });

  test('cntk: filters on the data, no skips', () => {
    const first = conv(3, { ...circular, inputScale: '1/d' });
    expect(cntk({ depth: 3, head: 'trace' })).toEqual(
      serial(first, phi, repeat(2, serial(conv(3, circular), phi)), head('trace'), dense()),
    );
    const wide = { padding: 'same', weightVar: 2 } as const;
    expect(
      cntk({ depth: 1, head: 'pool', size: 5, padding: 'same', weightVar: 2, activation: activation('erf') }),
    ).toEqual(
      serial(conv(5, { ...wide, inputScale: '1/d' }), activation('erf'), head('pool'), dense({ weightVar: 2 })),
    );
  });
});

describe('several depths', () => {
  const families: ImageFamily[] = [
    { preset: 'barzilai', alpha: 0.3, head: 'pool' },
    { preset: 'barzilai', alpha: [0.3, 0.2, 0.1, 0.4, 0.5], head: 'trace', padding: 'same' },
    { preset: 'barzilai', alpha: { gamma: 1 }, head: 'pixel', at: [1] },
    { preset: 'cntk', head: 'pool' },
  ];
  const [x, z] = [0, 1].map((offset) => ({
    data: Float64Array.from({ length: 8 }, (_, i) => Math.sin(3 * i + offset)),
    shape: [4, 2],
  })) as [{ data: Float64Array; shape: number[] }, { data: Float64Array; shape: number[] }];

  test.each(families)('%j: one pass gives what each depth gives', (family) => {
    const depths = family.preset === 'cntk' ? [1, 2, 5] : [0, 2, 5];
    const { programs } = sweep(family, depths);
    expect(programs.length).toBe(
      'alpha' in family && typeof family.alpha === 'object' && 'gamma' in family.alpha ? 3 : 1,
    );
    const swept = programs.flatMap(({ program }) => evaluateImages(program, x, z));
    for (const [i, depth] of depths.entries()) {
      const alone =
        'alpha' in family && Array.isArray(family.alpha) ? { ...family, alpha: family.alpha.slice(0, depth) } : family;
      expect(swept[i]).toEqual(evaluateImages(lower(network({ ...alone, depth } as never)), x, z)[0]);
    }
    expect(programs[0]?.program.domain).toBe(family.head === 'pool' ? 'image-full' : 'image-diagonal');
  });

  test('a plain convolutional network has at least one layer', () => {
    expect(refusal(() => sweep({ preset: 'cntk', head: 'pool' }, [0, 1])).message).toMatch(
      /expected depths from 1 for 'cntk', got 0/,
    );
  });
});

describe('refusals', () => {
  const cases: [what: string, spec: object, message: RegExp][] = [
    ['no head', { preset: 'cntk', depth: 1 }, /^cntk: head: expected 'pixel' or 'trace' or 'pool', got nothing$/],
    ['no depth', { preset: 'cntk', head: 'pool' }, /depth: expected an integer from 1/],
    ['depth 0', { preset: 'cntk', head: 'pool', depth: 0 }, /depth: expected an integer from 1 to 1000000, got 0/],
    ['no alpha', { preset: 'barzilai', head: 'pool', depth: 1 }, /^barzilai: alpha: expected a number/],
    ['alpha without skips', { preset: 'cntk', head: 'pool', depth: 1, alpha: 1 }, /unknown key 'alpha'/],
    [
      'even filters',
      { preset: 'cntk', head: 'pool', depth: 1, size: 2 },
      /^cntk: size: expected an odd number.*got 2$/,
    ],
    [
      'an even inner filter',
      { preset: 'barzilai', head: 'pool', depth: 1, alpha: 1, innerSize: 4 },
      /innerSize: expected an odd/,
    ],
    [
      'an even outer filter',
      { preset: 'barzilai', head: 'pool', depth: 1, alpha: 1, outerSize: 4 },
      /outerSize: expected an odd/,
    ],
    [
      'a filter of nothing',
      { preset: 'barzilai', head: 'pool', depth: 1, alpha: 1, outerSize: 0 },
      /outerSize: expected an integer/,
    ],
    [
      'valid padding',
      { preset: 'cntk', head: 'pool', depth: 1, padding: 'valid' },
      /padding: expected 'circular' or 'same', got 'valid'/,
    ],
    ['a pixel of a trace', { preset: 'cntk', head: 'trace', at: [0, 0], depth: 1 }, /at: only a 'pixel' head/],
    [
      'frozen or not',
      { preset: 'barzilai', head: 'pool', depth: 1, alpha: 1, frozenEnds: 'yes' },
      /frozenEnds: expected true or false/,
    ],
  ];
  test.each(cases)('%s', (_what, spec, message) => {
    expect(refusal(() => parseNetwork(spec)).message).toMatch(message);
    expect(refusal(() => lower(network(spec as never))).message).toMatch(message);
  });
});

test.each([
  [
    { preset: 'barzilai', depth: 3, alpha: 0.1, head: 'pool' },
    'conv ResNet α = 0.1, filters 1 and 3, pool head, depth 3',
  ],
  [
    { preset: 'barzilai', alpha: { gamma: 0.5 }, head: 'pixel', at: [1, 2], frozenEnds: true, padding: 'same' },
    'conv ResNet α = 1/√L, filters 1 and 3 (zeros outside), pixel head at 1, 2, first and last layer frozen',
  ],
  [
    { preset: 'cntk', depth: 2, head: 'trace', size: 5, activation: 'erf' },
    'conv net, filters 5, trace head, erf, depth 2',
  ],
  [
    { preset: 'cntk', depth: 2, head: 'trace', activation: activation('relu') },
    'conv net, filters 3, trace head, ReLU × 1, depth 2',
  ],
] as const)('%j in words', (spec, text) => expect(words(spec)).toBe(text));
