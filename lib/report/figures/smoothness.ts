import type { MetricDescription } from '../../compare/schema.js';
import { sequence, significant } from '../format.js';
import type { SeriesStyle } from '../series.js';
import type { View } from '../view.js';
import { type Canvas, defineFigure } from './figure.js';
import { hits, legend, marker } from './paint.js';
import { drawPanel, label, type Panel, round } from './panel.js';
import { type Axis, extent } from './scale.js';

interface Row {
  readonly metric: MetricDescription;
  readonly dots: readonly { readonly style: SeriesStyle; readonly value: number; readonly ratio: number }[];
}

const rowHeight = 34;

export const smoothnessFigure = defineFigure({
  name: 'smoothness',
  title: (view) =>
    `Smoothness relative to ${reference(view)?.label ?? 'the first network'}, depth ${view.report.protocol.shownDepth}`,
  summary: (view) => {
    const parts = smoothnessRows(view).map(({ metric, dots }) => {
      const smoothest = dots.reduce((a, b) => (b.ratio > a.ratio ? b : a));
      return `${metric.title}: ${smoothest.style.label}`;
    });
    return `Each metric divided by its value for ${reference(view)?.label ?? 'the first network'}; further right is smoother. The smoothest by each: ${sequence(parts)}.`;
  },
  draw: (view, canvas) => {
    const rows = smoothnessRows(view);
    const key = legend(canvas, view.styles, 0);
    const widest = Math.max(...rows.map((row) => canvas.measure(row.metric.title, canvas.fontSize)));
    const left = canvas.compact ? 10 : Math.ceil(Math.min(widest, 260)) + 22;
    const step = canvas.compact ? rowHeight + 14 : rowHeight;
    const panel = drawPanel(canvas, 'main', {
      left,
      top: key.height + 24,
      width: canvas.width - left - 14,
      height: step * rows.length,
      x: ratioAxis(
        rows.flatMap((row) => row.dots.map((dot) => dot.ratio)),
        canvas,
      ),
      y: { type: 'linear', domain: [rows.length, 0], ticks: [], format: String, label: '' },
      marks: [],
      verticalGrid: true,
    });
    const body = rows.map((row, i) =>
      drawRow(canvas, panel, row, panel.top + step * (i + (canvas.compact ? 0.68 : 0.5))),
    );
    const middle = label('smoother →', panel.right, panel.top - 10, 'end', canvas, { fill: canvas.theme.muted });
    const tips = rows.flatMap((row, i) =>
      row.dots.map(({ style, value, ratio }) => ({
        x: panel.x(ratio),
        y: panel.top + step * (i + (canvas.compact ? 0.68 : 0.5)),
        text: `${style.label}, ${row.metric.title}: ${significant(value)}`,
      })),
    );
    return {
      height: panel.bottom + 44,
      body: key.body + panel.body + one(canvas, panel) + middle + body.join('') + hits(canvas, tips),
    };
  },
});

/** Metrics with a positive value for the reference and at least one other network, as ratios that grow with smoothness. */
export function smoothnessRows(view: View): readonly Row[] {
  const first = reference(view);
  if (first === undefined) return [];
  return view.report.metrics.flatMap((metric) => {
    const metricOf = (id: string) => view.shown(view.network(id))?.smoothness[metric.name] ?? null;
    const base = metricOf(first.id);
    if (base === null || !(base > 0)) return [];
    const dots = view.styles.flatMap((style) => {
      const value = metricOf(style.id);
      if (value === null || !(value > 0)) return [];
      return [{ style, value, ratio: metric.smootherWhen === 'larger' ? value / base : base / value }];
    });
    return dots.length < 2 ? [] : [{ metric, dots }];
  });
}

/** The first MLP, whose corners all others are measured against; without one, the first network. */
function reference(view: View): SeriesStyle | undefined {
  const network = view.networks.find(({ family }) => family === 'mlp') ?? view.networks[0];
  return network === undefined ? undefined : view.style(network.id);
}

function drawRow(canvas: Canvas, panel: Panel, row: Row, y: number): string {
  const { theme } = canvas;
  const xs = row.dots.map((dot) => panel.x(dot.ratio));
  const [low, high] = extent(xs);
  const rule = `<line x1="${round(low)}" x2="${round(high)}" y1="${round(y)}" y2="${round(y)}" stroke="${theme.rule}" stroke-width="1"/>`;
  const title = canvas.compact
    ? label(row.metric.title, panel.left, y - 16, 'start', canvas, { halo: true })
    : label(row.metric.title, panel.left - 14, y + 4, 'end', canvas);
  return title + rule + row.dots.map((dot, i) => marker(dot.style, theme, xs[i] as number, y, 4.6)).join('');
}

function one(canvas: Canvas, panel: Panel): string {
  const x = round(panel.x(1));
  return `<line x1="${x}" x2="${x}" y1="${panel.top}" y2="${panel.bottom}" stroke="${canvas.theme.rule}" stroke-width="1"/>`;
}

function ratioAxis(ratios: readonly number[], canvas: Canvas): Axis {
  const [low, high] = extent([...ratios, 0.8, 1.25]);
  const pad = (high / low) ** 0.04;
  const domain: [number, number] = [low / pad, high * pad];
  const steps = [0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000, 10_000];
  const inside = steps.filter((step) => step >= domain[0] && step <= domain[1]);
  const most = canvas.compact ? 5 : 9;
  const ticks = inside.length > most ? inside.filter((step) => Number.isInteger(Math.log10(step))) : inside;
  return {
    type: 'log',
    domain,
    ticks,
    format: (value) => `${value}×`,
    label: 'Ratio, turned so that right is smoother',
  };
}
