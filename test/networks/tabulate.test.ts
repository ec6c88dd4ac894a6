import { describe, expect, test } from 'vitest';
import { activationNames, activationRecord } from '../../lib/activations.js';
import { erfc } from '../../lib/erf.js';
import { KernelError } from '../../lib/errors.js';
import { borders, slopeAt, valueAt } from '../../lib/pieces.js';
import { type TabulateOptions, tabulate } from '../../lib/tabulate.js';

const softplus = (u: number) => Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)));

const functions: [name: string, phi: (u: number) => number, slope: (u: number) => number, options?: TabulateOptions][] =
  [
    ['tanh', Math.tanh, (u) => 1 / Math.cosh(u) ** 2],
    ['softplus', softplus, (u) => 1 / (1 + Math.exp(-u))],
    ['GELU', (u) => (u * erfc(-u / Math.SQRT2)) / 2, activationRecord('gelu').slope as (u: number) => number],
    ['ReLU', (u) => Math.max(u, 0), (u) => (u > 0 ? 1 : 0), { kinks: [0] }],
    ['hard tanh', (u) => Math.max(-0.3, Math.min(1, u)), (u) => Number(u > -0.3 && u < 1), { kinks: [-0.3, 1] }],
    ['SELU', (u) => (u > 0 ? u : 1.7 * Math.expm1(u)), (u) => (u > 0 ? 1 : 1.7 * Math.exp(u)), { kinks: [0] }],
    ['a line', (u) => 3 * u - 7, () => 3],
    ['a narrow valley', (u) => 1 - Math.exp(-400 * u * u), (u) => 800 * u * Math.exp(-400 * u * u)],
    ['tanh to six digits', Math.tanh, (u) => 1 / Math.cosh(u) ** 2, { tolerance: 1e-6 }],
  ];

describe('a function becomes pieces that agree with it everywhere', () => {
  test.each(functions)('%s', (_name, phi, slope, options = {}) => {
    const { layer, error } = tabulate(phi, options);
    const { tolerance = 1e-14 } = options;
    expect(error).toBeLessThan(2 * tolerance);
    expect(layer.kind).toBe('tabulated');
    const size = Math.max(...Array.from({ length: 201 }, (_, i) => Math.abs(phi(i / 100 - 1))));
    // Not the points where it was sampled; the irrational step meets no border.
    let worst = 0;
    let worstSlope = 0;
    for (let u = -300; u < 300; u += Math.SQRT2 / 37) {
      worst = Math.max(worst, Math.abs(valueAt(layer.pieces, u) - phi(u)) / Math.max(size, Math.abs(phi(u))));
      worstSlope = Math.max(worstSlope, Math.abs(slopeAt(layer.pieces, u) - slope(u)));
    }
    // Rounding of the recurrence is added to the deviation.
    expect(worst).toBeLessThan(2 * error + 4e-15);
    // Degree 32 on pieces of length h: the slope is worse than the value by up to 32²·2/h, h ≥ 0.1 here.
    expect(worstSlope).toBeLessThan((tolerance * size * 32 ** 2 * 2) / 0.1);
    for (const kink of options.kinks ?? []) expect(borders(layer.pieces)).toContain(kink);
  });

  test('as many pieces as it takes', () => {
    expect(tabulate((u) => Math.max(u, 0), { kinks: [0] }).layer.pieces.length).toBeLessThan(12);
    expect(tabulate(Math.tanh).layer.pieces.length).toBeLessThan(20);
    expect(tabulate(Math.tanh, { tolerance: 1e-5 }).layer.pieces.length).toBeLessThan(12);
  });

  test('every continuous activation whose tails are lines', () => {
    for (const name of activationNames) {
      const { kinks, continuity, phi, parameters } = activationRecord(name);
      const values = Object.fromEntries(parameters.map((parameter) => [parameter.name, 0.3]));
      if (continuity < 0 || name === 'sine') continue;
      expect(tabulate((u) => phi(u, values), { kinks }).error, name).toBeLessThan(2e-14);
    }
  });

  test('the result is frozen', () => {
    const result = tabulate(Math.tanh);
    expect(Object.isFrozen(result) && Object.isFrozen(result.layer) && Object.isFrozen(result.layer.pieces)).toBe(true);
  });
});

describe('refusals', () => {
  const cases: [
    what: string,
    phi: unknown,
    options: TabulateOptions | undefined,
    code: string,
    message: RegExp,
    at?: number,
  ][] = [
    ['no function', 3, undefined, 'ERR_ARGUMENT', /^phi: expected a function of one number, got 3$/],
    ['NaN', (u: number) => Math.sqrt(u), undefined, 'ERR_NOT_FINITE', /expected a finite number at u = -.*, got NaN/],
    ['infinite', (u: number) => 1 / u, undefined, 'ERR_NOT_FINITE', /got Infinity|got -Infinity/],
    ['text', () => '1', undefined, 'ERR_NOT_FINITE', /expected a finite number at u = .*, got "1"/],
    [
      'a function that throws',
      () => {
        throw new Error('no');
      },
      undefined,
      'ERR_ARGUMENT',
      /phi: it threw at u = .*: Error: no/,
    ],
    [
      'a kink that is not named',
      (u: number) => Math.max(u - 0.3, 0),
      undefined,
      'ERR_NO_CONVERGENCE',
      /do not converge near u = 0\.3: is there a kink\? name it in kinks/,
      0.3,
    ],
    ['a jump that is named', Math.sign, { kinks: [0] }, 'ERR_NETWORK', /jumps from -1 to 1 at u = 0, .*'sign'/, 0],
    ['a jump that is not', (u: number) => u + Number(u > 2.7), undefined, 'ERR_NETWORK', /jumps from 2\.7 to 3\.7 at/],
    [
      'an infinite slope at a kink, where E φ′² diverges',
      (u: number) => Math.sqrt(Math.abs(u)),
      { kinks: [0] },
      'ERR_NO_CONVERGENCE',
      /at the kink u = 0, so a derivative is infinite there; round φ off/,
      0,
    ],
    [
      'an infinite slope elsewhere',
      (u: number) => Math.cbrt(u - 0.1),
      undefined,
      'ERR_NO_CONVERGENCE',
      /near u = 0\.1/,
      0.1,
    ],
    ['values of few digits', (u: number) => Math.fround(Math.tanh(u)), undefined, 'ERR_NO_CONVERGENCE', /fewer digits/],
    ['waves', Math.sin, undefined, 'ERR_NETWORK', /expected a line beyond u = -40, but at u = .* it is off by/, -40],
    ['growth, whose dual diverges', Math.exp, undefined, 'ERR_NETWORK', /expected a line beyond u = 40/, 40],
    ['slow tails', Math.atan, undefined, 'ERR_NETWORK', /widen from and to until φ has reached its asymptotes/],
    ['zero', () => 0, undefined, 'ERR_NETWORK', /φ is 0 everywhere/],
    ['kinks in disorder', Math.tanh, { kinks: [1, 0] }, 'ERR_ARGUMENT', /kinks: expected ascending numbers/],
    ['a kink outside', Math.abs, { kinks: [50] }, 'ERR_ARGUMENT', /kinks: expected kinks inside \(-40, 40\).*got 50/],
    ['an empty range', Math.tanh, { from: 2, to: 1 }, 'ERR_ARGUMENT', /to: expected a number above from, 2, got 1/],
    [
      'a tolerance below rounding',
      Math.tanh,
      { tolerance: 1e-18 },
      'ERR_ARGUMENT',
      /tolerance: expected a number from/,
    ],
    ['an unknown option', Math.tanh, { kink: [0] } as never, 'ERR_ARGUMENT', /unknown option 'kink'; did you mean/],
  ];
  test.each(cases)('%s', (_what, phi, options, code, message, at) => {
    let error: unknown;
    try {
      tabulate(phi as never, options);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(KernelError);
    const { code: got, message: text, details } = error as KernelError;
    expect(text).toMatch(message);
    expect(got).toBe(code);
    expect(text).not.toMatch(/\.$|undefined/);
    if (at !== undefined) expect(Math.abs((details.at as number) - at)).toBeLessThan(0.02 * Math.max(1, Math.abs(at)));
  });
});
