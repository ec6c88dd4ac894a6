import type { ChartSeries, ItemReport } from '../../lib/studies/schema.js';

/** The series of an item's chart of lines: the one of this name, or its first. */
export function seriesOf(item: ItemReport, name?: string): readonly ChartSeries[] {
  const chart = item.charts.find((one) => name === undefined || one.name === name);
  if (chart === undefined || chart.kind === 'map') throw new Error(`${item.id} has no chart of lines ${name ?? ''}`);
  return chart.series;
}
