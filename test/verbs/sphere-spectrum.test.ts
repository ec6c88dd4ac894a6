import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { KernelError } from '../../lib/errors.js';
import { activation, compile, dense, profile, serial, sphereSpectrum, sync } from '../../lib/index.js';
import type { PresetSpec } from '../../lib/presets.js';
import { harmonics, localDecay } from '../../lib/sphere-spectrum.js';
import { sphereCases } from '../golden/sphere-cases.js';

interface Zonal {
  readonly family: string;
  readonly L: number;
  readonly alpha: number | null;
  readonly d: number;
  readonly lambda_0_to_20: readonly number[];
}
const { zonal_eigenvalues: zonal }: { zonal_eigenvalues: readonly Zonal[] } = JSON.parse(
  readFileSync(new URL('../golden/reference.json', import.meta.url), 'utf8'),
);

const relu = (depth: number) => ({ preset: 'mlp', depth }) as const;

describe('eigenvalues on the sphere', () => {
  test.each(sphereCases())('$name agrees with 30-digit values to degree 1000', ({ name, network, spectra }) => {
    using kernel = compile(network);
    for (const { dimension, kernel: which, values } of spectra) {
      const { values: found, errors } = sync.sphereSpectrum(kernel, which, { dimension, degrees: 1000 });
      const [unit = 0] = profile(kernel, [0], which).values;
      for (const [k, want] of values) {
        const [got, error] = [(found[k] as number) / unit, (errors[k] as number) / unit];
        // Beside the error that the spectrum states: two roundings, and those of variances in double where φ is not
        // homogeneous, to which the smooth kernels of wide weights are sensitive.
        const rounding = /erf|gelu|sine/.test(name) ? 1e-11 : 4 * Number.EPSILON;
        expect(Math.abs(got - want)).toBeLessThanOrEqual(error + rounding * Math.abs(want));
      }
    }
  });

  // Integrals in double precision: where there is a closed form, they are 1.3e-13 off (¼ of the first row, for one).
  test('agree with the first twenty of another program', () => {
    const spec = ({ family, L: depth, alpha }: Zonal) =>
      ({
        preset: family.startsWith('mlp') ? 'mlp' : family === 'res2_tirer' ? 'tirer' : 'huang',
        depth,
        ...(alpha === null ? {} : { alpha }),
      }) as PresetSpec;
    expect(zonal).toHaveLength(32);
    for (const row of zonal) {
      const which = row.family === 'mlp_gpk' ? 'nngp' : 'ntk';
      using kernel = compile(spec(row));
      const { values } = sync.sphereSpectrum(kernel, which, { dimension: row.d, degrees: 20 });
      const [unit = 0] = profile(kernel, [0], which, { dimension: row.d }).values;
      for (const [k, want] of row.lambda_0_to_20.entries()) {
        expect(Math.abs((values[k] as number) / unit - want)).toBeLessThan(2e-13);
      }
    }
  });

  test('are known to 1e-12 of themselves at degree 1000 in ten dimensions', () => {
    for (const spec of [relu(1), relu(3), { preset: 'tirer', depth: 20, alpha: 0.2 } as const]) {
      using kernel = compile(spec);
      const { values, errors } = sync.sphereSpectrum(kernel, 'ntk', { dimension: 10, degrees: 1000 });
      expect((errors[1000] as number) / (values[1000] as number)).toBeLessThan(1e-12);
    }
  });

  test('are those of closed forms: (κ₁ + ρκ₀)/2 on the circle', () => {
    using kernel = compile(relu(1));
    const { values, errors } = sync.sphereSpectrum(kernel, 'ntk', { dimension: 2, degrees: 7 });
    const [unit = 0] = profile(kernel, [0], 'ntk').values;
    // Fourier coefficients of (sin θ + 2(π − θ) cos θ)/(2π).
    const even = (k: number) => (k * k + 3) / (k * k - 1) ** 2 / Math.PI ** 2;
    expect((values[0] as number) / unit).toBeCloseTo(3 / Math.PI ** 2, 15);
    expect((values[1] as number) / unit).toBeCloseTo(1 / 4, 15);
    for (const k of [2, 4, 6]) expect((values[k] as number) / unit / even(k)).toBeCloseTo(1, 14);
    for (const k of [3, 5, 7]) expect(Math.abs(values[k] as number)).toBeLessThanOrEqual(errors[k] as number);
  });

  test.each([
    ['a shallow network', { preset: 'huang', depth: 2, alpha: 0.5 } as const, 3],
    ['a deep one', { preset: 'mlp', depth: 60 } as const, 5],
    ['biases', { preset: 'mlp', depth: 3, bias: { var: 0.3, init: 'normal', trainable: true } } as const, 4],
  ])('have the trace κ(0) = Σ N λ: %s', async (_, spec, dimension) => {
    using kernel = compile(spec);
    const spectra = await sphereSpectrum(kernel, ['nngp', 'ntk'], { dimension, degrees: 2000 });
    for (const spectrum of Object.values(spectra)) {
      expect(spectrum.captured).toBeLessThanOrEqual(1 + 1e-14);
      // The rest falls like a sum over k^{d−2} k^{−d}, that is 1/k, times the cusp slope, which grows with depth.
      expect(spectrum.captured).toBeGreaterThan(1 - 0.05);
      // A kernel is positive semidefinite.
      for (const [k, value] of spectrum.values.entries())
        expect(value).toBeGreaterThan(-(spectrum.errors[k] as number));
    }
  });

  test('decay like k^−d (NTK) and k^−(d+2) (NNGP)', () => {
    for (const dimension of [3, 6]) {
      using kernel = compile(relu(3));
      const { nngp, ntk } = sync.sphereSpectrum(kernel, ['nngp', 'ntk'], { dimension, degrees: 1000 });
      for (const parity of [0, 1] as const) {
        expect(Math.abs((localDecay(ntk, parity) as number) - dimension)).toBeLessThan(0.02 * dimension);
        expect(Math.abs((localDecay(nngp, parity) as number) - dimension - 2)).toBeLessThan(0.05 * dimension);
      }
    }
  });

  test('of a φ without closed forms come with errors that say so', () => {
    using smooth = compile({ preset: 'mlp', depth: 2, activation: 'tanh', weightVar: 4 });
    const { values, errors } = sync.sphereSpectrum(smooth, 'ntk', { dimension: 3, degrees: 60 });
    expect((errors[1] as number) / (values[1] as number)).toBeLessThan(1e-12);
    expect(Math.abs(values[60] as number)).toBeLessThan(2 * (errors[60] as number));
  });

  test('do not depend on the number of threads', () => {
    using kernel = compile(relu(4));
    const [one, many] = [1, 5].map((threads) =>
      sync.sphereSpectrum(kernel, 'ntk', { dimension: 4, degrees: 300, threads }),
    );
    expect(many).toEqual(one);
  });
});

describe('what is refused', () => {
  const refused = (make: () => unknown) => {
    try {
      make();
    } catch (error) {
      return error;
    }
    throw new Error('not refused');
  };

  test('dimensions and degrees out of range, images, and an NTK that does not exist', () => {
    using kernel = compile(relu(1));
    for (const options of [{ dimension: 1 }, {}, { dimension: 2.5 }, { dimension: 3, degrees: -1 }]) {
      expect(refused(() => sync.sphereSpectrum(kernel, 'ntk', options as never))).toMatchObject({
        code: 'ERR_ARGUMENT',
      });
    }
    expect(refused(() => sync.sphereSpectrum(kernel, 'ntk', { dimension: 15_000, degrees: 15_000 }))).toMatchObject({
      message: expect.stringContaining('use fewer degrees'),
    });
    using images = compile({ preset: 'cntk', depth: 1, head: 'trace' });
    expect(refused(() => sync.sphereSpectrum(images, 'ntk', { dimension: 3 }))).toBeInstanceOf(KernelError);
    using sign = compile({ preset: 'mlp', depth: 1, activation: 'sign' });
    expect(refused(() => sync.sphereSpectrum(sign, 'ntk', { dimension: 3 }))).toMatchObject({ code: 'ERR_NETWORK' });
  });

  test('half powers of the angle behind a layer of sign, with what helps', () => {
    const hidden = (...names: ('sign' | 'relu' | 'erf')[]) =>
      serial(dense({ inputScale: '1' }), ...names.flatMap((name) => [activation(name), dense()]));
    for (const network of [hidden('sign', 'sign'), hidden('sign', 'relu')]) {
      using kernel = compile(network);
      expect(refused(() => sync.sphereSpectrum(kernel, 'nngp', { dimension: 3 }))).toMatchObject({
        code: 'ERR_NO_CONVERGENCE',
        message: expect.stringMatching(
          /whatever the weights; use sign in the last hidden layer alone, follow it by a smooth φ/,
        ),
      });
    }
    // What the message names does help.
    for (const network of [hidden('relu', 'sign'), hidden('sign', 'erf'), hidden('erf', 'erf')]) {
      using kernel = compile(network);
      expect(sync.sphereSpectrum(kernel, 'nngp', { dimension: 3 }).captured).toBeGreaterThan(0.9);
    }
  });
});

test('high dimensions: what is beyond the range of numbers is no part of the trace', () => {
  using kernel = compile(relu(3));
  const { captured, multiplicities } = sync.sphereSpectrum(kernel, 'ntk', { dimension: 1000, degrees: 1000 });
  expect(multiplicities.at(-1)).toBe(Infinity);
  expect(captured).toBeGreaterThan(0.5);
  expect(captured).toBeLessThanOrEqual(1);
});

test('an abort ends the work and not only the promise', async () => {
  using kernel = compile(relu(1));
  const controller = new AbortController();
  const job = sphereSpectrum(kernel, 'ntk', { dimension: 15_000, degrees: 4000, signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(job).rejects.toThrow();
  // The next job waits in line until that one is off the thread; the whole of it takes half a minute.
  const start = performance.now();
  await sphereSpectrum(kernel, 'ntk', { dimension: 3, degrees: 3 });
  expect(performance.now() - start).toBeLessThan(1000);
});

test('harmonics: 1, d, …; 2k + 1 in three dimensions', () => {
  expect([...harmonics(3, 5)]).toEqual([1, 3, 5, 7, 9, 11]);
  expect([...harmonics(2, 3)]).toEqual([1, 2, 2, 2]);
  expect([...harmonics(10, 3)]).toEqual([1, 10, 54, 210]);
  expect(harmonics(5000, 5000).at(-1)).toBe(Infinity);
});

test('so does one while the curve comes from tables', async () => {
  using kernel = compile({ preset: 'mlp', depth: 3000, activation: 'tanh' });
  const controller = new AbortController();
  const job = sphereSpectrum(kernel, 'ntk', { dimension: 3, degrees: 50, signal: controller.signal });
  setTimeout(() => controller.abort('enough'), 300);
  await expect(job).rejects.toBe('enough');
  const start = performance.now();
  using quick = compile(relu(1));
  await sphereSpectrum(quick, 'ntk', { dimension: 3, degrees: 3 });
  expect(performance.now() - start).toBeLessThan(1000);
});
