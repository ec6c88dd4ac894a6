import * as Plot from '@observablehq/plot';
import { fixed, sequence, significant } from '../format.js';
import type { SeriesStyle } from '../series.js';
import { type Canvas, defineFigure } from './figure.js';
import { hits, legend, marker, stroke } from './paint.js';
import { drawPanel, type Panel, round } from './panel.js';
import { type Axis, linearAxis } from './scale.js';

interface Point {
  /** Degrees. */
  readonly angle: number;
  readonly value: number;
}

interface Curve {
  readonly style: SeriesStyle;
  readonly points: readonly Point[];
}

type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

export const circleFigure = defineFigure({
  name: 'circle',
  title: (view) => `Interpolants on the circle at depth ${view.report.circle.depth}`,
  summary: (view) => {
    const { circle } = view.report;
    const jumps = circle.series.map(
      ({ id, largestJump }) => `${view.style(id).label} ${significant(largestJump)} per radian`,
    );
    return `Each kernel interpolates ${circle.sampleAngles.length} samples of ${circle.target}. The slope jumps at the samples by at most: ${sequence(jumps)}.`;
  },
  draw: (view, canvas) => {
    const curves = view.report.circle.series
      .map(({ id, values }) => ({ style: view.style(id), points: pointsOf(view.report.circle.angles, values) }))
      .sort((a, b) => a.style.index - b.style.index);
    const truth = pointsOf(view.report.circle.angles, view.report.circle.truth);
    const samples = pointsOf(view.report.circle.sampleAngles, view.report.circle.sampleValues);
    const key = legend(
      canvas,
      curves.map((curve) => curve.style),
      0,
      [
        { label: 'Target', draw: (x, y) => truthSample(canvas, x, y) },
        { label: 'Sample', draw: (x, y) => dot(canvas, x + 15, y) },
      ],
    );
    const left = 40;
    const top = key.height + 34;
    const whole: Box = canvas.compact
      ? { left, top, width: canvas.width - left - 10, height: 220 }
      : { left, top, width: (canvas.width - 2 * left - 34) * 0.64, height: 310 };
    const close: Box = canvas.compact
      ? { left, top: top + whole.height + 84, width: whole.width, height: 210 }
      : {
          left: left + whole.width + left + 22,
          top,
          width: canvas.width - 2 * left - 22 - whole.width - 12,
          height: 310,
        };
    const main = drawWhole(canvas, curves, truth, samples, whole);
    const zoom = drawZoom(canvas, curves, truth, samples, close);
    const tips = curves.flatMap(({ style, points }) =>
      points.filter((_, i) => i % Math.max(1, Math.floor(points.length / 90)) === 0).map((p) => tip(main, style, p)),
    );
    return { height: zoom.bottom + 44, body: key.body + main.body + zoom.body + hits(canvas, tips) };
  },
});

function drawWhole(
  canvas: Canvas,
  curves: readonly Curve[],
  truth: readonly Point[],
  samples: readonly Point[],
  box: Box,
) {
  const values = [...curves.flatMap((curve) => curve.points), ...truth, ...samples].map((point) => point.value);
  const panel = drawPanel(canvas, 'whole', {
    ...box,
    x: angleAxis(-180, 180, canvas.compact ? 90 : 60),
    y: linearAxis(values, { label: 'Interpolant', count: 5 }),
    marks: marksOf(canvas, curves, truth, samples),
  });
  return { ...panel, body: panel.body + dots(canvas, panel, samples) };
}

/** One sample and half the way to its neighbours. */
function drawZoom(
  canvas: Canvas,
  curves: readonly Curve[],
  truth: readonly Point[],
  samples: readonly Point[],
  box: Box,
) {
  const corner = tellingSample(curves, samples);
  const half = samples.length > 1 ? Math.min(24, 0.42 * spacing(samples, corner)) : 24;
  const low = corner.angle - half;
  const high = corner.angle + half;
  const inside = (points: readonly Point[]) => points.filter((point) => point.angle >= low && point.angle <= high);
  const near = curves.map(({ style, points }) => ({ style, points: inside(points) }));
  const values = [...near.flatMap((curve) => curve.points), corner].map((point) => point.value);
  const step = half > 15 ? 10 : 5;
  const panel = drawPanel(canvas, 'zoom', {
    ...box,
    x: angleAxis(low, high, step),
    y: linearAxis(values, { label: `Close-up at ${fixed(corner.angle, 0)}°`, count: 5 }),
    marks: marksOf(canvas, near, inside(truth), [corner]),
  });
  const markers = near.flatMap(({ style, points }, i) => {
    const wanted = [0.14 + 0.05 * i, 0.7 + 0.05 * i].map((share) => low + share * (high - low));
    return wanted.flatMap((angle) => {
      const point = points.find((candidate) => candidate.angle >= angle);
      return point === undefined ? [] : [marker(style, canvas.theme, panel.x(point.angle), panel.y(point.value), 3.2)];
    });
  });
  return { ...panel, body: panel.body + markers.join('') + dots(canvas, panel, [corner]) };
}

function marksOf(canvas: Canvas, curves: readonly Curve[], truth: readonly Point[], samples: readonly Point[]) {
  const { theme } = canvas;
  const clip = { clip: true };
  return [
    Plot.ruleX(samples, { x: 'angle', stroke: theme.grid }),
    Plot.line(truth, { x: 'angle', y: 'value', stroke: theme.truth, strokeWidth: 4, strokeOpacity: 0.35, ...clip }),
    ...curves.map(({ style, points }) =>
      Plot.line(points, { x: 'angle', y: 'value', ...stroke(style, theme, 1.8), ...clip }),
    ),
  ];
}

function angleAxis(low: number, high: number, step: number): Axis {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return {
    type: 'linear',
    domain: [low, high],
    ticks: Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step),
    format: (value) => `${fixed(value, 0)}°`,
    label: 'Angle on the circle',
  };
}

function dots(canvas: Canvas, panel: Panel, samples: readonly Point[]): string {
  return samples.map(({ angle, value }) => dot(canvas, panel.x(angle), panel.y(value))).join('');
}

function dot(canvas: Canvas, x: number, y: number): string {
  const { ink, surface } = canvas.theme;
  return `<circle cx="${round(x)}" cy="${round(y)}" r="4" fill="${ink}" stroke="${surface}" stroke-width="1.5"/>`;
}

function truthSample(canvas: Canvas, x: number, y: number): string {
  const line = `x1="${round(x)}" x2="${round(x + 30)}" y1="${round(y)}" y2="${round(y)}"`;
  return `<line ${line} stroke="${canvas.theme.truth}" stroke-width="4" stroke-opacity="0.35"/>`;
}

function tip(panel: Panel, style: SeriesStyle, { angle, value }: Point) {
  const text = `${style.label} at ${fixed(angle, 0)}°: ${significant(value)}`;
  return { x: panel.x(angle), y: panel.y(value), text };
}

/** Where the sharpest and the roundest curve differ most; second differences tell how sharply a curve turns. */
function tellingSample(curves: readonly Curve[], samples: readonly Point[]): Point {
  let telling = samples[0] ?? { angle: 0, value: 0 };
  let widest = -1;
  for (const sample of samples) {
    const bends = curves.map(({ points }) => {
      const i = points.findIndex((point) => point.angle >= sample.angle - 1e-9);
      const [before, at, after] = [points[i - 1], points[i], points[i + 1]];
      if (before === undefined || at === undefined || after === undefined) return 0;
      return Math.abs(after.value - 2 * at.value + before.value);
    });
    const range = Math.max(...bends) - Math.min(...bends);
    if (range > widest) [widest, telling] = [range, sample];
  }
  return telling;
}

function spacing(samples: readonly Point[], from: Point): number {
  const gaps = samples.map((sample) => Math.abs(sample.angle - from.angle)).filter((gap) => gap > 1e-6);
  return Math.min(...gaps);
}

/** Sorted, in degrees within ±180. */
function pointsOf(angles: readonly number[], values: readonly number[]): readonly Point[] {
  return angles
    .map((angle, i) => ({ angle: degrees(angle), value: values[i] as number }))
    .sort((a, b) => a.angle - b.angle);
}

function degrees(radians: number): number {
  const angle = (radians * 180) / Math.PI;
  return angle > 180 + 1e-9 ? angle - 360 : angle;
}
