import type { DynamicsReport } from '../../fitting/dynamics-schema.js';
import { name } from '../blocks.js';
import { type RenderedReport, renderSections } from '../render-sections.js';
import { dynamicsSections } from './sections.js';
import { dynamicsViewOf } from './view.js';

/** Turns training dynamics into a page and its figures. A pure function of the report. */
export function renderDynamics(report: DynamicsReport): RenderedReport {
  return renderSections(dynamicsSections, dynamicsViewOf(report), {
    title: `resgram dynamics: ${report.data.name}`,
    about: name(report.data.name),
  });
}
