import type { StudyReport } from '../../studies/schema.js';
import { type RenderedReport, renderSections } from '../render-sections.js';
import { studySections } from './sections.js';
import { studyViewOf } from './view.js';

/** Turns a study into a page and its figures. A pure function of the report. */
export function renderStudy(report: StudyReport): RenderedReport {
  const view = studyViewOf(report);
  return renderSections(studySections(view), view, {
    title: `resgram study: ${report.title}`,
    about: report.title,
  });
}
