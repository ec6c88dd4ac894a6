/** Maps: every value in the band of its colour, colours in even steps, safe for colour-blind readers. */

import { describe, expect, test } from 'vitest';
import { type RampName, ramps } from '../../lib/report/ramps.js';
import { renderStudy } from '../../lib/report/study/index.js';
import type { Chart, ItemReport, LineChart, MapChart, StudyReport } from '../../lib/studies/schema.js';

const cells: MapChart = {
  kind: 'map',
  name: 'field',
  title: 'Field of view',
  caption: 'Two panels over one scale.',
  grid: 'cells',
  x: { label: 'Column', low: 0, high: 4 },
  y: { label: 'Row', low: 0, high: 2, reversed: true },
  colour: { label: 'Share (%)', scale: 'sequential' },
  panels: [
    {
      title: 'MLP',
      values: [
        [0, 0, 0, 0],
        [0, 0, 100, 0],
      ],
    },
    {
      title: 'ResNet',
      values: [
        [50, 50, 50, 50],
        [50, 50, 50, 50],
      ],
    },
  ],
};
/** x + y over [−1, 1]². */
const surface: MapChart = {
  ...cells,
  name: 'plane',
  grid: 'surface',
  x: { label: 'x₁', low: -1, high: 1 },
  y: { label: 'x₂', low: -1, high: 1 },
  colour: { label: 'Value', scale: 'diverging' },
  panels: [
    {
      title: 'Plane',
      values: Array.from({ length: 9 }, (_, i) => Array.from({ length: 9 }, (_, j) => (i + j) / 4 - 2)),
      points: [{ x: 0, y: 0 }],
    },
  ],
};

function page(charts: readonly Chart[]) {
  const item = {
    ...{ id: 'A', title: 't', claim: 'c', check: 'c', expected: 'e', measured: [], verdict: null, absent: null },
    ...{ outside: [], reference: { paper: 'P', equations: [] }, remarks: [], charts },
  } satisfies ItemReport;
  const report: StudyReport = {
    ...{ schema: 1, kind: 'study', version: '0', name: 'x', title: 'x', size: 'quick', seed: 0 },
    ...{ data: null, cifar10: null },
    parts: [{ study: 'x', title: 'x', paper: 'p', parameters: {}, items: [item] }],
    provenance: { blas: 'b', simd: 's', threads: 1, command: 'c' } as StudyReport['provenance'],
  };
  return renderStudy(report);
}

/** The filled paths of a drawing and their colours. */
function filled(svg: string): readonly { readonly d: string; readonly fill: string }[] {
  return [...svg.matchAll(/<path d="([^"]+)" fill="(#\w{6})"\/>/g)].map(([, d = '', fill = '']) => ({ d, fill }));
}

describe('cells', () => {
  const [figure] = page([cells]).figures;
  const paths = filled(figure?.svg ?? '');

  test('of one colour are one path; equal neighbours one piece of it', () => {
    const ramp = ramps.sequential.light;
    expect(paths.map(({ fill, d }) => [fill, d.split('M').length - 1])).toEqual([
      // Row 0 in one piece, row 1 on both sides of the peak.
      [ramp[0], 3],
      [ramp.at(-1), 1],
      [expect.stringMatching(/^#/), 2],
    ]);
  });

  test('a reversed axis has row 0 on top', () => {
    const tops = paths.map(({ d }) => Number(/^M[\d.]+,([\d.]+)/.exec(d)?.[1]));
    expect(tops[1]).toBeGreaterThan(tops[0] as number);
  });

  test('tell their values to those who cannot see them', () => {
    expect(figure?.svg).toContain('Share (%): MLP, from 0 to 100; ResNet, from 50.0 to 50.0.');
  });
});

test('levels of a surface lie where the function has their value', () => {
  const svg = page([surface]).figures[0]?.svg ?? '';
  const frame = /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="none"/.exec(svg);
  const [left, top, width, height] = (frame ?? []).slice(1).map(Number) as [number, number, number, number];
  const contours = [...svg.matchAll(/<path d="(M[^"]+Z)"/g)].map(([, d = '']) =>
    [...d.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, u, v]) => {
      const [x, y] = [(2 * (Number(u) - left)) / width - 1, 1 - (2 * (Number(v) - top)) / height];
      return { x, y };
    }),
  );
  const levels = contours.flatMap((points) => {
    const inside = points.filter(({ x, y }) => Math.abs(x) < 0.99 && Math.abs(y) < 0.99).map(({ x, y }) => x + y);
    return inside.length < 4 ? [] : [inside];
  });
  expect(levels.length).toBe(5);
  for (const values of levels) {
    // Coordinates are cut to hundredths of a pixel of some 170, and a linear function is interpolated exactly.
    const level = 0.5 * Math.round(2 * (values[0] as number));
    for (const value of values) expect(Math.abs(value - level)).toBeLessThan(1e-3);
  }
});

test('a chart of lines shows what it is after and what it was given', () => {
  const plain: LineChart = {
    ...{ name: 'line', title: 'Line', caption: 'A line.' },
    x: { label: 't', scale: 'linear' },
    y: { label: 'Value', scale: 'linear' },
    series: [{ id: 'mlp', label: 'MLP', family: 'mlp', points: [0, 1].map((x) => ({ x, y: x })) }],
  };
  const line = [0, 1, 2].map((x) => ({ x: x / 2, y: 1 - x / 2 }));
  const drawn = (chart: Chart) => page([chart]).figures[0]?.svg ?? '';
  const circles = (svg: string) => [...svg.matchAll(/<circle /g)].length;
  const full = drawn({ ...plain, y: { ...plain.y, rule: 4 }, target: line, samples: line });
  expect(circles(full) - circles(drawn(plain))).toBe(3);
  expect(full).toContain('stroke-width="5"');
  expect(drawn(plain)).not.toContain('stroke-width="5"');
  // A rule beyond the points is on the axis all the same.
  expect(full).toContain('stroke-dasharray="1.5 3"');
  expect(full).toContain('>4<');
  expect(drawn(plain)).not.toContain('stroke-dasharray="1.5 3"');
});

test('only pages with maps carry their colours, in both schemes', () => {
  const { html } = page([cells]);
  for (const scheme of ['light', 'dark'] as const)
    expect(html).toContain(`--sequential-3: ${ramps.sequential[scheme][3]};`);
  expect(page([]).html).not.toContain('--sequential-3:');
});

/** OKLab of #rrggbb, as seen without one kind of cone (Viénot, Brettel, Mollon 1999, in linear RGB). */
function lab(colour: string, seen: readonly (readonly number[])[]): readonly [number, number, number] {
  const rgb = [1, 3, 5].map((i) => {
    const value = Number.parseInt(colour.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const by = (row: readonly number[], of: readonly number[]) =>
    row.reduce((sum, one, i) => sum + one * (of[i] as number), 0);
  const shown = seen.map((row) => Math.max(0, by(row, rgb)));
  const [l, m, s] = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ].map((row) => Math.cbrt(by(row, shown))) as [number, number, number];
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const eyes = {
  'all cones': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  deuteranopia: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
};
const apart = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((value, i) => value - (b[i] as number)));

describe.each(Object.entries(eyes))('colours with %s', (_, seen) => {
  const named = Object.entries(ramps).flatMap(([name, { light, dark }]) => [
    [name as RampName, 'light', light],
    [name as RampName, 'dark', dark],
  ]) as readonly (readonly [RampName, string, readonly string[]])[];

  test.each(named)('%s, %s: steps in one direction of lightness, none twice another', (name, _scheme, ramp) => {
    const half = name === 'diverging' ? ramp.slice((ramp.length - 1) / 2) : ramp;
    const points = half.map((colour) => lab(colour, seen));
    const steps = points.slice(1).map((point, i) => point[0] - (points[i]?.[0] as number));
    expect(new Set(steps.map(Math.sign)).size).toBe(1);
    // Of four steps at a time: one alone is rounded to 1/255.
    const lengths = points.slice(4).map((point, i) => apart(point, points[i] as readonly number[]));
    expect(Math.max(...lengths) / Math.min(...lengths)).toBeLessThan(2);
  });

  test.each(named.filter(([name]) => name === 'diverging'))('%s, %s: the signs are apart', (_name, _scheme, ramp) => {
    // A just noticeable difference of OKLab is some 0.02.
    for (const i of [0, 5, 10]) {
      expect(apart(lab(ramp[i] as string, seen), lab(ramp.at(-1 - i) as string, seen))).toBeGreaterThan(0.08);
    }
  });
});
