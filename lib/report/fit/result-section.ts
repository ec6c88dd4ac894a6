import { barsOf, cautionsOf } from '../../fitting/cautions.js';
import type { FitReport, Scores } from '../../fitting/schema.js';
import {
  type Card,
  callout,
  cards,
  defineSection,
  headline,
  type Line,
  name,
  number,
  numbers,
  table,
  words,
} from '../blocks.js';
import { chosen, fixed, integer, missing, percent, sentence, significant, typeset } from '../format.js';
import { type FitView, modelText, share } from './view.js';

export const resultSection = defineSection<FitView>({
  name: 'result',
  title: 'Result',
  build: (view) => {
    const { report } = view;
    const { data } = report;
    const notes = cautionsOf(report).map((text) => sentence(typeset(text)));
    return [
      headline(
        ['resgram fit · ', name(data.name), ` · ${integer(data.rows)} rows, ${integer(data.features)} features`],
        headlineText(report),
      ),
      cards(cardsOf(view)),
      ...(notes.length === 0 ? [] : [callout('Before you rely on it', notes)]),
      scoreTable(view),
    ];
  },
});

function headlineText({ leftOut, test }: FitReport): string {
  const scores = test ?? leftOut;
  const which = test === null ? 'rows left out' : 'test rows';
  if (scores.task === 'classify') {
    return `${share(scores.accuracy)} of ${which} are classified correctly; the largest class alone would give ${share(1 - scores.baseline)}`;
  }
  return `Predictions of ${which} are off by ${significant(scores.rmse)} (root mean square); the mean alone by ${significant(scores.baseline)}`;
}

function cardsOf(view: FitView): Card[] {
  const { report } = view;
  const { candidates, model } = report;
  const others = candidates.length === 1 ? 'As it was given' : `The best of ${candidates.length} that were tried`;
  return [
    {
      title: 'Which network?',
      text: `${modelText(report)}. ${others}, with a ridge of ${chosen(model.relativeRidge)} of the mean diagonal.`,
    },
    {
      title: report.data.task === 'classify' ? 'Can the probabilities be trusted?' : 'Can the error bars be trusted?',
      text: trust(report.test ?? report.leftOut),
    },
    ...(report.learningCurve === null ? [] : [{ title: 'Would more rows help?', text: moreRows(view) }]),
  ];
}

function trust(scores: Scores): string {
  if (scores.task === 'classify') {
    const gap = scores.expectedCalibrationError;
    const promised = scores.bins.reduce((sum, bin) => sum + bin.samples * bin.confidence, 0) / scores.rows;
    const points = (value: number) => `${fixed(100 * Math.abs(value), 1)} points`;
    const excess = promised - scores.accuracy;
    // Three standard errors of a share of so many rows.
    const slack = 3 * Math.sqrt((promised * (1 - promised)) / scores.rows);
    const verdict =
      Math.abs(excess) <= slack
        ? 'promised and observed accuracy agree as far as so many rows can tell'
        : `the model is ${excess < 0 ? 'too modest' : 'too sure of itself'} by ${points(excess)}`;
    return `Over all ${integer(scores.rows)} rows ${verdict}; bin by bin they differ by ${points(gap)} on average (expected calibration error).`;
  }
  const wrong = barsOf(scores);
  if (wrong !== null) return `No. ${sentence(wrong)}`;
  const inside = scores.coverage.find(({ level }) => level === 0.95)?.observed ?? Number.NaN;
  // Three standard errors of a share of so many rows.
  const slack = 3 * Math.sqrt((0.95 * 0.05) / scores.rows);
  const verdict =
    inside < 0.95 - slack
      ? 'they are too narrow'
      : inside > 0.95 + slack
        ? 'they are wider than needed'
        : 'that is what chance allows';
  return `${share(inside)} of the targets lie inside their 95 % intervals: ${verdict}.`;
}

function moreRows({ report, error }: FitView): string {
  const [half, whole] = report.learningCurve?.sizes.slice(-2) ?? [];
  if (half === undefined || whole === undefined) return '';
  const gain = 1 - whole.mean / half.mean;
  const steps = `From ${integer(half.rows)} to ${integer(whole.rows)} rows the error of new rows went from ${error.text(half.mean)} to ${error.text(whole.mean)}`;
  // A change within the spread of the splits says nothing.
  const spread = Math.hypot(half.sd, whole.sd) / Math.sqrt(report.learningCurve?.repeats ?? 1);
  if (!(half.mean - whole.mean > spread))
    return `${steps}: no more than the splits differ by, so rows alone may not help.`;
  return `${steps}, by ${percent(gain, 0)}: more rows are likely to help.`;
}

function scoreTable({ report }: FitView) {
  const { leftOut, test } = report;
  const columns = [
    { title: 'Rows left out', scores: leftOut },
    ...(test === null ? [] : [{ title: 'Test rows', scores: test }]),
  ];
  const row = (term: string, value: (scores: Scores) => number | null, text: (value: number) => string): Line[] => [
    term,
    ...columns.map(({ scores }): Line => {
      const shown = value(scores);
      return shown === null ? missing : number(shown, text(shown));
    }),
  ];
  const regression = (value: (scores: Extract<Scores, { task: 'regress' }>) => number) => (scores: Scores) =>
    scores.task === 'regress' ? value(scores) : null;
  const classes = (value: (scores: Extract<Scores, { task: 'classify' }>) => number) => (scores: Scores) =>
    scores.task === 'classify' ? value(scores) : null;
  const rows =
    report.data.task === 'classify'
      ? [
          row(
            'Accuracy',
            classes(({ accuracy }) => accuracy),
            share,
          ),
          row(
            'Accuracy of the largest class',
            classes(({ baseline }) => 1 - baseline),
            share,
          ),
          row(
            'Expected calibration error',
            classes((scores) => scores.expectedCalibrationError),
            share,
          ),
          row(
            'Negative log likelihood',
            classes((scores) => scores.negativeLogLikelihood),
            significant,
          ),
          row(
            'Brier score',
            classes(({ brier }) => brier),
            significant,
          ),
        ]
      : [
          row(
            'Root mean squared error',
            regression(({ rmse }) => rmse),
            significant,
          ),
          row(
            'The same of always predicting the mean',
            regression(({ baseline }) => baseline),
            significant,
          ),
          row(
            'R²',
            regression(({ r2 }) => r2),
            significant,
          ),
          row(
            'Mean absolute error',
            regression((scores) => scores.meanAbsoluteError),
            significant,
          ),
          row(
            'Negative log likelihood',
            regression((scores) => scores.negativeLogLikelihood),
            significant,
          ),
          row(
            'Continuous ranked probability score',
            regression(({ crps }) => crps),
            significant,
          ),
        ];
  return table(
    'How good the model is',
    [words('Measure'), ...columns.map(({ title }) => numbers(title))],
    [row('Rows', (scores) => scores.rows, integer), ...rows],
  );
}
