/** Metrics between the rows: closed forms of linear functions, differences, and what every metric of the catalogue promises. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/data/rng.js';
import { compile, cross, type Kernel } from '../../lib/kernel.js';
import { dense, scale, serial } from '../../lib/layers.js';
import { network } from '../../lib/presets.js';
import { interpolateCircle } from '../../lib/smoothness/circle.js';
import { catalogue, decayExponent, defineMetric, smoothness } from '../../lib/smoothness/index.js';
import { probesOf, segmentsOf } from '../../lib/smoothness/probes.js';
import { type Fit, type Study, study } from '../../lib/study.js';
import type { Tensor } from '../../lib/tensor.js';

const random = createRandom(11);
const [n, d] = [24, 3];
const data = Float64Array.from({ length: n * d }, () => 2 * random.uniform() - 1);
const x: Tensor = { data, shape: [n, d] };
const y = Float64Array.from(
  { length: n },
  (_, i) => Math.sin(3 * (data[d * i] as number)) + (data[d * i + 1] as number),
);
const row = (i: number) => data.subarray(i * d, (i + 1) * d);
const bias = { var: 0.5, init: 'normal', trainable: true } as const;
const deep = compile({ preset: 'mlp', depth: 3, bias });
const linear = compile(serial(dense({ inputScale: '1' })));
const relative = (value: number, expected: number) => Math.abs(value / expected - 1);

/** f̂ at points. */
async function fitted(kernel: Kernel, notebook: Study, points: Tensor): Promise<Float64Array> {
  const fit = (await notebook.fit('ntk')) as Fit;
  const matrix = await notebook.gram('ntk');
  const { data: values, logScale } = await cross(kernel, points, x, 'ntk');
  const unit = Math.exp(logScale - matrix.logScale);
  return Float64Array.from({ length: points.shape[0] as number }, (_, i) =>
    fit.coefficients.reduce((sum, c, j) => sum + unit * c * (values[i * n + j] as number), 0),
  );
}

const moved = ({ data: numbers, shape }: Tensor, along: readonly number[], by: number): Tensor => ({
  data: Float64Array.from(numbers, (value, i) => value + by * (along[i % d] as number)),
  shape,
});
const axis = (k: number) => Array.from({ length: d }, (_, i) => (i === k ? 1 : 0));

describe('of a linear kernel', () => {
  const notebook = study(linear, x, { y, ridge: 1e-2 });

  test('the gradient at every point is the other row, the Hessian 0', async () => {
    const { kernelGradient, kernelHessian, fitHessian } = await smoothness(notebook, 'ntk', catalogue);
    const meanSquare = data.reduce((sum, value) => sum + value * value, 0) / n;
    expect(relative(kernelGradient as number, 1 / Math.sqrt(meanSquare))).toBeLessThan(1e-13);
    expect(kernelHessian as number).toBeLessThan(1e-13);
    expect(fitHessian as number).toBeLessThan(1e-12);
  });

  test('the fit has one gradient, along paths too', async () => {
    const { coefficients } = (await notebook.fit('ntk')) as { coefficients: Float64Array };
    const w = axis(0).map((_, k) => coefficients.reduce((sum, c, i) => sum + c * (row(i)[k] as number), 0));
    const { fitGradient, pathLipschitz, pathBend } = await smoothness(notebook, 'ntk', catalogue);
    expect(relative(fitGradient as number, Math.hypot(...w))).toBeLessThan(1e-12);
    const slopes = segmentsOf(x).map(({ from, to, length }) =>
      Math.abs(w.reduce((sum, value, k) => sum + (value * ((to[k] as number) - (from[k] as number))) / length, 0)),
    );
    expect(relative(pathLipschitz as number, Math.max(...slopes))).toBeLessThan(1e-10);
    // Second differences of rounded values, over squared steps of a 64th of a length.
    const shortest = Math.min(...segmentsOf(x).map(({ length }) => length)) / 64;
    expect(pathBend as number).toBeLessThan((64 * 2 ** -52 * Math.hypot(...w)) / shortest ** 2);
  });
});

describe('derivatives between the rows', () => {
  const notebook = study(deep, x, { y, ridge: 1e-2 });
  const probes = probesOf(x) as Tensor;
  const count = probes.shape[0] as number;

  test('there are 32 probes, none of them a row', () => {
    expect(count).toBe(32);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < n; j++) {
        expect(Math.hypot(...row(j).map((value, k) => value - (probes.data[i * d + k] as number)))).toBeGreaterThan(
          1e-3,
        );
      }
    }
  });

  test('the gradient of the fit is that of differences', async () => {
    const h = 1e-4;
    let squares = 0;
    for (let k = 0; k < d; k++) {
      const [up, down] = [
        await fitted(deep, notebook, moved(probes, axis(k), h)),
        await fitted(deep, notebook, moved(probes, axis(k), -h)),
      ];
      up.forEach((value, i) => {
        squares += ((value - (down[i] as number)) / (2 * h)) ** 2;
      });
    }
    const { fitGradient } = await smoothness(notebook, 'ntk', catalogue);
    // h²/6 times third derivatives, which are some 10² at probes 0.1 from rows.
    expect(relative(fitGradient as number, Math.sqrt(squares / count))).toBeLessThan(1e-6);
  });

  test('the Hessian of the fit is that of second differences', async () => {
    const h = 1e-3;
    const at = (along: readonly number[], by: number) => fitted(deep, notebook, moved(probes, along, by));
    let squares = 0;
    const centre = await at(axis(0), 0);
    for (let a = 0; a < d; a++) {
      for (let b = 0; b < d; b++) {
        const sum = axis(a).map((value, i) => value + (axis(b)[i] as number));
        const difference = axis(a).map((value, i) => value - (axis(b)[i] as number));
        const [p, q, r, s] = [await at(sum, h), await at(difference, h), await at(difference, -h), await at(sum, -h)];
        p.forEach((value, i) => {
          const second = value - (q[i] as number) - (r[i] as number) + (s[i] as number);
          squares += (second / (4 * h * h)) ** 2;
        });
      }
    }
    expect(centre.length).toBe(count);
    const { fitHessian } = await smoothness(notebook, 'ntk', catalogue);
    // h² times fourth over second derivatives, some 10³.
    expect(relative(fitHessian as number, Math.sqrt(squares / count))).toBeLessThan(1e-3);
  });
});

test('the jump at a row is the one of the slope along an arc through it', async () => {
  const kernel = compile({ preset: 'mlp', depth: 2 });
  const notebook = study(kernel, x, { y, ridge: 1e-2 });
  const { rowJump } = await smoothness(notebook, 'ntk', catalogue);
  const h = 1e-5;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const here = row(i);
    const length = Math.hypot(...here);
    // At right angles to the row.
    const other = row((i + 1) % n);
    const along = here.reduce((sum, value, k) => sum + value * (other[k] as number), 0) / length ** 2;
    const side = other.map((value, k) => value - along * (here[k] as number));
    const unit = Math.hypot(...side);
    const points = [-h, 0, h].flatMap((angle) =>
      Array.from(here, (value, k) => value * Math.cos(angle) + ((side[k] as number) * length * Math.sin(angle)) / unit),
    );
    const f = await fitted(kernel, notebook, { data: Float64Array.from(points), shape: [3, d] });
    largest = Math.max(largest, Math.abs((f[0] as number) - 2 * (f[1] as number) + (f[2] as number)) / h);
  }
  // What is left of the smooth part is h times its second derivative.
  expect(relative(rowJump as number, largest)).toBeLessThan(1e-3);
});

describe('the Hölder constant of features', () => {
  const constant = async (spec: Parameters<typeof compile>[0]) =>
    (await smoothness(study(compile(spec), x), 'ntk', catalogue)).featureHolder as number;

  test('of a deep MLP is its modulus √(L/π)', async () => {
    for (const depth of [5, 20]) {
      expect(relative(await constant({ preset: 'mlp', depth }), Math.sqrt(depth / Math.PI))).toBeLessThan(1e-12);
    }
  });

  test('of an all but linear kernel is that of a cosine: √(2 sin θ) where θ sin θ = 1 − cos θ', async () => {
    const theta = 2.331122370414423;
    expect(theta * Math.sin(theta)).toBeCloseTo(1 - Math.cos(theta), 14);
    // α² from the cosine.
    expect(
      relative(await constant({ preset: 'tirer', depth: 2, alpha: 1e-5 }), Math.sqrt(2 * Math.sin(theta))),
    ).toBeLessThan(1e-9);
  });
});

test('the total variation of the slope of cos t is 4', () => {
  const cosine = { at: (angles: Float64Array) => angles.map(Math.cos), cuspSlope: 0, antipodalSlope: 0 };
  const { totalVariation } = interpolateCircle(cosine, 5, { label: 'cos t', at: Math.cos });
  // Differences over 5760 angles: ∫ of |cos| by the trapezoidal rule, relative error (2π/5760)²/12 at most twice.
  expect(relative(totalVariation, 4)).toBeLessThan(4e-7);
});

describe('the exponent of decay', () => {
  test('of a power law is its own, without an interval to speak of', () => {
    const decay = decayExponent(Float64Array.from({ length: 400 }, (_, i) => (i + 1) ** -1.5));
    expect(decay?.exponent).toBeCloseTo(1.5, 12);
    expect((decay?.interval[1] ?? 1) - (decay?.interval[0] ?? 0)).toBeLessThan(1e-12);
  });

  test('lies in its interval nineteen times of twenty, where the scatter is independent', () => {
    const draws = 400;
    const normal = () => Array.from({ length: 12 }, () => random.uniform()).reduce((sum, u) => sum + u, -6);
    let inside = 0;
    for (let draw = 0; draw < draws; draw++) {
      const values = Float64Array.from({ length: 400 }, (_, i) => (i + 1) ** -1.5 * Math.exp(0.05 * normal()));
      const [low, high] = decayExponent(values)?.interval ?? [1, 0];
      if (low <= 1.5 && 1.5 <= high) inside++;
    }
    // Four standard errors of a share of 0.95 in 400 draws.
    expect(Math.abs(inside / draws - 0.95)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / draws));
  });

  test('metrics that are estimated have the interval', async () => {
    const notebook = study(deep, x);
    const metric = catalogue.find(({ name }) => name === 'eigenvalueDecay');
    const [value, interval] = [await metric?.measure(notebook, 'ntk'), await metric?.interval?.(notebook, 'ntk')];
    expect(interval?.[0]).toBeLessThan(value as number);
    expect(interval?.[1]).toBeGreaterThan(value as number);
    expect(() => defineMetric({ ...catalogue[0], name: 'own', interval: 3 as never })).toThrow('metric.interval');
  });
});

describe('every metric', () => {
  const equations = readFileSync(new URL('../../docs/equations.md', import.meta.url), 'utf8');
  const page = readFileSync(new URL('../../docs/smoothness.md', import.meta.url), 'utf8');

  test.each(catalogue.map((metric) => [metric.name, metric] as const))(
    '%s is on the page, with its key',
    (name, metric) => {
      const { title, smootherWhen, reference, meaning, caution } = metric;
      expect(equations).toContain(`### [${reference}]`);
      expect(page).toContain(`| \`${name}\` | ${title} | ${smootherWhen} |`);
      expect(page).toContain(`[${reference}]`);
      for (const text of [meaning, caution]) expect(text).toMatch(/^[A-Z].{20,}\.$/);
    },
  );

  test('has a number on rows, and does not change with the scale of the network', async () => {
    const figures = await smoothness(study(deep, x, { y, ridge: 1e-2 }), 'ntk', catalogue);
    const larger = compile(serial(network({ preset: 'mlp', depth: 3, bias }), scale(1.7)));
    const scaled = await smoothness(study(larger, x, { y, ridge: 1e-2 }), 'ntk', catalogue);
    for (const { name } of catalogue) {
      expect(Number.isFinite(figures[name]), name).toBe(true);
      const [value, expected] = [scaled[name] as number, figures[name] as number];
      expect(Math.abs(value - expected), name).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)));
    }
  });

  test('is a number or null on images', async () => {
    const images: Tensor = { data: data.subarray(0, 64), shape: [8, 4, 2] };
    const kernel = compile({ preset: 'cntk', depth: 2, head: 'trace' });
    const figures = await smoothness(study(kernel, images, { y: y.subarray(0, 8), ridge: 1e-2 }), 'ntk', catalogue);
    for (const name of ['kernelGradient', 'fitGradient', 'pathLipschitz', 'pathBend', 'rkhsNorm'] as const) {
      expect(figures[name] as number, name).toBeGreaterThan(0);
    }
    for (const name of [
      'cuspSlope',
      'featureHolder',
      'largestJump',
      'totalVariation',
      'rowJump',
      'fitHessian',
    ] as const) {
      expect(figures[name], name).toBeNull();
    }
  });

  test('is null where no two rows span a plane', async () => {
    const figures = await smoothness(study(deep, [[1], [2], [3]], { y: [1, 2, 3], ridge: 1e-2 }), 'ntk', catalogue);
    expect(figures).toMatchObject({ kernelGradient: null, fitHessian: null, pathLipschitz: null });
    expect(figures.rowJump).toBeGreaterThan(0);
  });
});
