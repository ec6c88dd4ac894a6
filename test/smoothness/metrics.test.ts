import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/data/rng.js';
import { compile, gram, type KernelName } from '../../lib/kernel.js';
import type { PresetSpec } from '../../lib/presets.js';
import { featureHolder } from '../../lib/smoothness/feature-holder.js';
import { metrics, smoothness } from '../../lib/smoothness/index.js';
import { kernelCurve } from '../../lib/smoothness/kernel-curve.js';
import { spectrum } from '../../lib/spectrum.js';
import { study } from '../../lib/study.js';
import { closedCusp } from './zonal.js';

interface CuspRow {
  readonly family: 'mlp' | 'res2_tirer' | 'res2_huang_belfer';
  readonly L: number;
  readonly alpha: number;
  readonly s0_exact: number;
  readonly e_pi: number;
}

const { cusp } = JSON.parse(readFileSync(new URL('../golden/reference.json', import.meta.url), 'utf8')) as {
  cusp: CuspRow[];
};

function presetOf({ family, L, alpha }: CuspRow): PresetSpec {
  if (family === 'mlp') return { preset: 'mlp', depth: L };
  return { preset: family === 'res2_tirer' ? 'tirer' : 'huang', depth: L, alpha };
}

const relative = (value: number, expected: number) => Math.abs(value / expected - 1);
const slopeOf = (spec: PresetSpec, which: KernelName = 'ntk') => kernelCurve(compile(spec), which).cuspSlope;

describe('slopes of native curves', () => {
  test('agree with the reference rows, of which the far ones are known to 1e-9', () => {
    expect(cusp.length).toBeGreaterThan(0);
    for (const row of cusp) {
      const curve = kernelCurve(compile(presetOf(row)), 'ntk');
      expect(relative(curve.cuspSlope, row.s0_exact), JSON.stringify(row)).toBeLessThan(1e-12);
      expect(Math.abs(curve.antipodalSlope - row.e_pi), JSON.stringify(row)).toBeLessThan(1e-9);
    }
  });

  test('agree with the closed forms over depth and alpha', () => {
    // An ulp or two per layer, all of one sign at worst.
    for (const depth of [1, 3, 10, 50, 300, 3000, 10_000]) {
      const tolerance = 1e-14 + depth * 2 ** -52;
      expect(relative(slopeOf({ preset: 'mlp', depth }), closedCusp.mlp(depth))).toBeLessThan(tolerance);
      for (const alpha of [1 / depth, depth ** -0.5, 1]) {
        const a = alpha ** 2;
        const [huang, tirer] = [slopeOf({ preset: 'huang', depth, alpha }), slopeOf({ preset: 'tirer', depth, alpha })];
        expect(relative(huang, closedCusp.huang(depth, a)), `${depth}, ${alpha}`).toBeLessThan(tolerance);
        expect(relative(tirer, closedCusp.tirer(depth, a / 2)), `${depth}, ${alpha}`).toBeLessThan(tolerance);
      }
    }
  });

  test('NNGP kernels of ReLU and all kernels of smooth activations have none at all', () => {
    expect(slopeOf({ preset: 'mlp', depth: 3 }, 'nngp')).toBe(0);
    for (const activation of ['erf', 'gelu'] as const) {
      expect(slopeOf({ preset: 'mlp', depth: 3, activation })).toBe(0);
      expect(kernelCurve(compile({ preset: 'mlp', depth: 3, activation }), 'ntk').antipodalSlope).toBeCloseTo(0, 15);
    }
  });

  test('a bias that starts at zero and trains leaves the corner as it is, one in the covariance softens it', () => {
    // T(x, x) = (l + 1)(1 + β²) after l layers, so each layer still takes its share of it: the factor cancels.
    const bias = { var: 1, init: 'zero', trainable: true } as const;
    expect(relative(slopeOf({ preset: 'mlp', depth: 3, bias }), closedCusp.mlp(3))).toBeLessThan(1e-14);
    const inCovariance = slopeOf({ preset: 'mlp', depth: 3, bias: { ...bias, init: 'normal' } });
    expect(inCovariance).toBeLessThan(0.8 * closedCusp.mlp(3));
  });
});

const random = createRandom(5);
const n = 40;
const x = { data: Float64Array.from({ length: 3 * n }, () => 2 * random.uniform() - 1), shape: [n, 3] };
const y = Float64Array.from({ length: n }, (_, i) => Math.sin(3 * (x.data[3 * i] as number)) + 0.1 * random.uniform());
const rough = compile({ preset: 'mlp', depth: 12, convention: 'huang' });
const smooth = compile({ preset: 'huang', depth: 2, alpha: 0.1 });
// One ridge for both, so that the figures of the fit are comparable.
const studied = (kernel: typeof rough, samples = x, targets = y) => study(kernel, samples, { y: targets, ridge: 1e-3 });

describe('the catalogue of metrics', async () => {
  const roughFigures = await smoothness(studied(rough), 'ntk', metrics);
  const smoothFigures = await smoothness(studied(smooth), 'ntk', metrics);
  const equations = readFileSync(new URL('../../docs/equations.md', import.meta.url), 'utf8');

  test('has names of its own', () => {
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
    expect(Object.keys(roughFigures)).toEqual(metrics.map(({ name }) => name));
  });

  for (const { name, smootherWhen, reference, title, meaning, caution } of metrics) {
    test(`${name}: explains itself and cites a key that exists`, () => {
      expect(equations).toContain(`[${reference}]`);
      for (const text of [meaning, caution]) expect(text).toMatch(/^[A-Z].{20,}\.$/);
      expect(title.length).toBeGreaterThan(4);
    });

    test(`${name}: is finite and calls the smooth kernel smoother than the rough one`, () => {
      const [worse, better] = [roughFigures[name] as number, smoothFigures[name] as number];
      expect(Number.isFinite(worse) && Number.isFinite(better)).toBe(true);
      // Three figures do not rank kernels by roughness, and say so in their cautions: the corner of a deep MLP at opposite
      // inputs has been flattened layer by layer, and a rough space gives the same target a smaller norm, and with it bound.
      const reversed = name === 'antipodalSlope' || name === 'rkhsNorm' || name === 'holderBound';
      const expected = (smootherWhen === 'smaller') !== reversed ? better < worse : better > worse;
      expect(expected, `${worse} (rough), ${better} (smooth)`).toBe(true);
    });
  }

  test('does not depend on the order of the samples', async () => {
    const order = random.shuffle(Array.from({ length: n }, (_, i) => i));
    const shuffled = {
      data: Float64Array.from(order.flatMap((i) => [...x.data.subarray(3 * i, 3 * i + 3)])),
      shape: [n, 3],
    };
    const figures = await smoothness(
      studied(
        rough,
        shuffled,
        Float64Array.from(order, (i) => y[i] as number),
      ),
      'ntk',
      metrics,
    );
    for (const { name } of metrics)
      expect(relative(figures[name] as number, roughFigures[name] as number), name).toBeLessThan(1e-10);
  });

  test('is null where there is nothing to measure', async () => {
    const figures = await smoothness(
      study(rough, [
        [1, 0],
        [0, 1],
        [1, 1],
      ]),
      'ntk',
      metrics,
    );
    expect(figures).toMatchObject({ rkhsNorm: null, effectiveDimension: null, traceTail: null, eigenvalueDecay: null });
    expect(figures.cuspSlope).toBeGreaterThan(0);
  });
});

describe('figures of the fit', () => {
  test('the RKHS norm and the effective dimension are what the eigenbasis says', async () => {
    const notebook = studied(rough);
    const matrix = await gram(rough, x, 'ntk');
    const { values, vectors } = await spectrum(matrix, { vectors: true });
    const meanDiagonal = values.reduce((sum, value) => sum + value, 0) / n;
    const ridge = 1e-3 * meanDiagonal;
    const centre = y.reduce((sum, value) => sum + value, 0) / n;
    let square = 0;
    let dimension = 0;
    values.forEach((value, k) => {
      const along = y.reduce((sum, target, i) => sum + (vectors.data[k * n + i] as number) * (target - centre), 0);
      // ‖f‖² = Σ λ (q·y)²/(λ + ridge)², times the mean diagonal for the kernel in units of it.
      square += (meanDiagonal * value * along ** 2) / (value + ridge) ** 2;
      dimension += value / (value + ridge);
    });
    const figures = await smoothness(notebook, 'ntk', metrics);
    expect(relative(figures.rkhsNorm as number, Math.sqrt(square))).toBeLessThan(1e-10);
    expect(relative(figures.effectiveDimension as number, dimension)).toBeLessThan(1e-12);
  });

  test('for one kernel a rougher target has a larger norm and a larger bound', async () => {
    const spiky = y.map((value, i) => value + (i % 2 === 0 ? 1 : -1));
    const [plain, noisy] = [
      await smoothness(studied(rough), 'ntk', metrics),
      await smoothness(studied(rough, x, spiky), 'ntk', metrics),
    ];
    for (const name of ['rkhsNorm', 'holderBound'] as const) {
      expect(noisy[name] as number).toBeGreaterThan(2 * (plain[name] as number));
    }
    const constant = (await smoothness(studied(rough), 'ntk', [featureHolder])).featureHolder as number;
    expect(plain.holderBound).toBeCloseTo((plain.rkhsNorm as number) * constant, 12);
  });

  test('scaling a network changes none of them', async () => {
    const scaled = compile({ preset: 'mlp', depth: 12, convention: 'huang', weightVar: 2 ** (1 / 13) });
    const figures = await smoothness(studied(scaled), 'ntk', metrics);
    const original = await smoothness(studied(rough), 'ntk', metrics);
    for (const { name } of metrics) {
      const [value, expected] = [figures[name] as number, original[name] as number];
      expect(Math.abs(value - expected), name).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)));
    }
  });
});

describe('a study', () => {
  test('computes each part once', async () => {
    const notebook = studied(smooth);
    expect(await notebook.gram('ntk')).toBe(await notebook.gram('ntk'));
    expect(notebook.spectrum('ntk')).toBe(notebook.spectrum('ntk'));
    expect(notebook.fit('ntk')).toBe(notebook.fit('ntk'));
    expect(notebook.circle('ntk')).toBe(notebook.circle('ntk'));
    expect(await notebook.gram('nngp')).not.toBe(await notebook.gram('ntk'));
  });

  test('takes what is known instead of computing it', async () => {
    const known = { spectrum: { values: Float64Array.of(3, 2, 1), residual: 0 }, fit: null };
    const notebook = study(smooth, x, { y, known: { ntk: known } });
    expect(await notebook.spectrum('ntk')).toBe(known.spectrum);
    expect(await notebook.fit('ntk')).toBeNull();
  });

  test('solves (K + ridge·I) c = y for the centred targets, in whatever form they come', async () => {
    const forms = [y, [...y], [...y].map((value) => [value]), { data: y, shape: [n] }];
    const fits = await Promise.all(forms.map((form) => study(smooth, x, { y: form, ridge: 1e-2 }).fit('ntk')));
    const { values } = await gram(smooth, x, 'ntk');
    for (const fit of fits) {
      expect(fit).not.toBeNull();
      if (fit === null) continue;
      expect(fit.targets.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12);
      for (let i = 0; i < n; i++) {
        const product = fit.coefficients.reduce((sum, c, j) => sum + (values[i * n + j] as number) * c, 0);
        expect(product + fit.ridge * (fit.coefficients[i] as number)).toBeCloseTo(fit.targets[i] as number, 11);
      }
    }
  });

  test('refuses targets of another shape', async () => {
    await expect(study(smooth, x, { y: [[1, 2], [3]] }).fit('ntk')).rejects.toThrow('y: expected rows of equal length');
    await expect(study(smooth, x, { y: [1, 2, 3] }).fit('ntk')).rejects.toThrow('expected 40 rows');
  });
});
