import * as Plot from '@observablehq/plot';
import { significant } from '../format.js';
import { type RampName, rampStep } from '../ramps.js';
import type { Canvas, Drawing } from './figure.js';
import { hits, samplePoint } from './paint.js';
import { drawPanel, label, type Panel, round } from './panel.js';
import { type Axis, extent, niceTicks, plainFormat } from './scale.js';

export interface MapPanelOptions {
  readonly title: string;
  /** Row after row, from `y.low` on. */
  readonly values: readonly (readonly number[])[];
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface MapAxisOptions {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  readonly reversed: boolean;
  readonly ticks?: readonly number[];
}

export interface MapOptions {
  readonly grid: 'cells' | 'surface';
  readonly x: MapAxisOptions;
  readonly y: MapAxisOptions;
  readonly ramp: RampName;
  readonly colourLabel: string;
  readonly panels: readonly MapPanelOptions[];
}

/** Colours change at round values: the bands of the map are those of the bar below it. */
interface Bands {
  readonly edges: readonly number[];
  readonly colours: readonly string[];
}

const gap = 14;
/** Panels are as wide as they are high in the units of their axes, within these limits of height over width. */
const shapes = { flattest: 0.4, steepest: 1.25 };
const mostWide = { page: 3, phone: 1 };
/** One panel alone would be too large. */
const widestPanel = 340;
/** Values under the pointer, along each side of a panel. */
const mostTips = 24;

/** Panels of colours over two axes, side by side, with one bar of colours for all of them. */
export function drawMap(canvas: Canvas, options: MapOptions): Drawing {
  const { x, y, panels } = options;
  const bands = bandsOf(canvas, options);
  const left = canvas.compact ? 44 : 50;
  const rows = Math.ceil(panels.length / (canvas.compact ? mostWide.phone : mostWide.page));
  const columns = Math.ceil(panels.length / rows);
  const width = Math.min(widestPanel, (canvas.width - left - (columns - 1) * gap - 8) / columns);
  const shape = Math.abs((y.high - y.low) / (x.high - x.low));
  const height = width * Math.min(shapes.steepest, Math.max(shapes.flattest, shape));
  const rowHeight = height + 104;
  const drawn = panels.map((panel, i) => {
    const column = i % columns;
    const place = { left: left + column * (width + gap), top: 46 + Math.floor(i / columns) * rowHeight, width, height };
    return { panel, place: drawOne(canvas, options, panel, bands, { ...place, column, index: i }) };
  });
  const bottom = Math.max(...drawn.map(({ place }) => place.bottom)) + 72;
  const bar = drawBar(canvas, options.colourLabel, bands, left, bottom);
  const tips = drawn.flatMap(({ panel, place }) => tipsOf(options, panel, place));
  return { height: bottom + 44, body: drawn.map(({ place }) => place.body).join('') + bar + hits(canvas, tips) };
}

function drawOne(
  canvas: Canvas,
  { grid, x, y }: MapOptions,
  { title, values, points }: MapPanelOptions,
  bands: Bands,
  {
    index,
    column,
    ...box
  }: { left: number; top: number; width: number; height: number; column: number; index: number },
): Panel {
  const first = column === 0;
  const yAxis = axisOf(y, canvas.compact ? 4 : 5, box.height);
  const xAxis = axisOf(x, canvas.compact ? 4 : 5, box.width);
  const panel = drawPanel(canvas, `map-${index + 1}`, {
    ...box,
    // The label at the left end would run into that at the right end of the panel before.
    x: first ? xAxis : { ...xAxis, ticks: xAxis.ticks.filter((tick) => (tick - x.low) / (x.high - x.low) > 0.05) },
    y: first ? yAxis : { ...yAxis, label: '', format: () => '' },
    marks: grid === 'surface' ? levels(bands, values, x, y) : [],
  });
  const cells = grid === 'cells' ? drawCells(panel, bands, values, y.reversed) : '';
  const frame = `<rect x="${round(panel.left)}" y="${round(panel.top)}" width="${round(box.width)}" height="${round(box.height)}" fill="none" stroke="${canvas.theme.rule}"/>`;
  const marks = points.map((point) => samplePoint(canvas.theme, panel.x(point.x), panel.y(point.y))).join('');
  // Above the name of the y axis, which may be longer than half a panel.
  const heading = label(title, panel.left + box.width / 2, panel.top - 30, 'middle', canvas);
  return { ...panel, body: panel.body + cells + frame + marks + heading };
}

/** Filled contours, the higher over the lower ones. */
function levels(
  { edges, colours }: Bands,
  values: readonly (readonly number[])[],
  x: MapAxisOptions,
  y: MapAxisOptions,
): readonly Plot.Markish[] {
  const [rows, columns] = [values.length, values[0]?.length ?? 0];
  const [dx, dy] = [(x.high - x.low) / (columns - 1) / 2, (y.high - y.low) / (rows - 1) / 2];
  // The library takes values as those of cells, whose middles are here the points.
  const bounds = { x1: x.low - dx, x2: x.high + dx, y1: y.low - dy, y2: y.high + dy, width: columns, height: rows };
  const flat = values.flat();
  const ground = Plot.rect([0], { x1: x.low, x2: x.high, y1: y.low, y2: y.high, fill: colours[0] as string });
  const bands = edges.slice(1, -1).map((edge, i) =>
    Plot.contour(flat, {
      ...bounds,
      thresholds: [edge],
      fill: colours[i + 1] as string,
      stroke: colours[i + 1] as string,
      strokeWidth: 0.3,
      clip: true,
    }),
  );
  return [ground, ...bands];
}

/** One path for each colour, neighbouring cells of a row in one piece. */
function drawCells(panel: Panel, bands: Bands, values: readonly (readonly number[])[], reversed: boolean): string {
  const [rows, columns] = [values.length, values[0]?.length ?? 0];
  const [width, height] = [(panel.right - panel.left) / columns, (panel.bottom - panel.top) / rows];
  // Neighbours share the numbers of their common edge: rounded apart, they would leave hairlines between them.
  const across = (column: number) => round(panel.left + column * width);
  const down = (row: number) => round(reversed ? panel.top + row * height : panel.bottom - row * height);
  const pieces = bands.colours.map((): string[] => []);
  values.forEach((row, i) => {
    for (let from = 0; from < columns; ) {
      const band = bandOf(bands, row[from] as number);
      let to = from + 1;
      while (to < columns && bandOf(bands, row[to] as number) === band) to++;
      pieces[band]?.push(`M${across(from)},${down(i)}H${across(to)}V${down(i + 1)}H${across(from)}z`);
      from = to;
    }
  });
  const paths = pieces.map((d, i) => (d.length === 0 ? '' : `<path d="${d.join('')}" fill="${bands.colours[i]}"/>`));
  return `<g shape-rendering="crispEdges">${paths.join('')}</g>`;
}

function drawBar(canvas: Canvas, text: string, { edges, colours }: Bands, left: number, top: number): string {
  const width = Math.min(canvas.width - left - 30, 420);
  const step = width / colours.length;
  const blocks = colours.map(
    (colour, i) =>
      `<rect x="${round(left + i * step)}" y="${round(top)}" width="${round(step + 0.5)}" height="11" fill="${colour}"/>`,
  );
  const format = plainFormat(edges);
  const widest = Math.max(...edges.map((edge) => canvas.measure(format(edge), canvas.fontSize))) + 8;
  const stride = Math.ceil(widest / step);
  // Counted from 0 where there is one, so that it has its number.
  const zero = Math.max(0, edges.indexOf(0));
  const ticks = edges.flatMap((edge, i) =>
    (i - zero) % stride === 0
      ? [label(format(edge), left + i * step, top + 26, 'middle', canvas, { fill: canvas.theme.muted })]
      : [],
  );
  const frame = `<rect x="${round(left)}" y="${round(top)}" width="${round(width)}" height="11" fill="none" stroke="${canvas.theme.rule}" stroke-width="0.75"/>`;
  return `<g shape-rendering="crispEdges">${blocks.join('')}${frame}</g>${ticks.join('')}${label(text, left, top - 8, 'start', canvas)}`;
}

/** Some ten bands of round width; about 0 where signs matter. */
function bandsOf(canvas: Canvas, { panels, ramp }: MapOptions): Bands {
  const [low, high] = extent(panels.flatMap(({ values }) => values.flat()));
  const most = Math.max(Math.abs(low), Math.abs(high));
  const [from, to] = ramp === 'diverging' ? [-most, most] : [low, high];
  const edges = from === to ? [from - 0.5, from + 0.5] : niceTicks(from, to, 12);
  const count = edges.length - 1;
  const colours = Array.from({ length: count }, (_, i) =>
    canvas.theme.ramp(ramp, rampStep(count === 1 ? 0.5 : i / (count - 1))),
  );
  return { edges, colours };
}

function bandOf({ edges }: Bands, value: number): number {
  const above = edges.findIndex((edge) => edge > value);
  return above === -1 ? edges.length - 2 : Math.max(0, above - 1);
}

function axisOf({ low, high, label: name, reversed, ticks: given }: MapAxisOptions, count: number, room: number): Axis {
  const wanted = given ?? niceTicks(low, high, Math.min(count, Math.max(2, Math.floor(room / 44))));
  const ticks = wanted.filter((tick) => tick >= low - 1e-9 && tick <= high + 1e-9);
  return {
    type: 'linear',
    domain: reversed ? [high, low] : [low, high],
    ticks,
    format: plainFormat(ticks),
    label: name,
  };
}

function tipsOf({ grid, x, y }: MapOptions, { title, values }: MapPanelOptions, panel: Panel) {
  const [rows, columns] = [values.length, values[0]?.length ?? 0];
  const place = (axis: MapAxisOptions, i: number, count: number) =>
    axis.low + ((axis.high - axis.low) * (grid === 'cells' ? i + 0.5 : i)) / (grid === 'cells' ? count : count - 1);
  const some = (count: number) => {
    const stride = Math.ceil(count / mostTips);
    return Array.from({ length: Math.ceil(count / stride) }, (_, i) => i * stride);
  };
  return some(rows).flatMap((i) =>
    some(columns).map((j) => {
      const [u, v] = [place(x, j, columns), place(y, i, rows)];
      const value = values[i]?.[j] as number;
      return {
        x: panel.x(u),
        y: panel.y(v),
        text: `${title} at ${significant(u)}, ${significant(v)}: ${significant(value)}`,
      };
    }),
  );
}
