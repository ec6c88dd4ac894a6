import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Canvas } from './figure.js';
import { mathMarkup } from './math.js';
import type { Axis } from './scale.js';
import { type MarkupNode, serialiseChildren } from './serialise.js';

/** A rectangle of a figure with two axes, in px from the figure's top left corner. */
export interface PanelOptions {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Plot.Markish[];
  /** Faint lines at the x ticks as well as at the y ticks. */
  readonly verticalGrid?: boolean;
}

/** A drawn panel, and where its values lie, for what is drawn over it. */
export interface Panel {
  readonly body: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Draws axes and marks. The plot is as large as the figure up to the panel's far corner, so nothing has to be moved. */
export function drawPanel(canvas: Canvas, name: string, options: PanelOptions): Panel {
  const { theme } = canvas;
  const { left, top, width, height, x, y } = options;
  const plot = Plot.plot({
    document,
    className: 'plot',
    width: left + width,
    height: top + height + 40,
    marginLeft: left,
    marginRight: 0,
    marginTop: top,
    marginBottom: 40,
    x: { type: x.type, domain: [...x.domain], axis: null },
    y: { type: y.type, domain: [...y.domain], axis: null },
    marks: [
      Plot.gridY(y.ticks, { stroke: theme.grid, strokeOpacity: 1 }),
      options.verticalGrid === true ? Plot.gridX(x.ticks, { stroke: theme.grid, strokeOpacity: 1 }) : null,
      Plot.ruleY([y.domain[0]], { stroke: theme.rule, strokeOpacity: 1 }),
      Plot.axisX(x.ticks, {
        // Not tickFormat: on a logarithmic axis it drops the labels of most ticks that are not powers of ten.
        text: x.format,
        tickSize: 4,
        tickPadding: 4,
        label: null,
        stroke: theme.rule,
        fill: theme.muted,
      }),
      Plot.axisY(y.ticks, { text: y.format, tickSize: 0, tickPadding: 7, label: null, fill: theme.muted }),
      ...options.marks,
    ],
  });
  const apply = (scale: 'x' | 'y') => plot.scale(scale)?.apply as (value: number) => number;
  const inner = serialiseChildren(plot as unknown as MarkupNode, `${canvas.prefix}-${name}`);
  const axisTitles =
    label(x.label, left + width / 2, top + height + 38, 'middle', canvas) +
    label(y.label, left, top - 12, 'start', canvas);
  return {
    body: `<g text-anchor="middle" fill="${theme.ink}">${inner}</g>${axisTitles}`,
    left,
    right: left + width,
    top,
    bottom: top + height,
    x: apply('x'),
    y: apply('y'),
  };
}

/** A line of text; `anchor` says which part of it sits at x. */
export function label(
  text: string,
  x: number,
  y: number,
  anchor: 'start' | 'middle' | 'end',
  canvas: Canvas,
  options: { readonly fill?: string; readonly halo?: boolean } = {},
): string {
  if (text === '') return '';
  const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"`;
  // Keeps the letters clear of lines that run behind them.
  const halo = options.halo === true ? ` stroke="${canvas.theme.surface}" stroke-width="5" paint-order="stroke"` : '';
  return `<text ${place} fill="${options.fill ?? canvas.theme.ink}"${halo}>${mathMarkup(text, canvas.fontSize)}</text>`;
}

export function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
