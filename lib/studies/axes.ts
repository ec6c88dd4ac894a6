/** Axes that several charts have. */

import type { ChartAxis } from './schema.js';

export const alphaAxis: ChartAxis = { label: 'Scale α of the branches', scale: 'log' };
export const angleAxis: ChartAxis = { label: 'Angle t (radians)', scale: 'linear' };
export const valueAxis: ChartAxis = { label: 'Value', scale: 'linear' };
export const widthAxis: ChartAxis = { label: 'Width m', scale: 'depth' };
export const errorAxis: ChartAxis = { label: 'Relative error', scale: 'log' };

/** Quotients, and where there is no difference. */
export function overMlp(scale: ChartAxis['scale'], label = 'Over that of the MLP'): ChartAxis {
  return { label, scale, rule: 1 };
}
