import type { FitReport } from '../../fitting/schema.js';
import { name } from '../blocks.js';
import { type RenderedReport, renderSections } from '../render-sections.js';
import { fitSections } from './sections.js';
import { fitViewOf } from './view.js';

/** Turns a fit into a page and its figures. A pure function of the report: the same report gives the same bytes. */
export function renderFit(report: FitReport): RenderedReport {
  return renderSections(fitSections, fitViewOf(report), {
    title: `resgram fit: ${report.data.name}`,
    about: name(report.data.name),
  });
}
