import { defineSection, figure, key, name, number, numbers, paragraph, series, table, words } from '../blocks.js';
import { pairedFigure } from '../figures/paired.js';
import { fixed, integer, probability, significant } from '../format.js';
import type { View } from '../view.js';

export const testsSection = defineSection({
  name: 'tests',
  title: 'Is the difference real?',
  build: (view) => {
    const { tests, best } = view.report.verdict;
    if (tests.length === 0) return [];
    return [
      paragraph(
        'Splits share rows, so their errors are not independent and an ordinary t-test finds differences that are not there. The test used here widens its interval for the overlap ',
        key('Nadeau03'),
        '; the p-values are adjusted for the number of comparisons ',
        key('Holm79'),
        '. Above 0.05 the report calls two networks tied.',
      ),
      figure(pairedFigure, [
        'Mean difference over the splits with its 95 % interval, not adjusted. Right of zero the network is worse than ',
        name(view.style(best.id).label),
        '; an interval that covers zero is a tie.',
      ]),
      testTable(view),
    ];
  },
});

function testTable(view: View) {
  const { scale } = view.error;
  const text = (value: number) => (scale === 100 ? fixed(100 * value, 2) : significant(value));
  const unit = scale === 100 ? 'percentage points' : 'units of the target';
  return table(
    `Difference in test error to ${view.style(view.report.verdict.best.id).label} (${unit})`,
    [
      words('Network'),
      numbers('Depth to use'),
      numbers('Difference'),
      numbers('95 % interval'),
      numbers('p'),
      numbers('p, adjusted'),
      words('Finding'),
    ],
    view.report.verdict.tests.map(({ b, depthB, difference, interval, p, pAdjusted }) => [
      series(b),
      number(depthB, integer(depthB)),
      number(difference, text(difference)),
      [number(interval[0], text(interval[0])), ' to ', number(interval[1], text(interval[1]))],
      number(p, probability(p)),
      number(pAdjusted, probability(pAdjusted)),
      view.report.verdict.ties.includes(b) ? 'tie' : difference > 0 ? 'worse' : 'better',
    ]),
  );
}
