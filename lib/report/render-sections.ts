import { figuresIn, type Inline, type Section } from './blocks.js';
import { standaloneFigure } from './figures/document.js';
import { rasterise } from './figures/raster.js';
import { renderPage } from './render-html.js';
import { renderMarkdown } from './render-markdown.js';
import type { PageView } from './view.js';

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
  /** The same as text, with the figures in `figures/` beside it. */
  readonly markdown: string;
  readonly figures: readonly RenderedFigure[];
}

/** Builds the sections that have something to say, in their order. `about` is what the report is of, for the footer. */
export function renderSections<V extends PageView>(
  sections: readonly Section<V>[],
  view: V,
  { title, about }: { readonly title: string; readonly about: Inline },
): RenderedReport {
  const built = sections
    .map((section) => ({ section, blocks: section.build(view) }))
    .filter(({ blocks }) => blocks.length > 0);
  const footer = ['resgram ', view.report.version, ' · ', about, ' · figures also as SVG and PNG beside this file'];
  const page = { title, sections: built, footer };
  const figures = figuresIn(built.flatMap(({ blocks }) => blocks)).map((figure) => {
    const svg = standaloneFigure(figure, view);
    return { name: figure.name, title: figure.title(view), svg, png: rasterise(svg) };
  });
  return { html: renderPage(page, view), markdown: renderMarkdown(page, view, 'figures'), figures };
}
