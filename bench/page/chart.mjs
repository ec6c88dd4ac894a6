// @ts-check
// Rows of dots on a logarithmic axis: one row a case, one dot a contestant or a figure.
import * as Plot from '@observablehq/plot';
import { shorten } from '../../build-ts/report/escape.js';
import { hits, legend, marker } from '../../build-ts/report/figures/paint.js';
import { drawPanel, label } from '../../build-ts/report/figures/panel.js';
import { logAxis } from '../../build-ts/report/figures/scale.js';

/**
 * @typedef {import('../../build-ts/report/figures/figure.js').Canvas} Canvas
 * @typedef {import('../../build-ts/report/series.js').SeriesStyle} SeriesStyle
 * @typedef {{ x: number, low: number, high: number, style: SeriesStyle, tip: string, text?: string }} Dot
 * @typedef {{ label: string, dots: Dot[] }} Row
 */

const rowHeight = 25;

/**
 * @param {Canvas} canvas
 * @param {{ rows: readonly Row[], axis: string, format?: (value: number) => string, mark?: number, named?: boolean }} options
 * `mark`: a value with a line through it; `named`: is there a legend?
 */
export function dotRows(canvas, { rows, axis, format, mark, named = true }) {
  const { theme, fontSize, compact } = canvas;
  const styles = [...new Set(rows.flatMap(({ dots }) => dots.map(({ style }) => style)))];
  const key = named ? legend(canvas, styles, 0) : { body: '', height: 0 };
  // With little room a row's name stands above its dots.
  const longest = Math.max(...rows.map((row) => canvas.measure(shorten(row.label, 52), fontSize)));
  const left = compact ? 8 : Math.min(longest + 14, 330);
  const step = compact ? rowHeight + fontSize * 1.5 : rowHeight;
  const values = rows.flatMap(({ dots }) => dots.flatMap(({ low, high }) => [low, high]));
  const x = logAxis(mark === undefined ? values : [...values, mark], {
    label: axis,
    count: compact ? 3 : 6,
    ...(format === undefined ? {} : { format }),
  });
  const texts = rows.flatMap(({ dots }) => dots.map(({ text }) => text ?? ''));
  const right = Math.max(14, ...texts.map((text) => canvas.measure(text, fontSize) + 12));
  const panel = drawPanel(canvas, 'rows', {
    left,
    top: key.height + 16,
    width: canvas.width - left - right,
    height: rows.length * step,
    x,
    y: { type: 'linear', domain: [rows.length - 0.5, -0.5], ticks: [], format: String, label: '' },
    verticalGrid: true,
    marks: [
      ...(mark === undefined ? [] : [Plot.ruleX([mark], { stroke: theme.ink, strokeWidth: 1.5 })]),
      Plot.ruleY(
        rows.flatMap(({ dots }, row) => dots.map(({ low, high, style }) => ({ row, low, high, style }))),
        {
          y: (dot) => dot.row + (compact ? 0.2 : 0),
          x1: 'low',
          x2: 'high',
          stroke: (dot) => theme.series(dot.style),
          strokeWidth: 2,
          strokeOpacity: 0.5,
        },
      ),
    ],
  });
  const placed = rows.flatMap(({ dots }, row) =>
    dots.map((dot) => ({ ...dot, px: panel.x(dot.x), py: panel.y(row + (compact ? 0.2 : 0)) })),
  );
  const names = rows.map((row, i) => {
    const text = shorten(row.label, compact ? 44 : 52);
    return compact
      ? label(text, left, panel.y(i) - fontSize * 0.55, 'start', canvas, { halo: true })
      : label(text, left - 10, panel.y(i) + fontSize * 0.35, 'end', canvas);
  });
  const dots = placed.map(({ style, px, py }) => marker(style, theme, px, py, 4.4));
  const said = placed.map(({ text, py }) =>
    text === undefined
      ? ''
      : label(text, panel.right + 8, py + fontSize * 0.35, 'start', canvas, { fill: theme.muted }),
  );
  const tips = hits(
    canvas,
    placed.map(({ px, py, tip }) => ({ x: px, y: py, text: tip })),
  );
  return {
    height: panel.bottom + 46,
    body: key.body + panel.body + names.join('') + dots.join('') + said.join('') + tips,
  };
}
