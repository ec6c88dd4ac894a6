import type { CompareReport } from '../compare/schema.js';
import { name, type Section } from './blocks.js';
import { type RenderedReport, renderSections } from './render-sections.js';
import { circleSection } from './sections/circle.js';
import { curvesSection } from './sections/curves.js';
import { dataSection } from './sections/data.js';
import { errorSection } from './sections/error.js';
import { limitsSection } from './sections/limits.js';
import { provenanceSection } from './sections/provenance.js';
import { readingSection } from './sections/reading.js';
import { smoothnessSection } from './sections/smoothness.js';
import { spectrumSection } from './sections/spectrum.js';
import { testsSection } from './sections/tests.js';
import { verdictSection } from './sections/verdict.js';
import { viewOf } from './view.js';

export type { RenderedFigure, RenderedReport } from './render-sections.js';

/** The sections of the report in reading order. The first one brings the page's heading. */
export const sections: readonly Section[] = [
  verdictSection,
  dataSection,
  errorSection,
  testsSection,
  curvesSection,
  spectrumSection,
  circleSection,
  smoothnessSection,
  readingSection,
  limitsSection,
  provenanceSection,
];

/**
 * Turns a comparison into a page and its figures. A pure function of the report: the same report gives the same bytes.
 * Throws ERR_DATA where the report names a network that it does not describe.
 */
export function renderCompare(report: CompareReport): RenderedReport {
  return renderSections(sections, viewOf(report), {
    title: `resgram: ${report.data.name}`,
    about: name(report.data.name),
  });
}
