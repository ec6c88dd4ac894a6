/** The study of smoothness: values known from an independent program, and claims that fail. */

import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadDataset } from '../../lib/data/load.js';
import { createRandom } from '../../lib/data/rng.js';
import { compile } from '../../lib/kernel.js';
import { type PresetSpec, presetNames } from '../../lib/presets.js';
import { interpolateCircle } from '../../lib/smoothness/circle.js';
import { kernelCurve } from '../../lib/smoothness/kernel-curve.js';
import { normal } from '../../lib/studies/points.js';
import { runStudy } from '../../lib/studies/run.js';
import type { ItemReport, LineChart, StudyReport } from '../../lib/studies/schema.js';
import { boundsOf, margin } from '../../lib/studies/tirer/bounds.js';
import { mlp, resnet, tangentCurve } from '../../lib/studies/tirer/curves.js';
import { domains } from '../../lib/studies/tirer/domains.js';
import { evenAngles, fitted } from '../../lib/studies/tirer/protocol.js';

let report: StudyReport;
const trained = {
  ...{ widths: [8, 16], networks: 2, meanNetworks: 2, presetWidths: [16, 32, 64], presetNetworks: 8 },
  ...{ trainedWidths: [32, 128], trainedNetworks: 6, trainedDepth: 2 },
  ...{ driftWidths: [32, 128], driftInputs: 6, driftSteps: 20, curveSteps: 400 },
};
const item = (id: string): ItemReport => {
  const found = report.parts[0]?.items.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no item ${id}`);
  return found;
};

beforeAll(async () => {
  const [images, labels] = ['images', 'labels'].map((name) =>
    fileURLToPath(new URL(`../fixtures/mnist2-200-${name}.idx.gz`, import.meta.url)),
  ) as [string, string];
  const data = await loadDataset(images, { labels });
  report = await runStudy('tirer', {
    size: 'quick',
    parameters: {
      ...{ draws: 10, randomSamples: [5, 10] },
      ...trained,
      ...{ surfaceSamples: 20, surfaceProbes: 50, pathRows: 40, paths: 10, pathDepths: [5], pathAlphas: [0.1] },
    },
    data,
  });
});

/** Half of the last digit that is given. */
const half = (digits: number) => 0.5 * 10 ** -digits * 1.0001;

describe('values known from an independent program', () => {
  test.each([
    ['MLP', mlp(5), [0.9214, 0.6478, 0.4253, 0.2566, 0.2384], 0.79577],
    ['α = 0.1', resnet(5, 0.1), [0.9942, 0.8745, 0.5384, -0.3963, -0.9526], 0.0078028],
    ['α = 1', resnet(5, 1), [0.9629, 0.7605, 0.4725, 0.0745, -0.0281], 0.33157],
  ])('kernel over the angle, %s', (_, spec, values, cusp) => {
    const curve = tangentCurve(spec);
    const at = curve.at(Float64Array.of(0.1, 0.5, 1, 2, Math.PI));
    for (const [i, value] of values.entries()) expect(Math.abs((at[i] as number) - value)).toBeLessThanOrEqual(half(4));
    expect(Math.abs(curve.cuspSlope - cusp)).toBeLessThanOrEqual(half(5));
  });

  // A value and its digits behind the point; null where it is not known.
  type Known = readonly [value: number, digits: number] | null;
  // Samples, then largest jump, sum of jumps, amplitude above 20, L² error.
  const interpolants: readonly (readonly [PresetSpec, number, readonly Known[]])[] = [
    [
      mlp(5),
      15,
      [
        [5.17, 2],
        [46.3, 1],
        [0.0227, 4],
        [0.1575, 4],
      ],
    ],
    [
      resnet(5, 0.1),
      15,
      [
        [2.5, 2],
        [23.9, 1],
        [0.0138, 4],
        [0.0579, 4],
      ],
    ],
    [
      resnet(5, 1),
      15,
      [
        [4.15, 2],
        [38.9, 1],
        [0.0196, 4],
        [0.1311, 4],
      ],
    ],
    [mlp(5), 9, [[5.67, 2]]],
    [resnet(5, 0.1), 9, [[3.65, 2]]],
    [resnet(5, 1), 9, [[4.59, 2]]],
  ];
  test.each(interpolants)('interpolants %j through %d samples', async (spec, samples, known) => {
    const one = await fitted(spec, evenAngles(samples), 0, {});
    const values = [Math.max(...one.jumps), one.jumps.reduce((sum, jump) => sum + jump, 0), one.tail, one.error];
    for (const [i, value] of known.entries()) {
      if (value === null) continue;
      expect(Math.abs((values[i] as number) - value[0]), `${i}`).toBeLessThanOrEqual(half(value[1]));
    }
    // The circulant solution over a grid of 5760 is the same function.
    const other = interpolateCircle(kernelCurve(compile(spec), 'ntk'), samples);
    expect(one.jumps.map((jump, i) => jump / 2 / Math.abs(other.coefficients[i] as number))).toEqual(
      one.jumps.map(() => expect.closeTo(kernelCurve(compile(spec), 'ntk').cuspSlope, 9)),
    );
    expect(Math.abs(one.error / other.rmsError - 1)).toBeLessThan(1e-5);
    expect(Math.abs(one.tail / other.spectralTail - 1)).toBeLessThan(1e-3);
  });

  test('total variation of the derivative through 15 samples: 51.9 for the MLP, 59.2 for α = 0.1', async () => {
    const variation = async (spec: PresetSpec) => (await fitted(spec, evenAngles(15), 0, {})).variation;
    expect(Math.abs((await variation(mlp(5))) - 51.9)).toBeLessThanOrEqual(half(1));
    expect(Math.abs((await variation(resnet(5, 0.1))) - 59.2)).toBeLessThanOrEqual(half(1));
  });

  test('six samples with both ends of [−π, π] and a ridge are five samples: one corner where the ends meet', async () => {
    const six = await fitted(resnet(5, 0.1), evenAngles(6, true), 1e-10, {});
    const five = await fitted(resnet(5, 0.1), evenAngles(5), 0, {});
    expect(six.jumps).toHaveLength(6);
    expect(six.jumps[5]).toBe(six.jumps[0]);
    for (const [i, jump] of five.jumps.entries())
      expect(Math.abs((six.jumps[i] as number) / jump - 1)).toBeLessThan(1e-7);
    // Known of the five distinct points, which do not determine the target.
    expect(Math.abs(six.error - 0.999)).toBeLessThanOrEqual(half(4));
    await expect(fitted(resnet(5, 0.1), evenAngles(6, true), 0, {})).rejects.toMatchObject({
      code: 'ERR_NOT_POSITIVE_DEFINITE',
    });
  });
});

test('all values that are known are measured, and found', () => {
  const known = ['T3', 'T4', 'T10'].flatMap((id) => item(id).measured.filter(({ what }) => what.endsWith('as known')));
  // 18 of kernels, 20 of interpolants, 4 eigenvalues.
  expect(known.length).toBe(42);
  for (const { what, holds } of known) expect(holds, what).toBe(true);
});

test('verdicts: corners and errors rank, total variation does not', () => {
  expect(item('T3').verdict).toBe('holds');
  expect(item('T4').verdict).toBe('holds');
  expect(item('T4-ends').verdict).toBe('holds');
  expect(item('T4-depth').verdict).toBe('holds');
  expect(item('T4-variation').verdict).toBe('does not hold');
  expect(item('T5').verdict).toBe('in part');
  expect(item('T10').verdict).toBe('in part');
});

test.each([mlp(5), resnet(5, 0.1)])(
  'derivatives of interpolants away from samples are those of differences, %j',
  (spec) => {
    const n = 15;
    const { angles, values } = interpolateCircle(tangentCurve(spec), n);
    // The angles shown are 48 to a sample, as those of derivatives are, which lie halfway between them.
    const h = (angles[1] as number) - (angles[0] as number);
    let [slopes, bends, count] = [0, 0, 0];
    for (let j = 0; j < angles.length - 1; j++) {
      const within = ((j + 0.5) % 48) * h;
      const opposite = Math.abs(within - 24 * h);
      if (Math.min(within, 48 * h - within, opposite) < margin) continue;
      const [a, b, c, d] = [-1, 0, 1, 2].map((k) => values[(j + k + 720) % 720] as number) as [
        number,
        number,
        number,
        number,
      ];
      slopes += ((c - b) / h) ** 2;
      bends += ((a - b - c + d) / (2 * h * h)) ** 2;
      count++;
    }
    const { slope, bend, quotient, whole } = boundsOf(spec, n);
    // h²/24 and 5h²/24 of two derivatives more, which are below 10² of those.
    expect(Math.abs(slope / Math.sqrt(slopes / count) - 1)).toBeLessThan(1e-3);
    expect(Math.abs(bend / Math.sqrt(bends / count) - 1)).toBeLessThan(5e-3);
    expect(quotient).toBeLessThan(whole);
  },
);

describe('second derivatives on surfaces', () => {
  const [sphere, plane] = domains;

  test('a harmonic of degree k is an eigenfunction: Δf = −k(k + 1)f; a linear one bends by −x₁P', () => {
    for (const row of sphere?.spread(20, 0.1) ?? []) {
      const [a, b, c] = row as unknown as [number, number, number];
      const linear = sphere?.second(row, { gradient: [1, 0, 0], hessian: new Float64Array(9) });
      expect(linear?.laplacian).toBeCloseTo(-2 * a, 13);
      expect(linear?.norm).toBeCloseTo(Math.SQRT2 * Math.abs(a), 13);
      const value = b ** 4 - 6 * b * b * c * c + c ** 4;
      const gradient = [0, 4 * b ** 3 - 12 * b * c * c, 4 * c ** 3 - 12 * b * b * c];
      const [bb, bc, cc] = [12 * b * b - 12 * c * c, -24 * b * c, 12 * c * c - 12 * b * b];
      const four = sphere?.second(row, { gradient, hessian: [0, 0, 0, 0, bb, bc, 0, bc, cc] });
      expect(four?.laplacian).toBeCloseTo(-20 * value, 12);
      expect(sphere?.target(row)).toBeCloseTo(0.5 * a + value, 14);
    }
  });

  test('in the plane the third coordinate is no direction', () => {
    const flat = plane?.second(Float64Array.of(0.3, 0.4, 1), {
      gradient: [1, 1, 1],
      hessian: [1, 2, 9, 2, 3, 9, 9, 9, 9],
    });
    expect(flat).toEqual({ laplacian: 4, norm: Math.hypot(1, 2, 2, 3) });
  });

  test('points lie on their surface, evenly', () => {
    const points = sphere?.spread(1000, 0.3) ?? [];
    for (const row of points) expect(Math.hypot(...row)).toBeCloseTo(1, 14);
    // The mean of even points is the centre, to a distance of one over their number.
    for (const k of [0, 1, 2])
      expect(Math.abs(points.reduce((sum, row) => sum + (row[k] as number), 0))).toBeLessThan(1);
    for (const row of plane?.spread(100, 0) ?? []) expect(Math.max(...row.map(Math.abs))).toBeLessThanOrEqual(1);
  });
});

test('maps: of every interpolant, over one grid, with the samples', () => {
  const maps = item('T7').charts.filter((chart) => chart.kind === 'map');
  expect(maps.map(({ name }) => name)).toEqual(['tirer-sphere', 'tirer-plane']);
  for (const { panels } of maps) {
    expect(panels.map(({ title }) => title)).toEqual(['Target', 'MLP', 'ResNet, α = 0.1', 'ResNet, α = 1']);
    for (const { values, points } of panels) {
      expect(points?.length).toBe(20);
      expect(new Set(values.map((row) => row.length)).size).toBe(1);
    }
  }
});

test('between images second differences are smaller, by far', () => {
  const { measured } = item('T9');
  const bends = measured.filter(({ what }) => what.startsWith('second differences'));
  expect(bends.length).toBe(1);
  for (const { measured: value } of bends) expect(value).toBeLessThan(0.2);
});

test('scales above 1 are drawn beside those that are judged, and marked', () => {
  const { outside, charts, measured } = item('T4');
  expect(outside).toEqual(['α = 2: the claim is about α ≤ 1, so that figures show it and no verdict counts it']);
  const [jumps] = (charts.find(({ name }) => name === 'tirer-roughness') as LineChart).series;
  expect(jumps?.points.map(({ x }) => x)).toEqual([0.05, 0.1, 0.3, 0.5, 1, 2]);
  const judged = Math.max(...(jumps?.points ?? []).slice(0, -1).map(({ y }) => y));
  expect(measured.find(({ what }) => what === 'largest jump over the MLP’s, n = 15')?.measured).toBe(judged);
});

test('random targets and random labels are judged apart; what is read off transforms is what interpolants have', () => {
  const { measured, charts } = item('T6');
  for (const kind of ['band-limited targets', 'random labels']) {
    expect(measured.filter(({ what }) => what.includes(kind))).toHaveLength(25);
  }
  // The draws of seed 0, by the interpolants themselves.
  const labels = (draw: number) => {
    const random = createRandom(0, draw);
    return Array.from({ length: 5 }, () => normal(random));
  };
  const jumps = (spec: PresetSpec) =>
    Array.from({ length: 10 }, (_, draw) => {
      const values = labels(draw);
      const at = (t: number) => values[Math.round(((t + Math.PI) / (2 * Math.PI)) * 5) % 5] as number;
      const { largestJump, spectralTail } = interpolateCircle(tangentCurve(spec), 5, { label: '', at });
      return [largestJump, spectralTail] as const;
    });
  const [above, below] = [jumps(resnet(5, 1)), jumps(mlp(5))];
  for (const [k, name] of ['tirer-random-targets-labels', 'tirer-random-tails-labels'].entries()) {
    const sum = (of: typeof above) => of.reduce((total, one) => total + (one[k] as number), 0);
    const chart = charts.find((one) => one.name === name) as LineChart;
    const own = chart.series.find(({ id }) => id === 'alpha-1');
    expect((own?.points[0]?.y as number) / (sum(above) / sum(below))).toBeCloseTo(1, 9);
  }
});

test('samples that do not divide the turn are refused', async () => {
  await expect(runStudy('tirer', { size: 'quick', parameters: { samples: [7], ...trained } })).rejects.toThrow(
    /divisor of 5760/,
  );
});

test('networks of every preset and head are drawn, and their errors fall with the width', () => {
  const { measured, charts } = item('X1');
  const labels = [...presetNames.filter((name) => name !== 'barzilai' && name !== 'cntk')];
  const heads = ['pixel', 'trace', 'pool'].flatMap((head) => [`cntk, ${head}`, `barzilai, ${head}`]);
  for (const label of [...labels, ...heads]) {
    const own = measured.filter(({ what }) => what.endsWith(`, ${label}`));
    expect(
      own.map(({ what }) => what.includes('slope')),
      label,
    ).toEqual([true, false, true, false]);
  }
  expect(measured).toHaveLength(4 * (labels.length + heads.length));
  for (const { points } of charts.flatMap((chart) => (chart as LineChart).series))
    expect(points.at(-1)?.y).toBeLessThan(points[0]?.y as number);
});

test('kernels and weights of networks in training move less in wider ones, smooth or kinked, with skips or without', () => {
  const { measured, charts, verdict } = item('T2');
  expect(verdict).toBe('holds');
  for (const name of ['MLP, tanh', 'ResNet, tanh', 'MLP, ReLU', 'ResNet, ReLU']) {
    const [kernel, weights] = measured.filter(({ what }) => what.includes(name)).map((one) => one.measured);
    expect(kernel).toBeLessThan(-0.4);
    expect(kernel).toBeGreaterThan(-1.6);
    // ‖ΔW‖ stays as the width grows, and √m divides it.
    expect(Math.abs((weights as number) + 0.5)).toBeLessThan(0.2);
  }
  for (const chart of charts) expect((chart as LineChart).series).toHaveLength(4);
});

test('trained networks draw the curves of their kernels, the wider the closer', () => {
  const { measured, charts } = item('T8');
  const of = (begin: string) => measured.filter(({ what }) => what.startsWith(begin));
  for (const { measured: distance } of of('distance over')) expect(distance).toBeLessThan(0.25);
  for (const { measured: missed } of of('missed')) expect(missed).toBeLessThan(0.2);
  const far = (charts.find(({ name }) => name === 'tirer-trained-distance') as LineChart).series;
  for (const { points } of far) expect(points[1]?.y).toBeLessThan(points[0]?.y as number);
  // The kernel's curve is that of the interpolant, once descent has met the samples.
  const kernel = (charts.find(({ name }) => name === 'tirer-trained-mlp') as LineChart).series.at(-1);
  const { values } = interpolateCircle(tangentCurve(mlp(2)), 9);
  const off = (kernel?.points ?? []).map(({ y }, j) => Math.abs(y - (values[3 * j] as number)));
  expect(Math.max(...off)).toBeLessThan(1e-4);
});

test('scales beyond the claim are computed and marked; as many samples as there is room between', async () => {
  const beyond = await runStudy('tirer', {
    size: 'quick',
    parameters: {
      ...{ alphas: [2], samples: [96], draws: 10, randomSamples: [5, 48] },
      ...trained,
      ...{
        endAlpha: 2,
        trainedAlpha: 2,
        surfaceAlphas: [2],
        surfaceSamples: 10,
        surfaceProbes: 10,
        attenuations: [2, 3],
      },
    },
  });
  const items = beyond.parts[0]?.items ?? [];
  for (const id of ['T4', 'T4-ends', 'T4-variation', 'T4-depth', 'T5', 'T5-interpolants', 'T6', 'T7', 'T8']) {
    const found = items.find((one) => one.id === id);
    expect(found?.measured.length, id).toBeGreaterThan(0);
    expect(found?.outside, id).toContain('every α is above 1, and the claim is about α ≤ 1');
  }
  expect(items.find(({ id }) => id === 'T6')?.outside).toContain('n = 48: the claim is about 5 to 40 samples');
  expect(items.find(({ id }) => id === 'T8')?.outside).toContain(
    'm = 128: the claim is about networks of width 500 and more',
  );
  for (const { what, measured } of items.flatMap((one) => one.measured)) expect(measured, what).not.toBeNull();
}, 30_000);

test.each([
  ['tirer', { trainedWidths: [64] }],
  ['huang', { resnetDepths: [1024] }],
  ['belfer', { slopeDepths: [1000] }],
  ['barzilai', { limitDepths: [1000] }],
  ['li', { hierarchyWidths: [128] }],
])('%s refuses a single value of what it follows from one to the next', async (name, parameters) => {
  await expect(runStudy(name, { size: 'quick', parameters })).rejects.toMatchObject({
    code: 'ERR_ARGUMENT',
    message: expect.stringMatching(/^\w+: expected at least 2 ascending integers from /),
  });
});
