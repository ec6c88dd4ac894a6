import { cautionsOf } from '../fitting/cautions.js';
import type { FitReport, Scores } from '../fitting/schema.js';
import { shortNumber } from './table.js';

/** What a fit has come to, for the terminal. */
export function fitText(
  report: FitReport,
  { out, report: folder }: { readonly out: string; readonly report?: string },
): string {
  const { data, model } = report;
  const kind = data.task === 'classify' ? `${data.classes?.length} classes` : 'regression';
  const rows: [string, string][] = [
    ['data', `${data.name}: ${data.rows} rows, ${data.features} features; target '${data.target}' (${kind})`],
    ['network', networkText(report)],
    ['ridge', `${Number(model.relativeRidge.toPrecision(3))} of the mean diagonal${ridgeWords(report)}`],
    ['left out', scoresText(report.leftOut)],
    ...(report.test === null ? [] : [['test rows', scoresText(report.test)] as [string, string]]),
    ...curveRow(report),
    ['model', out],
    ...(folder === undefined ? [] : [['report', `${folder}/report.html`] as [string, string]]),
  ];
  const notes = cautionsOf(report).map((text) => `  - ${text}\n`);
  const caution = `\nLeft out: each row by the fit to all others, exactly.\n${notes.length === 0 ? '' : `\nKeep in mind:\n${notes.join('')}`}`;
  return `\n${rows.map(([term, text]) => `${term.padEnd(9)}  ${text}\n`).join('')}${caution}`;
}

export function networkText({ model, candidates, protocol }: FitReport): string {
  const depth = model.depth === null ? '' : `, depth ${model.depth}`;
  const sample =
    candidates.length > 1 ? `; the best of ${candidates.length} by ${criterionWords[protocol.criterion]}` : '';
  return `${model.label}${depth}, ${model.kernel.toUpperCase()}${sample}`;
}

const criterionWords = {
  'leave-one-out': 'leave-one-out',
  folds: 'held-out folds',
  likelihood: 'likelihood',
} as const;

function ridgeWords({ protocol, data }: FitReport): string {
  if (protocol.ridge !== 'auto') return ', as asked for';
  const on = protocol.searchRows < data.rows ? ` on ${protocol.searchRows} sampled rows` : '';
  return `, chosen by ${criterionWords[protocol.criterion]}${on}`;
}

/** One line about predictions of rows whose targets are known. */
export function scoresText(scores: Scores): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  if (scores.task === 'classify') {
    return (
      `accuracy ${percent(scores.accuracy)} (largest class: ${percent(1 - scores.baseline)}), calibration error ` +
      `${percent(scores.expectedCalibrationError)}, NLL ${shortNumber(scores.negativeLogLikelihood)}`
    );
  }
  const inside = scores.coverage.find(({ level }) => level === 0.95)?.observed ?? Number.NaN;
  return (
    `RMSE ${shortNumber(scores.rmse)} (predicting the mean: ${shortNumber(scores.baseline)}), R² ${scores.r2.toFixed(3)}, ` +
    `95 % intervals hold ${percent(inside)}, NLL ${shortNumber(scores.negativeLogLikelihood)}`
  );
}

function curveRow({ learningCurve, protocol }: FitReport): [string, string][] {
  if (learningCurve === null) return [];
  const { sizes, repeats, testRows } = learningCurve;
  const [half, whole] = sizes.slice(-2);
  if (half === undefined || whole === undefined) return [];
  const text = (value: number) =>
    protocol.metric === 'error rate' ? `accuracy ${(100 * (1 - value)).toFixed(1)} %` : `RMSE ${shortNumber(value)}`;
  return [
    [
      'new rows',
      `${text(whole.mean)} after ${whole.rows} rows, ${text(half.mean)} after ${half.rows} (${repeats} splits, ${testRows} test rows each)`,
    ],
  ];
}
