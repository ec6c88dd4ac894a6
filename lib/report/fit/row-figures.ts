import type { NumberPredictions, Scores } from '../../fitting/schema.js';
import { defineFigure } from '../figures/figure.js';
import { extent, linearAxis } from '../figures/scale.js';
import { significant } from '../format.js';
import type { SeriesStyle } from '../series.js';
import { drawScatter, thinned } from './scatter.js';
import type { FitView } from './view.js';

interface Set {
  readonly style: SeriesStyle;
  readonly rows: NumberPredictions;
}

/** Rows left out, and test rows where there are some; only of numbers. */
function setsOf(view: FitView): readonly Set[] {
  const of = (id: string, scores: Scores | null): readonly Set[] =>
    scores?.task === 'regress' ? [{ style: view.style(id), rows: scores.predictions }] : [];
  return [...of('left out', view.report.leftOut), ...of('test', view.report.test)];
}

export const predictedFigure = defineFigure<FitView>({
  name: 'predicted-actual',
  title: () => 'Predicted against actual',
  summary: (view) =>
    setsOf(view)
      .map(({ style, rows }) => `${style.label}: ${rows.actual.length} dots about the diagonal.`)
      .join(' '),
  draw: (view, canvas) => {
    const sets = setsOf(view);
    const all = sets.flatMap(({ rows }) => [...rows.actual, ...rows.predicted]);
    const [low, high] = extent(all);
    const target = view.report.data.target;
    const count = canvas.compact ? 4 : 6;
    return drawScatter(canvas, {
      series: sets.map(({ style, rows }) => ({
        style,
        dots: thinned(rows.actual.length).map((i) => {
          const [actual, predicted] = [rows.actual[i] as number, rows.predicted[i] as number];
          return {
            x: predicted,
            y: actual,
            tip: `${style.label}, ${i + 1}: predicted ${significant(predicted)} ± ${significant(rows.std[i] as number)}, actual ${significant(actual)}`,
          };
        }),
      })),
      x: linearAxis([low, high], { label: `Predicted ${short(target)}`, count }),
      y: linearAxis([low, high], { label: `Actual ${short(target)}`, count }),
      height: canvas.compact ? 260 : 420,
      truth: { from: [low, low], to: [high, high], label: 'actual = predicted' },
    });
  },
});

export const residualFigure = defineFigure<FitView>({
  name: 'residuals',
  title: () => 'Residuals against predictions',
  summary: (view) =>
    setsOf(view)
      .map(({ style, rows }) => {
        const misses = rows.actual.map((value, i) => value - (rows.predicted[i] as number));
        const [low, high] = extent(misses);
        return `${style.label}: residuals from ${significant(low)} to ${significant(high)}.`;
      })
      .join(' '),
  draw: (view, canvas) => {
    const sets = setsOf(view).map(({ style, rows }) => ({
      style,
      dots: thinned(rows.actual.length).map((i) => {
        const predicted = rows.predicted[i] as number;
        const miss = (rows.actual[i] as number) - predicted;
        return {
          x: predicted,
          y: miss,
          tip: `${style.label}, ${i + 1}: predicted ${significant(predicted)}, residual ${significant(miss)}`,
        };
      }),
    }));
    const dots = sets.flatMap((set) => set.dots);
    const x = linearAxis(
      dots.map((dot) => dot.x),
      { label: `Predicted ${short(view.report.data.target)}`, count: canvas.compact ? 4 : 6 },
    );
    return drawScatter(canvas, {
      series: sets,
      x,
      y: linearAxis(
        dots.map((dot) => dot.y),
        { label: 'Actual − predicted (units of the target)', count: 5, include: [0] },
      ),
      height: canvas.compact ? 220 : 300,
      truth: { from: [x.domain[0], 0], to: [x.domain[1], 0], label: 'no error' },
    });
  },
});

/** Axis titles have room for so much of a name. */
function short(name: string): string {
  return name.length > 28 ? `${name.slice(0, 27)}…` : name;
}

/** Observed against promised: accuracy against probability, or coverage against the level of intervals. */
export const reliabilityFigure = defineFigure<FitView>({
  name: 'reliability',
  title: (view) =>
    view.report.data.task === 'classify' ? 'Reliability of the probabilities' : 'Reliability of the error bars',
  summary: (view) =>
    reliabilityDots(view)
      .map(({ style, dots }) => `${style.label}: ${dots.map(({ tip }) => tip).join('; ')}.`)
      .join(' '),
  draw: (view, canvas) => {
    const classes = view.report.data.task === 'classify';
    const count = canvas.compact ? 4 : 5;
    const ends = [0, 100];
    return drawScatter(canvas, {
      // Shares of few rows jump; a line through them would say more than they do.
      series: reliabilityDots(view).map((series) => ({ ...series, joined: !classes })),
      x: linearAxis(ends, {
        label: classes ? 'Probability of the predicted class (%)' : 'Level of the central interval (%)',
        count,
      }),
      y: linearAxis(ends, {
        label: classes ? 'Predictions that were right (%)' : 'Targets inside the interval (%)',
        count,
      }),
      height: canvas.compact ? 250 : 380,
      truth: { from: [0, 0], to: [100, 100], label: 'as promised' },
    });
  },
});

function reliabilityDots(view: FitView) {
  const of = (id: string, scores: Scores | null) =>
    scores === null ? [] : [{ style: view.style(id), dots: dotsOf(scores) }];
  return [...of('left out', view.report.leftOut), ...of('test', view.report.test)];
}

function dotsOf(scores: Scores) {
  const whole = (value: number) => `${Math.round(1000 * value) / 10} %`;
  if (scores.task === 'regress') {
    return scores.coverage.map(({ level, observed }) => ({
      x: 100 * level,
      y: 100 * observed,
      size: 4,
      tip: `${whole(level)} intervals hold ${whole(observed)}`,
    }));
  }
  return scores.bins.map(({ samples, confidence, accuracy }) => ({
    x: 100 * confidence,
    y: 100 * accuracy,
    // Areas grow with the share of rows; bins of a few rows stay visible.
    size: 2.5 + 7 * Math.sqrt(samples / scores.rows),
    tip: `${whole(confidence)} promised, ${whole(accuracy)} right, ${samples} ${samples === 1 ? 'row' : 'rows'}`,
  }));
}
