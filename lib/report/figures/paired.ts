import { fixed, sequence, significant } from '../format.js';
import type { View } from '../view.js';
import { type Canvas, defineFigure } from './figure.js';
import { hits, marker } from './paint.js';
import { drawPanel, label, type Panel, round } from './panel.js';
import { extent, linearAxis } from './scale.js';

interface Row {
  readonly id: string;
  readonly label: string;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly tip: string;
}

export const pairedFigure = defineFigure({
  name: 'paired',
  title: (view) => `Error of the others minus error of ${bestLabel(view)}`,
  summary: (view) => {
    const parts = rowsOf(view).map((row) => row.tip);
    return `Mean differences over the splits with 95 % intervals; an interval that covers zero is a tie. ${sequence(parts)}.`;
  },
  draw: (view, canvas) => {
    const rows = rowsOf(view);
    const step = canvas.compact ? 44 : 32;
    const widest = Math.max(...rows.map((row) => canvas.measure(row.label, canvas.fontSize)));
    const left = canvas.compact ? 12 : Math.ceil(widest) + 34;
    const unit = view.error.scale === 100 ? 'percentage points' : 'units of the target';
    const panel = drawPanel(canvas, 'main', {
      left,
      top: 12,
      width: canvas.width - left - 20,
      height: step * rows.length,
      x: linearAxis(padded(rows), {
        label: `Difference in test error (${unit})`,
        count: canvas.compact ? 4 : 7,
      }),
      y: { type: 'linear', domain: [rows.length, 0], ticks: [], format: String, label: '' },
      marks: [],
      verticalGrid: true,
    });
    const at = (i: number) => panel.top + step * (i + (canvas.compact ? 0.66 : 0.5));
    const zero = round(panel.x(0));
    const line = `<line x1="${zero}" x2="${zero}" y1="${panel.top}" y2="${panel.bottom}" stroke="${canvas.theme.ink}" stroke-width="1"/>`;
    const body = rows.map((row, i) => drawRow(view, canvas, panel, row, at(i)));
    const tips = rows.map((row, i) => ({ x: panel.x(row.difference), y: at(i), text: row.tip }));
    return { height: panel.bottom + 44, body: panel.body + line + body.join('') + hits(canvas, tips) };
  },
});

function rowsOf(view: View): readonly Row[] {
  const { scale } = view.error;
  const text = (value: number) => (scale === 100 ? fixed(value, 2) : significant(value));
  return view.againstBest.map(({ id, difference, interval }) => {
    const [low, high] = [scale * interval[0], scale * interval[1]];
    const name = view.style(id).label;
    const tip = `${name}: ${text(scale * difference)}, from ${text(low)} to ${text(high)}`;
    return { id, label: name, difference: scale * difference, low, high, tip };
  });
}

function drawRow(view: View, canvas: Canvas, panel: Panel, row: Row, y: number): string {
  const style = view.style(row.id);
  const [low, high] = [panel.x(row.low), panel.x(row.high)];
  const paint = `stroke="${canvas.theme.series(style)}" stroke-width="2"`;
  const bar = `M${round(low)},${round(y)}H${round(high)}M${round(low)},${round(y - 5)}v10M${round(high)},${round(y - 5)}v10`;
  const name = canvas.compact
    ? label(row.label, panel.left, y - 13, 'start', canvas, { halo: true })
    : label(row.label, panel.left - 14, y + 4, 'end', canvas);
  return `${name}<path d="${bar}" fill="none" ${paint}/>${marker(style, canvas.theme, panel.x(row.difference), y, 4.6)}`;
}

/** The ends of all intervals and zero, with room around them. */
function padded(rows: readonly Row[]): readonly number[] {
  const [low, high] = extent([0, ...rows.flatMap((row) => [row.low, row.high])]);
  const room = 0.06 * (high - low);
  return [low - room, high + room];
}

function bestLabel(view: View): string {
  return view.style(view.report.verdict.best.id).label;
}
