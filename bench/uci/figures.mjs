// @ts-check
// The figures of the table: every method under both protocols, and the sets one by one.
import * as Plot from '@observablehq/plot';
import { hits, legend, marker } from '../../build-ts/report/figures/paint.js';
import { drawPanel, label } from '../../build-ts/report/figures/panel.js';
import { linearAxis } from '../../build-ts/report/figures/scale.js';

/**
 * @typedef {import('../../build-ts/report/figures/figure.js').Figure} Figure
 * @typedef {import('../../build-ts/report/series.js').SeriesStyle} SeriesStyle
 */

/** @type {Record<string, SeriesStyle>} */
const styles = {
  published: {
    id: 'published',
    label: 'published protocol',
    index: 0,
    light: '#1878b8',
    dark: '#62b6f5',
    dash: undefined,
    marker: 'circle',
  },
  nested: {
    id: 'nested',
    label: 'nested protocol',
    index: 1,
    light: '#c8430a',
    dark: '#ff9152',
    dash: '7 3.5',
    marker: 'diamond',
  },
};
const percent = (share) => (100 * share).toFixed(2);
const rowHeight = 26;

/**
 * @param {readonly { protocol: string, summaries: readonly import('./metrics.mjs').Summary[] }[]} tables
 * @param {number} reference the published mean accuracy, in percent
 * @returns {Figure}
 */
export function meansFigure(tables, reference) {
  const best = new Map();
  for (const { summaries } of tables) {
    for (const { method, mean } of summaries) best.set(method, Math.max(best.get(method) ?? 0, mean));
  }
  const methods = [...best.keys()].toSorted((a, b) => best.get(b) - best.get(a));
  const dots = tables.flatMap(({ protocol, summaries }) =>
    summaries.map(({ method, mean }) => ({ protocol, row: methods.indexOf(method), x: 100 * mean, method })),
  );
  return {
    name: 'means',
    title: () => 'Mean accuracy over 90 sets',
    summary: () =>
      `A row a method; the line is the published ${reference} % of the NTK. ${dots.map(({ method, protocol, x }) => `${method}, ${protocol}: ${x.toFixed(2)} %`).join('; ')}.`,
    draw(_, canvas) {
      const { theme, fontSize } = canvas;
      const key = legend(
        canvas,
        tables.map(({ protocol }) => styles[protocol]),
        0,
      );
      const left = Math.max(...methods.map((name) => canvas.measure(name, fontSize))) + 16;
      const top = key.height + 34;
      const values = [...dots.map((dot) => dot.x), reference];
      const x = linearAxis(values, {
        label: 'Mean accuracy, %',
        // Methods that differ by less than the sets decide should look alike.
        include: [reference - 1, reference + 1],
        count: canvas.compact ? 3 : 6,
      });
      const panel = drawPanel(canvas, 'means', {
        left,
        top,
        width: canvas.width - left - 16,
        height: methods.length * rowHeight,
        x,
        y: { type: 'linear', domain: [methods.length - 0.5, -0.5], ticks: [], format: String, label: '' },
        verticalGrid: true,
        marks: [Plot.ruleX([reference], { stroke: theme.ink, strokeWidth: 1.5 })],
      });
      const names = methods.map((name, row) => label(name, left - 10, panel.y(row) + fontSize * 0.35, 'end', canvas));
      // Dots of one row that would hide each other stand a little above and below its middle.
      const placed = dots.map((dot) => {
        const lift = tables.length > 1 ? (dot.protocol === tables[0].protocol ? -4 : 4) : 0;
        return { ...dot, px: panel.x(dot.x), py: panel.y(dot.row) + lift };
      });
      const tips = hits(
        canvas,
        placed.map(({ px, py, method, protocol, x: value }) => ({
          x: px,
          y: py,
          text: `${method}, ${protocol}: ${value.toFixed(2)} %`,
        })),
      );
      return {
        height: panel.bottom + 46,
        body:
          key.body +
          panel.body +
          names.join('') +
          placed.map(({ px, py, protocol }) => marker(styles[protocol], theme, px, py, 4.6)).join('') +
          label(`published: ${reference} %`, panel.x(reference), panel.top - 7, 'middle', canvas) +
          tips,
      };
    },
  };
}

/**
 * Two methods, a dot a set.
 * @param {{ protocol: string, across: string, up: string, points: readonly { set: string, x: number, y: number }[] }} given
 * @returns {Figure}
 */
export function setsFigure({ protocol, across, up, points }) {
  const wins = points.filter(({ x, y }) => y - x > 1e-9).length;
  const ties = points.filter(({ x, y }) => Math.abs(y - x) <= 1e-9).length;
  const dots = points.map(({ set, x, y }) => ({ set, x: 100 * x, y: 100 * y }));
  return {
    name: 'sets',
    title: () => `${up} against ${across}`,
    summary: () =>
      `Accuracy on each set under the ${protocol} protocol. ${up} is better on ${wins}, worse on ${points.length - wins - ties}, equal on ${ties}.`,
    draw(_, canvas) {
      const { theme } = canvas;
      const values = dots.flatMap(({ x, y }) => [x, y]);
      const axis = (text) => linearAxis(values, { label: text, count: canvas.compact ? 4 : 6 });
      const side = Math.min(canvas.width - 70, 470);
      const panel = drawPanel(canvas, 'sets', {
        left: 54,
        top: 30,
        width: side,
        height: side,
        x: axis(`${across}, %`),
        y: axis(`${up}, %`),
        verticalGrid: true,
        marks: [
          Plot.line(
            [values.reduce((a, b) => Math.min(a, b)), 100].map((v) => [v, v]),
            { stroke: theme.rule },
          ),
        ],
      });
      const placed = dots.map((dot) => ({ ...dot, px: panel.x(dot.x), py: panel.y(dot.y) }));
      const tips = hits(
        canvas,
        placed.map(({ set, px, py, x, y }) => ({
          x: px,
          y: py,
          text: `${set}: ${x.toFixed(2)} and ${y.toFixed(2)} %`,
        })),
      );
      const counts = [
        `${up}:`,
        `better on ${wins} sets`,
        `equal on ${ties}`,
        `worse on ${points.length - wins - ties}`,
      ];
      // Beside the square where there is room, else in its upper left, where no dot lies far from the diagonal.
      const beside = canvas.width - panel.right > 200;
      const said = counts.map((text, line) =>
        label(
          text,
          beside ? panel.right + 28 : panel.left + 10,
          panel.top + (line + 1) * canvas.fontSize * 1.6,
          'start',
          canvas,
          { halo: true },
        ),
      );
      return {
        height: panel.bottom + 46,
        body:
          panel.body +
          said.join('') +
          placed.map(({ px, py }) => marker(styles[protocol], theme, px, py, 4)).join('') +
          tips,
      };
    },
  };
}

export { percent };
