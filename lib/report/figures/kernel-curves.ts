import * as Plot from '@observablehq/plot';
import { fixed, sequence, significant } from '../format.js';
import type { SeriesStyle } from '../series.js';
import type { View } from '../view.js';
import { type Canvas, defineFigure } from './figure.js';
import { endLabelRoom, endLabels, hits, legend, marker, stroke } from './paint.js';
import { drawPanel, type Panel } from './panel.js';
import { linearAxis } from './scale.js';

interface Point {
  /** Degrees. */
  readonly angle: number;
  readonly value: number;
}

interface Curve {
  readonly style: SeriesStyle;
  readonly points: readonly Point[];
  readonly cuspSlope: number;
}

/** Half the width of the window around angle 0, in degrees: wide enough for a rounded top, narrow enough for a cusp. */
const windowDegrees = 12;

export const kernelCurvesFigure = defineFigure({
  name: 'kernel-curves',
  title: (view) => `Kernels over the angle at depth ${view.report.curves.depth}`,
  summary: (view) => {
    const slopes = view.report.curves.series.map(
      ({ id, cuspSlope }) =>
        `${view.style(id).label} falls from its peak with slope ${significant(cuspSlope)} per radian`,
    );
    return `Normalised kernel of two unit vectors against the angle between them, and a close-up around angle 0: ${sequence(slopes)}.`;
  },
  draw: (view, canvas) => {
    const curves = curvesOf(view);
    const key = legend(
      canvas,
      curves.map((curve) => curve.style),
      0,
    );
    const top = key.height + 34;
    const left = 42;
    const slopes = curves.map((curve) => slopeText(curve.cuspSlope));
    const room = endLabelRoom(canvas, ['slope −0.0000']);
    const split = canvas.compact ? canvas.width - left - 10 : (canvas.width - 2 * left - room - 34) * 0.56;
    const height = canvas.compact ? 210 : 300;
    const whole = drawWhole(canvas, curves, { left, top, width: split, height });
    const close = canvas.compact
      ? { left, top: whole.bottom + 84, width: canvas.width - left - room, height: 200 }
      : { left: whole.right + left + 34, top, width: canvas.width - whole.right - left - 34 - room, height };
    const zoom = drawZoom(canvas, curves, close);
    const ends = curves.map(({ style, points }, i) => ({
      style,
      x: zoom.right,
      y: zoom.y(valueAt(points, windowDegrees)),
      text: slopes[i] as string,
    }));
    const body = [key.body, whole.body, sparse(canvas, whole, curves, 30), zoom.body, endLabels(canvas, zoom, ends)];
    const tips = [...tipsOf(whole, curves, 6, 0, 180), ...tipsOf(zoom, curves, 2, -windowDegrees, windowDegrees)];
    return { height: zoom.bottom + 44, body: body.join('') + hits(canvas, tips) };
  },
});

type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

function drawWhole(canvas: Canvas, curves: readonly Curve[], box: Box): Panel {
  return drawPanel(canvas, 'whole', {
    ...box,
    x: degreesAxis(0, 180, canvas.compact ? 45 : 30),
    y: linearAxis(
      curves.flatMap((curve) => curve.points.map((point) => point.value)),
      {
        label: 'Kernel k(θ) / k(0)',
        count: 5,
        include: [1],
      },
    ),
    marks: lines(
      canvas,
      curves.map(({ style, points }) => ({ style, points })),
    ),
  });
}

/** The kernel is even in the angle, so the window shows both sides of 0: a cusp looks like one. */
function drawZoom(canvas: Canvas, curves: readonly Curve[], box: Box): Panel {
  const mirrored = curves.map(({ style, points }) => {
    const near = [...points.filter((point) => point.angle < windowDegrees), edge(points)];
    return {
      style,
      points: [
        ...near
          .filter((p) => p.angle > 0)
          .map((p) => ({ ...p, angle: -p.angle }))
          .reverse(),
        ...near,
      ],
    };
  });
  return drawPanel(canvas, 'zoom', {
    ...box,
    x: degreesAxis(-windowDegrees, windowDegrees, 6),
    y: linearAxis(
      mirrored.flatMap((curve) => curve.points.map((point) => point.value)),
      {
        label: 'Close-up around 0°',
        count: 5,
        include: [1],
      },
    ),
    marks: [Plot.ruleX([0], { stroke: canvas.theme.grid }), ...lines(canvas, mirrored)],
  });
}

function lines(canvas: Canvas, curves: readonly { readonly style: SeriesStyle; readonly points: readonly Point[] }[]) {
  return curves.map(({ style, points }) =>
    Plot.line(points, { x: 'angle', y: 'value', ...stroke(style, canvas.theme) }),
  );
}

function degreesAxis(low: number, high: number, step: number) {
  const ticks = Array.from({ length: (high - low) / step + 1 }, (_, i) => low + i * step);
  const format = (value: number) => `${fixed(value, 0)}°`;
  return { type: 'linear' as const, domain: [low, high] as const, ticks, format, label: 'Angle between the inputs' };
}

/** A marker now and then tells curves apart without colour; each series starts elsewhere. */
function sparse(canvas: Canvas, panel: Panel, curves: readonly Curve[], step: number): string {
  return curves
    .flatMap(({ style, points }, i) => {
      const first = 12 + (i * step) / curves.length;
      const angles = [0, 1, 2, 3, 4, 5].map((k) => first + k * step).filter((angle) => angle < 178);
      return angles.map((angle) => {
        return marker(style, canvas.theme, panel.x(angle), panel.y(valueAt(points, angle)), 3.2);
      });
    })
    .join('');
}

function tipsOf(panel: Panel, curves: readonly Curve[], step: number, low: number, high: number) {
  const angles = Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step);
  return curves.flatMap(({ style, points }) =>
    angles.map((angle) => {
      const value = valueAt(points, Math.abs(angle));
      const text = `${style.label} at ${fixed(angle, 0)}°: ${significant(value, 4)}`;
      return { x: panel.x(angle), y: panel.y(value), text };
    }),
  );
}

function curvesOf(view: View): readonly Curve[] {
  const { angles, series } = view.report.curves;
  return series
    .map(({ id, values, cuspSlope }) => ({
      style: view.style(id),
      cuspSlope,
      points: angles.map((angle, i) => ({ angle: (angle * 180) / Math.PI, value: values[i] as number })),
    }))
    .sort((a, b) => a.style.index - b.style.index);
}

function edge(points: readonly Point[]): Point {
  return { angle: windowDegrees, value: valueAt(points, windowDegrees) };
}

/** Between two tabulated angles the curve is a straight line. */
function valueAt(points: readonly Point[], angle: number): number {
  const right = points.findIndex((point) => point.angle >= angle);
  const after = points[right === -1 ? points.length - 1 : right] as Point;
  const before = points[Math.max(0, right - 1)] ?? after;
  if (after.angle === before.angle || right === -1) return after.value;
  const share = (angle - before.angle) / (after.angle - before.angle);
  return before.value + share * (after.value - before.value);
}

function slopeText(slope: number): string {
  return `slope ${slope === 0 ? '0' : significant(-slope, 3)}`;
}
