import { roundingFloor } from './decay.js';
import { defineMetric } from './metric.js';

/** Σ λᵢ/(λᵢ + λ): the trace of the map from targets to fitted values.                        [effective-dimension] */
export const effectiveDimension = defineMetric({
  name: 'effectiveDimension',
  title: 'Effective dimension',
  meaning: 'How many directions the fit with the chosen ridge really uses; the number of rows when it interpolates.',
  smootherWhen: 'smaller',
  caution: 'It follows the chosen ridge as much as the kernel.',
  reference: 'effective-dimension',
  async measure(study, which) {
    const fit = await study.fit(which);
    if (fit === null) return null;
    const { values } = await study.spectrum(which);
    const floor = roundingFloor(values);
    // Directions lost to rounding are dropped by the fit, so they are not in use.
    return values.reduce(
      (sum, value) => (value + fit.ridge > floor ? sum + Math.max(0, value) / (value + fit.ridge) : sum),
      0,
    );
  },
});
