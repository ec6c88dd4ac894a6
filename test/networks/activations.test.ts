import { describe, expect, test } from 'vitest';
import { type Activation, activationNames, activationRecord } from '../../lib/activations.js';
import { erf, erfc } from '../../lib/erf.js';
import { type ActivationLayer, dense, serial } from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { evaluate } from '../oracles/recursion.js';

const values: Readonly<Record<string, number>> = { slope: 0.3 };

/** E g(u) for u ~ N(0, variance): the midpoint rule on each side of the kink. */
function gaussianMean(g: (u: number) => number, variance: number): number {
  const step = 1e-3;
  const deviation = Math.sqrt(variance);
  let sum = 0;
  for (let i = 0.5; i < 12 / step; i++) {
    const t = i * step;
    sum += (g(deviation * t) + g(-deviation * t)) * Math.exp((-t * t) / 2);
  }
  return (sum * step) / Math.sqrt(2 * Math.PI);
}

function pick({ parameters }: Activation): Record<string, number | undefined> {
  return Object.fromEntries(parameters.map((parameter) => [parameter.name, values[parameter.name]]));
}

for (const name of activationNames) {
  describe(name, () => {
    const record: Activation = activationRecord(name);
    test('is catalogued under its own name', () => expect(record.name).toBe(name));

    test('slope is the derivative of phi', () => {
      for (const u of [-3, -1.2, -0.4, 0.3, 1.1, 2.7]) {
        const h = 1e-5;
        const difference = (record.phi(u + h, values) - record.phi(u - h, values)) / (2 * h);
        expect(record.slope(u, values)).toBeCloseTo(difference, 8);
      }
    });

    test('homogeneous and continuity say what they mean', () => {
      const scaled = [-2, -0.5, 0.7, 3].every(
        (u) => Math.abs(record.phi(1.7 * u, values) - 1.7 * record.phi(u, values)) < 1e-12,
      );
      expect(record.homogeneous).toBe(scaled);
      const across = (g: Activation['phi']) => Math.abs(g(1e-9, values) - g(-1e-9, values));
      expect(record.continuity >= 0).toBe(across(record.phi) < 1e-6);
      expect(record.continuity > 0).toBe(across(record.phi) + across(record.slope) < 1e-6);
    });

    test('the preserving scale keeps the variance, and exists for homogeneous activations only', () => {
      expect(record.preservingScale !== null).toBe(record.homogeneous);
      if (record.preservingScale === null) return;
      const scale = record.preservingScale(values);
      for (const variance of [0.3, 1, 5]) {
        const kept = scale * scale * gaussianMean((u) => record.phi(u, values) ** 2, variance);
        expect(kept / variance).toBeCloseTo(1, 6);
      }
    });

    test('its step names the dual of φ', () => {
      const phi = { kind: 'activation', name, scale: 1.5, params: pick(record) } as unknown as ActivationLayer;
      // Only the first layer trains: NTK = variance · E φ′².
      const program = lower(serial(dense({ inputScale: '1' }), phi, dense({ trainable: false })));
      expect(program.steps[2]?.[1]).toBe(1.5);
      for (const variance of [0.2, 1, 3]) {
        const point = [Math.sqrt(variance)];
        const [{ nngp, ntk }] = evaluate(program, point, point) as [{ nngp: number; ntk: number }];
        const second = (g: (u: number) => number) => 2.25 * gaussianMean((u) => g(u) ** 2, variance);
        expect(nngp).toBeCloseTo(
          second((u) => record.phi(u, values)),
          6,
        );
        if (record.noTangent !== null) continue;
        expect(ntk / variance).toBeCloseTo(
          second((u) => record.slope(u, values)),
          6,
        );
      }
    });

    test('a missing tangent kernel is explained, and belongs to a φ that jumps', () => {
      expect(record.noTangent !== null).toBe(record.continuity < 0);
      if (record.noTangent !== null) expect(record.noTangent).toMatch(/tangent kernel/);
    });

    test('parameters are explained', () => {
      for (const parameter of record.parameters) expect(parameter.meaning.length).toBeGreaterThan(5);
    });
  });
}

describe('erf', () => {
  // From multiprecision arithmetic (mpmath, 30 digits).
  const known: [number, number, number][] = [
    [0, 0, 1],
    [1e-8, 1.1283791670955126e-8, 0.9999999887162083],
    [0.5, 0.5204998778130465, 0.4795001221869535],
    [1, 0.8427007929497149, 0.15729920705028513],
    [2, 0.9953222650189527, 0.004677734981047266],
    [3, 0.9999779095030014, 2.2090496998585441e-5],
    [6, 1, 2.1519736712498913e-17],
    [26, 1, 5.663192408856143e-296],
  ];
  test.each(known)('erf(%f) and erfc', (x, value, complement) => {
    expect(Math.abs(erf(x) - value)).toBeLessThanOrEqual(4e-16);
    expect(erf(-x)).toBe(-erf(x));
    expect(Math.abs(erfc(x) / complement - 1)).toBeLessThan(x > 2.4 ? 1e-13 : 1e-12);
  });
  test('the two branches meet', () => expect(erf(2.5 - 1e-12)).toBeCloseTo(erf(2.5), 11));
  test('ends and strangers', () => {
    expect(erf(Number.POSITIVE_INFINITY)).toBe(1);
    expect(erf(Number.NEGATIVE_INFINITY)).toBe(-1);
    expect(erf(Number.NaN)).toBeNaN();
  });
});
