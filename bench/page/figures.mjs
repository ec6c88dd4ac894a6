// @ts-check
// The figures of the page: how far from its target each figure is, times over what a suite varies, times side by side.
import { drawLines } from '../../build-ts/report/figures/lines.js';
import { logAxis } from '../../build-ts/report/figures/scale.js';
import { significant } from '../../build-ts/report/format.js';
import { time } from '../harness/print.mjs';
import { worseBy } from '../harness/statistics.mjs';
import { dotRows } from './chart.mjs';

/**
 * @typedef {import('../harness/vocabulary.js').SuiteResult} SuiteResult
 * @typedef {import('../harness/vocabulary.js').CaseResult} CaseResult
 * @typedef {import('../../build-ts/report/figures/figure.js').Figure} Figure
 * @typedef {(name: string) => import('../../build-ts/report/series.js').SeriesStyle} StyleOf
 */

/** Wall where that is the question, else CPU time. */
const clockOf = (suite) => (['threads', 'latency'].includes(suite) ? 'wall' : 'cpu');
const clockName = { wall: 'Wall time', cpu: 'CPU time' };

export const unitText = (unit) => (unit === '×' ? ' ×' : ` ${unit}`);

/**
 * Every figure that has a target, as its distance from it.
 * @param {readonly SuiteResult[]} suites
 * @param {StyleOf} styleOf
 * @returns {Figure}
 */
export function targetsFigure(suites, styleOf) {
  const rows = suites.flatMap((suite) =>
    suite.cases.flatMap((one) => {
      const several = one.figures.filter((figure) => figure.target !== undefined).length > 1;
      return one.figures.flatMap((figure) => {
        const { median, q1, q3, unit, better, target, says } = figure;
        if (target === undefined) return [];
        // Of what can be 0 or below there is no distance on such an axis.
        const distance = (value) => Math.max(0.01, worseBy(better, Math.max(value, 1e-12), target));
        const [low, high] = [distance(q1), distance(q3)].toSorted((a, b) => a - b);
        const reads = `${significant(median)}${unitText(unit)}`;
        const asked = `${better === 'lower' ? 'at most' : 'at least'} ${target}`;
        const text = `${figure.met ? '✓' : '✗'} ${reads}, ${asked}`;
        const tip = `${suite.title}, ${one.name}: ${says}: ${reads}; ${asked}`;
        const dot = { x: distance(median), low, high, style: styleOf('resgram'), tip, text };
        return [{ label: `${suite.title}: ${one.name}${several ? `, ${figure.id}` : ''}`, dots: [dot] }];
      });
    }),
  );
  return {
    name: 'targets',
    title: () => 'How far from its target each figure is',
    summary: () =>
      `Each row is a figure with a target, divided by it: left of 1 the target is met. ${rows.length} rows.`,
    draw: (_, canvas) => dotRows(canvas, { rows, axis: 'Distance from the target', mark: 1, named: false }),
  };
}

/**
 * Figures of one suite: a plot for each group whose cases vary x, and one of all other cases.
 * @param {SuiteResult} suite
 * @param {StyleOf} styleOf
 * @returns {Figure[]}
 */
export function suiteFigures(suite, styleOf) {
  const groups = new Map();
  for (const one of suite.cases) {
    const key = one.group !== undefined && one.x !== undefined ? one.group : '';
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const rest = groups.get('') ?? [];
  groups.delete('');
  const plots = [...groups].flatMap(([group, cases]) => {
    if (cases.length >= 3) return [linesFigure(suite, group, cases, styleOf)];
    rest.push(...cases);
    return [];
  });
  const clock = clockOf(suite.name);
  const timed = rest.filter((one) => one.contestants.filter(({ measures }) => measures[clock]).length > 1);
  // A single case is told better by the table.
  return timed.length > 1 && !asTables.includes(suite.name) ? [...plots, timesFigure(suite, timed, styleOf)] : plots;
}

/** Suites whose figures are not times side by side. */
const asTables = ['steps', 'memory', 'event-loop'];
const slug = (text) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** @returns {Figure} */
function linesFigure(suite, group, cases, styleOf) {
  const clock = clockOf(suite.name);
  const sorted = cases.toSorted((a, b) => a.x - b.x);
  const names = [...new Set(sorted.flatMap((one) => one.contestants.map(({ name }) => name)))];
  const lines = names.map((name) => ({
    style: styleOf(name),
    points: sorted.flatMap((one) => {
      const found = one.contestants.find((contestant) => contestant.name === name)?.measures[clock];
      if (found === undefined) return [];
      return [
        { x: one.x, y: found.median, marked: true, tip: `${name}, ${suite.x} = ${one.x}: ${time(found.median)}` },
      ];
    }),
  }));
  const xs = sorted.map((one) => one.x);
  const ys = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const first = Math.min(...xs);
  const last = Math.max(...xs);
  return {
    name: slug(`${suite.name} ${group}`),
    title: () => `${suite.title}: ${group}`,
    summary: () => `${clockName[clock]} of ${names.join(', ')} over ${suite.x}, both axes logarithmic.`,
    draw: (_, canvas) =>
      drawLines(canvas, {
        lines,
        x: () => ({
          type: 'log',
          domain: [first / 1.15, last * 1.15],
          ticks: xs.filter((x, i) => !canvas.compact || i === 0 || i === xs.length - 1 || x === 10),
          format: String,
          label: suite.x ?? '',
        }),
        y: logAxis(ys, { label: clockName[clock], count: canvas.compact ? 4 : 6, format: time }),
        height: canvas.compact ? 230 : 300,
        verticalGrid: true,
      }),
  };
}

/** @returns {Figure} */
function timesFigure(suite, cases, styleOf) {
  const clock = clockOf(suite.name);
  const rows = cases.map((one) => ({
    label: one.name,
    dots: one.contestants.flatMap(({ name, measures }) => {
      const found = measures[clock];
      // What lies far from all else, a single multiply-add, would squeeze the rest together.
      if (found === undefined || found.median < 1e-9) return [];
      const tip = `${one.name}, ${name}: ${time(found.median)}`;
      return [{ x: found.median, low: found.q1, high: found.q3, style: styleOf(name), tip }];
    }),
  }));
  const shown = rows.filter(({ dots }) => dots.length > 0);
  return {
    name: slug(`${suite.name} times`),
    title: () => `${suite.title}: ${clock === 'cpu' ? 'CPU time' : 'wall time'}`,
    summary: () => `${clockName[clock]} of every contestant in ${shown.length} cases, on a logarithmic axis.`,
    draw: (_, canvas) => dotRows(canvas, { rows: shown, axis: clockName[clock], format: time }),
  };
}
