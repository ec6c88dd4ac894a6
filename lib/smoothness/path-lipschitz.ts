import { defineMetric } from './metric.js';
import { pathFigures } from './paths.js';

export const pathLipschitz = defineMetric({
  name: 'pathLipschitz',
  title: 'Local Lipschitz constant along paths',
  meaning:
    'The steepest step of the fitted function on straight paths between pairs of your rows, 64 steps each, over the length of the step.',
  smootherWhen: 'smaller',
  caution:
    'A fit that shrinks towards 0 is less steep for being wrong; of 32 pairs of rows, and paths leave the set that the rows lie on.',
  reference: 'path-lipschitz',
  measure: async (study, which) => (await pathFigures(study, which))?.slope ?? null,
});
