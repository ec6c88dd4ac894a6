import type { Canvas, Drawing } from '../figures/figure.js';
import { hits, legend, marker } from '../figures/paint.js';
import { drawPanel, round } from '../figures/panel.js';
import type { Axis } from '../figures/scale.js';
import type { SeriesStyle } from '../series.js';

export interface Dot {
  readonly x: number;
  readonly y: number;
  /** In px; default 2.8. */
  readonly size?: number;
  readonly tip: string;
}

export interface ScatterOptions {
  readonly series: readonly { readonly style: SeriesStyle; readonly dots: readonly Dot[]; readonly joined?: boolean }[];
  readonly x: Axis;
  readonly y: Axis;
  readonly height: number;
  /** A line that dots would lie on if all were well, with its name. */
  readonly truth: {
    readonly from: readonly [number, number];
    readonly to: readonly [number, number];
    readonly label: string;
  };
}

/** More dots than this are a cloud, and a page of many megabytes. */
export const mostDots = 1000;

/** One panel of dots, half transparent, with a line to compare them with. */
export function drawScatter(canvas: Canvas, { series, x, y, height, truth }: ScatterOptions): Drawing {
  const { theme } = canvas;
  const dashes = `stroke="${theme.truth}" stroke-width="1.5" stroke-dasharray="5 4"`;
  const lines = series.filter(({ joined }) => joined === true);
  const dotted = series.filter(({ joined }) => joined !== true);
  const key = legend(
    canvas,
    lines.map(({ style }) => style),
    0,
    [
      ...dotted.map(({ style }) => ({
        label: style.label,
        draw: (at: number, level: number) => marker(style, theme, at + 24, level, 4),
      })),
      { label: truth.label, draw: (at, level) => `<path d="M${round(at)},${round(level)}h30" fill="none" ${dashes}/>` },
    ],
  );
  const left = canvas.compact ? 46 : 60;
  const panel = drawPanel(canvas, 'main', {
    left,
    top: key.height + 30,
    width: canvas.width - left - 14,
    height,
    x,
    y,
    verticalGrid: true,
    marks: [],
  });
  const at = (point: readonly [number, number]) => `${round(panel.x(point[0]))},${round(panel.y(point[1]))}`;
  const line = `<path d="M${at(truth.from)}L${at(truth.to)}" fill="none" ${dashes}/>`;
  const drawn = series.map(({ style, dots, joined }) => {
    const placed = dots.map((dot) => ({ ...dot, px: panel.x(dot.x), py: panel.y(dot.y) }));
    const path = placed.map(({ px, py }) => `${round(px)},${round(py)}`).join('L');
    const join =
      joined === true && placed.length > 1
        ? `<path d="M${path}" fill="none" stroke="${theme.series(style)}" stroke-width="1.5" stroke-opacity="0.55"/>`
        : '';
    const marks = placed.map(({ px, py, size = 2.8 }) => marker(style, theme, px, py, size)).join('');
    return { body: `${join}<g fill-opacity="${joined === true ? 1 : 0.62}">${marks}</g>`, placed };
  });
  const tips = drawn.flatMap(({ placed }) => placed.map(({ px, py, tip }) => ({ x: px, y: py, text: tip })));
  return {
    height: panel.bottom + 44,
    body: key.body + panel.body + line + drawn.map(({ body }) => body).join('') + hits(canvas, tips),
  };
}

/** Every k-th, so that at most `mostDots` are left. */
export function thinned(count: number): readonly number[] {
  const stride = Math.max(1, Math.ceil(count / mostDots));
  return Array.from({ length: Math.ceil(count / stride) }, (_, i) => i * stride);
}
