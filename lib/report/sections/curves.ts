import { defineSection, figure, key, number, numbers, paragraph, series, table, words } from '../blocks.js';
import { kernelCurvesFigure } from '../figures/kernel-curves.js';
import { integer, significant } from '../format.js';
import type { View } from '../view.js';

export const curvesSection = defineSection({
  name: 'curves',
  title: 'The kernels themselves',
  build: (view) => {
    const { curves } = view.report;
    if (curves.series.length === 0) return [];
    return [
      paragraph(
        'How similar does a network find two inputs, given the angle between them? A kernel that falls from its peak in a corner makes predictions with corners at the data; one that leaves its peak flat makes smooth ones. ',
        'The slope at the peak, the ',
        'cusp slope ',
        key('cusp-slope'),
        ', is the first measure of smoothness below.',
      ),
      figure(kernelCurvesFigure, [
        'First panel: from equal to opposite inputs. Second: the peak, magnified, on both sides of angle 0. Slopes are per radian, of the kernel divided by its value at 0, at depth ',
        number(curves.depth, integer(curves.depth)),
        '.',
      ]),
      slopeTable(view),
    ];
  },
});

function slopeTable(view: View) {
  const { curves } = view.report;
  const least = Math.min(...curves.series.map((entry) => entry.cuspSlope));
  const rows = [...curves.series].sort((a, b) => view.style(a.id).index - view.style(b.id).index);
  return table(
    ['Cusp slope at depth ', number(curves.depth, integer(curves.depth)), ' (per radian); smaller is smoother'],
    [words('Network'), numbers('Cusp slope')],
    rows.map(({ id, cuspSlope }) => [
      series(id),
      { content: number(cuspSlope, significant(cuspSlope, 4)), mark: cuspSlope === least ? 'best' : undefined },
    ]),
  );
}
