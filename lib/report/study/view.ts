import type { Chart, ChartSeries, ItemReport, StudyReport, Verdict } from '../../studies/schema.js';
import { networkStyles, type SeriesStyle } from '../series.js';
import { found, type PageView } from '../view.js';

/** A report of a study with the look-ups that its sections and figures share. */
export interface StudyView extends PageView {
  readonly report: StudyReport;
  readonly items: readonly ItemReport[];
}

export function studyViewOf(report: StudyReport): StudyView {
  const items = report.parts.flatMap((part) => part.items);
  const series = new Map<string, ChartSeries>();
  for (const chart of items.flatMap(({ charts }) => charts)) {
    for (const one of chart.series) if (!series.has(one.id)) series.set(one.id, one);
  }
  const styles = networkStyles([...series.values()], 0);
  const byId = new Map(styles.map((style) => [style.id, style]));
  return { report, items, styles, style: (id) => found(byId.get(id), id) };
}

/** The style of a series with the label that it has in this chart. */
export function styleIn(view: StudyView, { id, label }: Chart['series'][number]): SeriesStyle {
  return { ...view.style(id), label };
}

export const verdictMarks: Readonly<Record<Verdict, string>> = {
  holds: '✓',
  'in part': '◐',
  'does not hold': '✗',
};
