/** What only a fit of classes has: which classes are taken for which, and the mistakes that the model was sure of. */

import type { ClassScores, FitReport } from '../../fitting/schema.js';
import {
  type Block,
  type Cell,
  defineSection,
  type Line,
  name,
  number,
  numbers,
  paragraph,
  table,
  words,
} from '../blocks.js';
import { integer, missing } from '../format.js';
import { type FitView, share } from './view.js';

/** A table of this many columns can still be read; beyond it the classes are listed, each with its commonest mistake. */
const mostColumns = 12;

/** One table for the rows left out, and one for test rows where there are some. */
export function confusionTables({ report }: FitView): readonly Block<unknown>[] {
  const labels = labelsOf(report);
  const sets = [
    { title: 'Rows left out', scores: report.leftOut },
    ...(report.test === null ? [] : [{ title: 'Test rows', scores: report.test }]),
  ];
  const draw = labels.length > mostColumns ? classTable : confusionTable;
  return sets.flatMap(({ title, scores }) => (scores.task === 'classify' ? [draw(title, scores, labels)] : []));
}

function confusionTable(title: string, { confusion }: ClassScores, labels: readonly string[]): Block<unknown> {
  return table(
    `${title}: actual class (rows of the table) against predicted class (columns); ● marks what is right`,
    [words('Actual'), ...labels.map((label) => numbers(['as ', name(label)])), numbers('Right')],
    confusion.map((counts, own): (Cell | Line)[] => [
      name(labels[own] ?? ''),
      ...counts.map(
        (count, column): Cell => ({
          content: number(count, integer(count)),
          mark: column === own ? 'best' : count === 0 ? 'faint' : undefined,
        }),
      ),
      rightShare(counts, own),
    ]),
  );
}

function classTable(title: string, { confusion }: ClassScores, labels: readonly string[]): Block<unknown> {
  return table(
    `${title}: how many of each class are right, and what the others are taken for; every count is in report.json`,
    [words('Actual'), numbers('Rows'), numbers('Right'), words('Most often taken for'), numbers('Rows so taken')],
    confusion.map((counts, own): Line[] => {
      const rows = counts.reduce((sum, count) => sum + count, 0);
      const others = counts.map((count, column) => (column === own ? 0 : count));
      const most = Math.max(...others);
      const other = others.indexOf(most);
      return [
        name(labels[own] ?? ''),
        number(rows, integer(rows)),
        rightShare(counts, own),
        most === 0 ? missing : name(labels[other] ?? ''),
        most === 0 ? missing : number(most, integer(most)),
      ];
    }),
  );
}

function rightShare(counts: readonly number[], own: number): Line {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const right = (counts[own] as number) / rows;
  return rows === 0 ? missing : number(right, share(right));
}

const shownMistakes = 12;

export const mistakeSection = defineSection<FitView>({
  name: 'mistakes',
  title: 'Surest mistakes',
  build: ({ report }) => {
    const { leftOut } = report;
    if (leftOut.task !== 'classify') return [];
    const { actual, predicted, confidence } = leftOut.predictions;
    const labels = labelsOf(report);
    const wrong = actual.flatMap((own, i) => (predicted[i] === own ? [] : [i]));
    if (wrong.length === 0) return [paragraph('No row left out was classified wrongly.')];
    const surest = wrong
      .toSorted((a, b) => (confidence[b] as number) - (confidence[a] as number))
      .slice(0, shownMistakes);
    return [
      paragraph(
        'Rows of which the model was sure and wrong: labels to look at twice, or cases that the features do not tell apart.',
      ),
      table(
        `The ${integer(surest.length)} surest of ${integer(wrong.length)} mistakes among the rows left out`,
        [words('Row, of those read'), words('Actual'), words('Predicted'), numbers('Probability')],
        surest.map((i) => [
          number(i + 1, integer(i + 1)),
          name(labels[actual[i] as number] ?? ''),
          name(labels[predicted[i] as number] ?? ''),
          number(confidence[i] as number, share(confidence[i] as number)),
        ]),
      ),
    ];
  },
});

function labelsOf({ data }: FitReport): readonly string[] {
  return data.classes?.map(({ label }) => label) ?? [];
}
