import type { ItemReport, LineChart, StudyReport, Verdict } from '../../studies/schema.js';
import { allStyles, type SeriesStyle, slotOf } from '../series.js';
import { found, type PageView } from '../view.js';

/** A report of a study with the look-ups that its sections and figures share. */
export interface StudyView extends PageView {
  readonly report: StudyReport;
  readonly items: readonly ItemReport[];
}

export function studyViewOf(report: StudyReport): StudyView {
  const styles = allStyles();
  return {
    report,
    items: report.parts.flatMap((part) => part.items),
    styles,
    maps: report.parts.some(({ items }) => items.some(({ charts }) => charts.some(({ kind }) => kind === 'map'))),
    style: (id) =>
      found(
        styles.find((style) => style.id === id),
        id,
      ),
  };
}

/** The styles of a chart's series: by family and place, so that those of one chart are apart from one another. */
export function stylesIn(view: StudyView, { series }: LineChart): readonly SeriesStyle[] {
  return series.map(({ id, label, family }) => {
    const kin = series.filter((one) => one.family === family);
    const slot = slotOf(
      family,
      kin.findIndex((one) => one.id === id),
      kin.length,
    );
    return { ...(view.styles[slot] as SeriesStyle), label };
  });
}

export const verdictMarks: Readonly<Record<Verdict, string>> = {
  holds: '✓',
  'in part': '◐',
  'does not hold': '✗',
};
