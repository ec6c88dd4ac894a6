import { attribute, escapeText, shorten } from '../escape.js';
import type { Marker, SeriesStyle } from '../series.js';
import type { Theme } from '../theme.js';
import type { Canvas } from './figure.js';
import { label, type Panel, round } from './panel.js';
import { spread } from './scale.js';

/** Labels of networks are cut in figures; tables have room for all of them. */
const longestLabel = 30;

/** Path of a marker about (0, 0), of equal weight to the eye at equal radius. */
const outlines: Readonly<Record<Marker, (r: number) => string>> = {
  circle: (r) =>
    `M${round(-r)},0a${round(r)},${round(r)} 0 1,0 ${round(2 * r)},0a${round(r)},${round(r)} 0 1,0 ${round(-2 * r)},0Z`,
  square: (r) => polygon([-0.88, -0.88, 0.88, -0.88, 0.88, 0.88, -0.88, 0.88], r),
  triangle: (r) => polygon([0, -1.2, 1.1, 0.8, -1.1, 0.8], r),
  flip: (r) => polygon([0, 1.2, 1.1, -0.8, -1.1, -0.8], r),
  diamond: (r) => polygon([0, -1.28, 1.28, 0, 0, 1.28, -1.28, 0], r),
  hexagon: (r) => polygon([1.08, 0, 0.54, 0.94, -0.54, 0.94, -1.08, 0, -0.54, -0.94, 0.54, -0.94], r),
  cross: (r) =>
    polygon(
      [
        -1, -0.4, -0.4, -0.4, -0.4, -1, 0.4, -1, 0.4, -0.4, 1, -0.4, 1, 0.4, 0.4, 0.4, 0.4, 1, -0.4, 1, -0.4, 0.4, -1,
        0.4,
      ],
      r * 1.1,
    ),
};

function polygon(corners: readonly number[], r: number): string {
  const points: string[] = [];
  for (let i = 0; i < corners.length; i += 2) {
    points.push(`${round((corners[i] as number) * r)},${round((corners[i + 1] as number) * r)}`);
  }
  return `M${points.join('L')}Z`;
}

/** A marker with a thin edge in the colour of the page, so that overlapping ones stay apart. */
export function marker(style: SeriesStyle, theme: Theme, x: number, y: number, r = 3.6): string {
  const place = `transform="translate(${round(x)},${round(y)})"`;
  const paint = `fill="${theme.series(style)}" stroke="${theme.surface}" stroke-width="1"`;
  return `<path d="${outlines[style.marker](r)}" ${place} ${paint}/>`;
}

/** An open circle about a marker. */
export function ring(style: SeriesStyle, theme: Theme, x: number, y: number): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="7.5" fill="none" stroke="${theme.series(style)}" stroke-width="1.5"/>`;
}

/** A sample that functions were fitted to. */
export function samplePoint({ surface, ink }: Theme, x: number, y: number): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="3" fill="${surface}" stroke="${ink}" stroke-width="1.25"/>`;
}

/** How a series is stroked; for the marks of a panel. */
export function stroke(style: SeriesStyle, theme: Theme, width = 2) {
  return {
    stroke: theme.series(style),
    strokeWidth: width,
    ...(style.dash === undefined ? {} : { strokeDasharray: style.dash }),
  };
}

/** The line and marker of a series on a width of 30 px. */
export function sample(style: SeriesStyle, theme: Theme, x: number, y: number): string {
  const line = `x1="${round(x)}" x2="${round(x + 30)}" y1="${round(y)}" y2="${round(y)}"`;
  const dash = attribute('stroke-dasharray', style.dash);
  return `<line ${line} stroke="${theme.series(style)}" stroke-width="2"${dash}/>${marker(style, theme, x + 15, y)}`;
}

/** The name of every series in rows from the top; `extra` appends entries that are not networks. */
export function legend(
  canvas: Canvas,
  styles: readonly SeriesStyle[],
  left: number,
  extra: readonly { readonly label: string; readonly draw: (x: number, y: number) => string }[] = [],
): { readonly body: string; readonly height: number } {
  const { fontSize, theme } = canvas;
  const entries = [
    ...styles.map((style) => ({
      label: shorten(style.label, longestLabel),
      draw: (x: number, y: number) => sample(style, theme, x, y),
    })),
    ...extra,
  ];
  const rowHeight = fontSize * 1.7;
  let x = left;
  let row = 0;
  const parts = entries.map((entry) => {
    const width = 38 + canvas.measure(entry.label, fontSize);
    if (x > left && x + width > canvas.width) {
      x = left;
      row++;
    }
    const y = rowHeight * (row + 0.5);
    const body = entry.draw(x, y) + label(entry.label, x + 38, y + fontSize * 0.35, 'start', canvas);
    x += width + 20;
    return body;
  });
  return { body: parts.join(''), height: rowHeight * (row + 1) };
}

/** Names at the right ends of lines, moved apart where they would touch, with a thin line back to where they belong. */
export function endLabels(
  canvas: Canvas,
  panel: Panel,
  ends: readonly { readonly style: SeriesStyle; readonly x: number; readonly y: number; readonly text?: string }[],
): string {
  const { fontSize, theme } = canvas;
  const gap = fontSize * 1.45;
  const placed = spread(
    ends.map((end) => end.y),
    gap,
    panel.top + 2,
    panel.bottom - 2,
  );
  const x = panel.right + 26;
  return ends
    .map((end, i) => {
      const y = placed[i] as number;
      const leader = `M${round(end.x + 7)},${round(end.y)}L${round(x - 8)},${round(y)}`;
      return (
        `<path d="${leader}" fill="none" stroke="${theme.rule}" stroke-width="0.75"/>` +
        marker(end.style, theme, x, y) +
        label(end.text ?? shorten(end.style.label, longestLabel), x + 10, y + fontSize * 0.35, 'start', canvas)
      );
    })
    .join('');
}

/** The room that end labels need to the right of a panel. */
export function endLabelRoom(canvas: Canvas, texts: readonly string[]): number {
  const widths = texts.map((text) => canvas.measure(shorten(text, longestLabel), canvas.fontSize));
  return Math.ceil(Math.max(0, ...widths)) + 38;
}

/** Unseen points that carry their values as text; the page's script shows the nearest one to the pointer. */
export function hits(
  canvas: Canvas,
  points: readonly { readonly x: number; readonly y: number; readonly text: string }[],
): string {
  if (canvas.theme.name === 'paper') return '';
  const dots = points
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .map(({ x, y, text }) => `<circle cx="${round(x)}" cy="${round(y)}" r="5" data-tip="${escapeText(text)}"/>`);
  return `<g fill="none" stroke="none">${dots.join('')}</g>`;
}
