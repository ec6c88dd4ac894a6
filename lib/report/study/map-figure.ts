import type { MapChart } from '../../studies/schema.js';
import { defineFigure, type Figure } from '../figures/figure.js';
import { drawMap } from '../figures/map.js';
import { extent } from '../figures/scale.js';
import { sequence, significant } from '../format.js';
import type { StudyView } from './view.js';

/** The figure that a map describes. */
export function mapFigure(chart: MapChart): Figure<StudyView> {
  return defineFigure<StudyView>({
    name: chart.name,
    title: () => chart.title,
    summary: () => `${chart.caption} ${chart.colour.label}: ${sequence(chart.panels.map(range))}.`,
    draw: (_, canvas) =>
      drawMap(canvas, {
        grid: chart.grid,
        x: { reversed: false, ...chart.x },
        y: { reversed: false, ...chart.y },
        ramp: chart.colour.scale,
        colourLabel: chart.colour.label,
        panels: chart.panels.map((panel) => ({ points: [], ...panel })),
      }),
  });
}

function range({ title, values }: MapChart['panels'][number]): string {
  const [low, high] = extent(values.flat());
  return `${title}, from ${significant(low)} to ${significant(high)}`;
}
