import {
  type Block,
  defineSection,
  details,
  figure,
  key,
  name,
  number,
  numbers,
  paragraph,
  series,
  table,
  words,
} from '../blocks.js';
import { pairedFigure } from '../figures/paired.js';
import { fixed, integer, probability, significant } from '../format.js';
import type { View } from '../view.js';

export const testsSection = defineSection({
  name: 'tests',
  title: 'Is the difference real?',
  build: (view) => {
    const { tests, best } = view.report.verdict;
    if (view.againstBest.length === 0) return [];
    const splits = view.report.protocol.splits.count;
    const least = 2 ** (1 - splits);
    return [
      paragraph(
        'Splits share rows, so their errors are not independent and an ordinary t-test finds differences that are not there. The test used here widens its interval for the overlap ',
        key('Nadeau03'),
        '; the p-values are adjusted for the ',
        number(tests.length, integer(tests.length)),
        tests.length === 1 ? ' comparison ' : ' comparisons ',
        key('Holm79'),
        '. Above 0.05 the report calls two networks tied. However large a difference, ',
        number(splits, integer(splits)),
        ' splits allow no p-value below ',
        `${significant(least, 2)} `,
        key('few-splits'),
        '.',
      ),
      figure(pairedFigure, [
        'Mean difference over the splits with its 95 % interval, not adjusted. Right of zero the network is worse than ',
        name(view.style(best.id).label),
        '; where the interval covers zero, the splits cannot tell the two apart. The finding in the table rests on the adjusted p-value, which asks for more.',
      ]),
      bestTable(view),
      ...(tests.length > view.againstBest.length ? [details('Every pair of networks', pairTable(view))] : []),
    ];
  },
});

function bestTable(view: View): Block {
  const text = differenceText(view);
  return table(
    `Difference in test error to ${view.style(view.report.verdict.best.id).label} (${unit(view)})`,
    [
      words('Network'),
      numbers('Depth to use'),
      numbers('Difference'),
      numbers('95 % interval'),
      numbers('p'),
      numbers('p, adjusted'),
      words('Finding'),
    ],
    view.againstBest.map(({ id, depth, difference, interval, p, pAdjusted }) => [
      series(id),
      number(depth, integer(depth)),
      number(difference, text(difference)),
      [number(interval[0], text(interval[0])), ' to ', number(interval[1], text(interval[1]))],
      number(p, probability(p)),
      number(pAdjusted, probability(pAdjusted)),
      view.report.verdict.ties.includes(id) ? 'tie' : 'worse',
    ]),
  );
}

function pairTable(view: View): Block {
  const text = differenceText(view);
  return table(
    `Test error of the second network minus that of the first (${unit(view)})`,
    [
      words('First'),
      words('Second'),
      numbers('Difference'),
      numbers('95 % interval'),
      numbers('p'),
      numbers('p, adjusted'),
    ],
    view.report.verdict.tests.map(({ a, b, difference, interval, p, pAdjusted }) => [
      series(a),
      series(b),
      number(difference, text(difference)),
      [number(interval[0], text(interval[0])), ' to ', number(interval[1], text(interval[1]))],
      number(p, probability(p)),
      number(pAdjusted, probability(pAdjusted)),
    ]),
  );
}

function differenceText(view: View): (value: number) => string {
  return view.error.scale === 100 ? (value) => fixed(100 * value, 2) : (value) => significant(value);
}

function unit(view: View): string {
  return view.error.scale === 100 ? 'percentage points' : 'units of the target';
}
