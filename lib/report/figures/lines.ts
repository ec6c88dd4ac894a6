import * as Plot from '@observablehq/plot';
import type { SeriesStyle } from '../series.js';
import type { Canvas, Drawing } from './figure.js';
import { endLabelRoom, endLabels, hits, legend, marker, ring, samplePoint, stroke } from './paint.js';
import { drawPanel } from './panel.js';
import type { Axis } from './scale.js';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Half the length of a vertical bar through the point. */
  readonly spread?: number;
  /** Whether a marker sits here; hover works in either case. */
  readonly marked: boolean;
  /** A ring around the marker, for the point that the caption speaks of. */
  readonly ringed?: boolean;
  readonly tip: string;
}

export interface Line {
  readonly style: SeriesStyle;
  readonly points: readonly LinePoint[];
}

export interface LinesOptions {
  readonly lines: readonly Line[];
  /** Given the width of the panel in px, so that tick labels can keep apart. */
  readonly x: (width: number) => Axis;
  readonly y: Axis;
  readonly height: number;
  /** A line across at this value. */
  readonly rule?: number;
  readonly verticalGrid?: boolean;
  /** A broad pale line behind the others. */
  readonly target?: readonly { readonly x: number; readonly y: number }[];
  /** Open circles over the lines. */
  readonly samples?: readonly { readonly x: number; readonly y: number }[];
}

/** One panel of lines with markers. With room, names stand at the lines' ends; on a phone in a legend above. */
export function drawLines(canvas: Canvas, options: LinesOptions): Drawing {
  const { theme } = canvas;
  const { lines } = options;
  const styles = lines.map((line) => line.style);
  const key = canvas.compact ? legend(canvas, styles, 0) : { body: '', height: 0 };
  const left = canvas.compact ? 44 : 50;
  const right = canvas.compact
    ? 10
    : endLabelRoom(
        canvas,
        styles.map((style) => style.label),
      );
  const width = canvas.width - left - right;
  const hasBars = lines.some((line) => line.points.some((point) => point.spread !== undefined));
  const offset = (i: number) => (hasBars ? dodge(i, lines.length) : 0);
  const [floor, ceiling] = options.y.domain;
  const truth =
    options.target === undefined
      ? []
      : [Plot.line(options.target, { x: 'x', y: 'y', stroke: theme.truth, strokeWidth: 5, strokeOpacity: 0.35 })];
  const panel = drawPanel(canvas, 'main', {
    left,
    top: key.height + 30,
    width,
    height: options.height,
    x: options.x(width),
    y: options.y,
    verticalGrid: options.verticalGrid ?? false,
    marks: [
      ...(options.rule === undefined
        ? []
        : [Plot.ruleY([options.rule], { stroke: theme.rule, strokeWidth: 1.25, strokeDasharray: '1.5 3' })]),
      ...truth,
      ...lines.flatMap(({ style, points }, i) => {
        const dx = offset(i);
        const paint = stroke(style, theme);
        const bars = points
          .filter((point) => point.spread !== undefined)
          .map(({ x, y, spread = 0 }) => ({ x, y1: Math.max(floor, y - spread), y2: Math.min(ceiling, y + spread) }));
        return [
          Plot.ruleX(bars, {
            x: 'x',
            y1: 'y1',
            y2: 'y2',
            dx,
            stroke: paint.stroke,
            strokeWidth: 1.25,
            strokeOpacity: 0.45,
          }),
          Plot.line(points, { x: 'x', y: 'y', dx, ...paint }),
        ];
      }),
    ],
  });
  const placed = lines.map(({ style, points }, i) => ({
    style,
    points: points.map((point) => ({ ...point, x: panel.x(point.x) + offset(i), y: panel.y(point.y) })),
  }));
  const markers = placed.flatMap(({ style, points }) =>
    points
      .filter((point) => point.marked)
      .map(
        (point) =>
          (point.ringed === true ? ring(style, theme, point.x, point.y) : '') + marker(style, theme, point.x, point.y),
      ),
  );
  const samples = (options.samples ?? []).map(({ x, y }) => samplePoint(theme, panel.x(x), panel.y(y)));
  const ends = placed.flatMap(({ style, points }) => {
    const last = points.at(-1);
    return last === undefined ? [] : [{ style, x: last.x, y: last.y }];
  });
  const tips = placed.flatMap(({ points }) => points.map(({ x, y, tip }) => ({ x, y, text: tip })));
  const names = canvas.compact ? key.body : endLabels(canvas, panel, ends);
  return {
    height: panel.bottom + 44,
    body: panel.body + markers.join('') + samples.join('') + names + hits(canvas, tips),
  };
}

/** A few pixels apart, so that the bars of networks that agree can still be told from one another. */
function dodge(index: number, total: number): number {
  return (index - (total - 1) / 2) * Math.min(4, 16 / total);
}
