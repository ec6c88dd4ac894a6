import type { CircleStudy } from '../../compare/schema.js';
import {
  type Cell,
  code,
  defineSection,
  figure,
  key,
  number,
  numbers,
  paragraph,
  series,
  table,
  words,
} from '../blocks.js';
import { circleFigure } from '../figures/circle.js';
import { integer, significant } from '../format.js';
import type { View } from '../view.js';

export const circleSection = defineSection({
  name: 'circle',
  title: 'Interpolants on the circle',
  build: (view) => {
    const { circle } = view.report;
    if (circle.series.length === 0) return [];
    return [
      paragraph(
        'The same kernels on the simplest data there is: ',
        number(circle.sampleAngles.length, integer(circle.sampleAngles.length)),
        ' samples of ',
        code(circle.target),
        ' on a circle, fitted exactly. Wherever a kernel has a cusp its interpolant has a corner at every sample, and a corner opposite to it where the kernel is sharp at 180°, too ',
        key('circle-interpolant'),
        '. This part does not depend on your data.',
      ),
      figure(circleFigure, [
        'First panel: the whole circle, with vertical lines at the samples. Second: the sample at which the networks differ most in how sharply they turn. At depth ',
        number(circle.depth, integer(circle.depth)),
        '.',
      ]),
      circleTable(view),
    ];
  },
});

type Entry = CircleStudy['series'][number];

function circleTable(view: View) {
  const { circle } = view.report;
  const columns: readonly [string, (entry: Entry) => number][] = [
    ['Largest jump of the slope at a sample', (entry) => entry.largestJump],
    ['Sum of these jumps', (entry) => entry.totalJump],
    ['Energy beyond the target’s band', (entry) => entry.spectralTail],
    ['RMS error', (entry) => entry.rmsError],
  ];
  const rows = [...circle.series].sort((a, b) => view.style(a.id).index - view.style(b.id).index);
  const least = columns.map(([, get]) => Math.min(...rows.map(get)));
  return table(
    'Corners of the interpolants (jumps per radian) and distance from the target; smaller is smoother, or closer',
    [words('Network'), ...columns.map(([title]) => numbers(title))],
    rows.map((entry) => [
      series(entry.id),
      ...columns.map(([, get], i): Cell => {
        const value = get(entry);
        return { content: number(value, significant(value)), mark: value === least[i] ? 'best' : undefined };
      }),
    ]),
  );
}
