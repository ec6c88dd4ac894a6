import { defineMetric } from './metric.js';
import { pathFigures } from './paths.js';

export const pathBend = defineMetric({
  name: 'pathBend',
  title: 'Second differences along paths',
  meaning:
    'The root mean square, on the same paths, of the second differences of the fitted function over the squared step.',
  smootherWhen: 'smaller',
  caution: 'Where a path meets a corner it grows as the step shrinks: figures of different steps do not compare.',
  reference: 'path-lipschitz',
  measure: async (study, which) => (await pathFigures(study, which))?.bend ?? null,
});
