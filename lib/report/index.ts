import type { CompareReport } from '../compare/schema.js';
import { figuresIn, name, type Section } from './blocks.js';
import { standaloneFigure } from './figures/document.js';
import { rasterise } from './figures/raster.js';
import { renderPage } from './render-html.js';
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

/** A figure as files: `name` without an ending, an SVG that stands alone, and a PNG of it. */
export interface RenderedFigure {
  readonly name: string;
  readonly title: string;
  readonly svg: string;
  readonly png: Uint8Array;
}

export interface RenderedReport {
  /** The whole report in one file that asks the network for nothing. */
  readonly html: string;
  readonly figures: readonly RenderedFigure[];
}

/**
 * Turns a comparison into a page and its figures. A pure function of the report: the same report gives the same bytes.
 * Throws ERR_DATA where the report names a network that it does not describe.
 */
export function renderCompare(report: CompareReport): RenderedReport {
  const view = viewOf(report);
  const built = sections
    .map((section) => ({ section, blocks: section.build(view) }))
    .filter(({ blocks }) => blocks.length > 0);
  const html = renderPage(
    {
      title: `resgram: ${report.data.name}`,
      sections: built,
      footer: [
        'resgram ',
        report.version,
        ' · ',
        name(report.data.name),
        ' · figures also as SVG and PNG beside this file',
      ],
    },
    view,
  );
  const figures = figuresIn(built.flatMap(({ blocks }) => blocks)).map((figure) => {
    const svg = standaloneFigure(figure, view);
    return { name: figure.name, title: figure.title(view), svg, png: rasterise(svg) };
  });
  return { html, figures };
}
