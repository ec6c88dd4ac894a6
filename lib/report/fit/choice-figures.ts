import type { Candidate } from '../../fitting/schema.js';
import { defineFigure } from '../figures/figure.js';
import { drawLines, type Line } from '../figures/lines.js';
import { type Axis, depthAxis, linearAxis, logAxis } from '../figures/scale.js';
import { integer, chosen as ridgeText, scientific, significant } from '../format.js';
import { type FitView, modelText } from './view.js';

/** A logarithmic axis only where one line would press the others to the floor. */
function errorAxis(lines: readonly Line[], label: string, count: number): Axis {
  const points = lines.flatMap((line) => line.points);
  const ends = points.flatMap(({ y, spread = 0 }) => [y, Math.max(0, y - spread), y + spread]);
  const values = points.map((point) => point.y);
  const low = Math.min(...values);
  if (low > 0 && Math.max(...values) > 8 * low) return logAxis(values, { label, count });
  return linearAxis(ends, { label, count });
}

export const depthFigure = defineFigure<FitView>({
  name: 'depth',
  title: () => 'Error of rows left out against depth',
  summary: (view) => `Least for ${modelText(view.report)}.`,
  draw: (view, canvas) => {
    const { error } = view;
    const lines = view.contestants.map(({ id, all }) => ({
      style: view.style(id),
      points: all.map((candidate) => ({
        x: candidate.depth as number,
        y: error.scale * candidate.error,
        marked: true,
        ringed: candidate.chosen,
        tip: `${view.style(id).label}, depth ${candidate.depth}: ${error.text(candidate.error)}`,
      })),
    }));
    return drawLines(canvas, {
      lines,
      x: (width) => depthAxis(view.report.protocol.depths, width),
      y: errorAxis(lines, error.axis, canvas.compact ? 4 : 5),
      height: canvas.compact ? 200 : 280,
    });
  },
});

export const ridgeFigure = defineFigure<FitView>({
  name: 'ridge-path',
  title: () => 'What every ridge would have given',
  summary: (view) => `The chosen ridge is ${ridgeText(view.report.model.relativeRidge)} of the mean diagonal.`,
  draw: (view, canvas) => {
    const lines = ridgeLines(view);
    const ridges = lines.flatMap((line) => line.points.map((point) => point.x));
    const likelihood = view.report.protocol.criterion === 'likelihood';
    const count = canvas.compact ? 4 : 5;
    const values = lines.flatMap((line) => line.points.map((point) => point.y));
    return drawLines(canvas, {
      lines,
      x: () =>
        logAxis(ridges, {
          label: 'Ridge / mean diagonal',
          count: canvas.compact ? 4 : 7,
          format: (value) => scientific(value, 1),
        }),
      y: likelihood ? linearAxis(values, { label: scoreAxis(view), count }) : errorAxis(lines, scoreAxis(view), count),
      height: canvas.compact ? 210 : 300,
      verticalGrid: true,
    });
  },
});

export function scoreAxis({ report: { protocol, data } }: FitView): string {
  if (protocol.criterion === 'likelihood') return '−log likelihood';
  return data.task === 'classify'
    ? 'RMS error of the coded classes, left out'
    : 'RMSE of rows left out (units of the target)';
}

/** One line for each network at its best depth; empty where the ridge was fixed. */
export function ridgeLines(view: FitView): readonly Line[] {
  const { criterion } = view.report.protocol;
  const shown = (score: number) => (criterion === 'likelihood' ? score : Math.sqrt(score));
  return view.contestants.flatMap(({ id, best }): readonly Line[] => {
    const points = pathOf(best).map(({ ridge, score }) => ({
      x: ridge,
      y: shown(score),
      marked: isChosen(best, ridge),
      ringed: best.chosen && isChosen(best, ridge),
      tip: `${view.style(id).label}, ridge ${ridgeText(ridge)}: ${significant(shown(score))}`,
    }));
    return points.length < 2 ? [] : [{ style: view.style(id), points }];
  });
}

function pathOf({ path }: Candidate): readonly { readonly ridge: number; readonly score: number }[] {
  return path.ridges.flatMap((ridge, i) => {
    const score = path.scores[i] ?? null;
    return score === null || !(ridge > 0) ? [] : [{ ridge, score }];
  });
}

function isChosen({ relativeRidge }: Candidate, ridge: number): boolean {
  return Math.abs(Math.log(ridge / relativeRidge)) < 1e-6;
}

export const learningFigure = defineFigure<FitView>({
  name: 'learning-curve',
  title: () => 'Learning curve: error of new rows against training rows',
  summary: (view) => {
    const { sizes = [] } = view.report.learningCurve ?? {};
    return `${sizes.map(({ rows, mean }) => `${view.error.text(mean)} after ${integer(rows)} rows`).join('; ')}.`;
  },
  draw: (view, canvas) => {
    const { report, error } = view;
    const { sizes = [], baseline = 0 } = report.learningCurve ?? {};
    const plain = view.style('plain');
    const chosen = view.contestants.find(({ best }) => best.chosen);
    const style = view.style(chosen?.id ?? 'left out');
    const lines: Line[] = [
      {
        style,
        points: sizes.map(({ rows, mean, sd }) => ({
          x: rows,
          y: error.scale * mean,
          spread: error.scale * sd,
          marked: true,
          tip: `${integer(rows)} rows: ${error.text(mean)} ± ${error.text(sd)}`,
        })),
      },
      {
        style: plain,
        points: sizes.map(({ rows }) => ({
          x: rows,
          y: error.scale * baseline,
          marked: false,
          tip: `${plain.label}: ${error.text(baseline)}`,
        })),
      },
    ];
    const rows = sizes.map((size) => size.rows);
    const [low, high] = [rows[0] ?? 1, rows.at(-1) ?? 2];
    return drawLines(canvas, {
      lines,
      x: () => ({
        type: 'log',
        domain: [low / 1.12, high * 1.12],
        ticks: rows,
        format: integer,
        label: 'Training rows',
      }),
      y: errorAxis(lines, error.axis, canvas.compact ? 4 : 5),
      height: canvas.compact ? 210 : 300,
    });
  },
});
