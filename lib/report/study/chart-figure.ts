import type { Chart, ChartAxis, ChartPoint, ChartSeries, LineChart } from '../../studies/schema.js';
import { defineFigure, type Figure } from '../figures/figure.js';
import { drawLines } from '../figures/lines.js';
import { type Axis, depthAxis, linearAxis, logAxis } from '../figures/scale.js';
import { significant } from '../format.js';
import type { SeriesStyle } from '../series.js';
import { mapFigure } from './map-figure.js';
import { type StudyView, stylesIn } from './view.js';

/** More points than this are a curve; fewer are marked one by one. */
const mostMarked = 24;

/** The figure that a chart describes. */
export function chartFigure(chart: Chart): Figure<StudyView> {
  return chart.kind === 'map' ? mapFigure(chart) : lineFigure(chart);
}

function lineFigure(chart: LineChart): Figure<StudyView> {
  return defineFigure<StudyView>({
    name: chart.name,
    title: () => chart.title,
    summary: () => `${chart.caption} ${chart.series.map(ends).join('; ')}.`,
    draw: (view, canvas) => {
      const styles = stylesIn(view, chart);
      const lines = chart.series.map((series, i) => ({
        style: styles[i] as SeriesStyle,
        points: series.points
          // A logarithmic axis has no place for 0 and less.
          .filter(({ y }) => chart.y.scale !== 'log' || y > 0)
          .map(({ x, y, spread }) => ({
            x,
            y,
            ...(spread === undefined ? {} : { spread }),
            marked: series.points.length <= mostMarked,
            tip: `${series.label}, ${significant(x)}: ${significant(y, 4)}${spread === undefined ? '' : ` ± ${significant(spread)}`}`,
          })),
      }));
      const points: readonly ChartPoint[] = [
        ...lines.flatMap((line) => line.points),
        ...(chart.target ?? []),
        ...(chart.samples ?? []),
      ];
      return drawLines(canvas, {
        lines,
        x: (width) =>
          axisOf(
            chart.x,
            points.map(({ x }) => x),
            canvas.compact ? 4 : 8,
            width,
          ),
        y: axisOf(
          chart.y,
          [
            ...points.flatMap(({ y, spread = 0 }) => [y - spread, y + spread]),
            ...(chart.y.rule === undefined ? [] : [chart.y.rule]),
          ],
          canvas.compact ? 4 : 6,
          0,
        ),
        height: canvas.compact ? 220 : 330,
        ...(chart.y.rule === undefined ? {} : { rule: chart.y.rule }),
        verticalGrid: true,
        ...(chart.target === undefined ? {} : { target: chart.target }),
        ...(chart.samples === undefined ? {} : { samples: chart.samples }),
      });
    },
  });
}

function axisOf({ scale, label }: ChartAxis, values: readonly number[], count: number, room: number): Axis {
  switch (scale) {
    case 'linear':
      return linearAxis(values, { label, count });
    case 'log':
      return logAxis(
        values.filter((value) => value > 0),
        { label, count },
      );
    case 'depth':
      return { ...depthAxis(values, room), label };
  }
}

function ends({ label, points }: ChartSeries): string {
  const [first, last] = [points[0], points.at(-1)];
  return first === undefined || last === undefined
    ? label
    : `${label}: from ${significant(first.y)} to ${significant(last.y)}`;
}
