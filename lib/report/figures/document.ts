import { escapeText } from '../escape.js';
import { pageTheme, paperTheme } from '../theme.js';
import type { Canvas, Figure } from './figure.js';
import { mathMarkup } from './math.js';
import { measureText } from './text.js';

const wide = { width: 760, fontSize: 12.5, compact: false } as const;
const compact = { width: 340, fontSize: 11.5, compact: true } as const;

/** One figure for the page, twice: for a screen with room and for a phone. The page's style shows one of them. */
export function inlineFigure<V>(figure: Figure<V>, view: V): string {
  const text = escapeText(`${figure.title(view)}. ${figure.summary(view)}`);
  return [
    { ...wide, className: 'wide' },
    { ...compact, className: 'compact' },
  ]
    .map(({ className, ...size }) => {
      const canvas: Canvas = { ...size, theme: pageTheme, measure: measureText, prefix: `${figure.name}-${className}` };
      const { height, body } = figure.draw(view, canvas);
      const frame = `viewBox="0 0 ${canvas.width} ${Math.ceil(height)}" font-size="${canvas.fontSize}"`;
      return `<svg class="${className}" role="img" aria-label="${text}" ${frame}>${body}</svg>`;
    })
    .join('');
}

/** One figure as a file of its own: light, titled, with nothing outside it but the name of its font. */
export function standaloneFigure<V>(figure: Figure<V>, view: V): string {
  const canvas: Canvas = { ...wide, theme: paperTheme, measure: measureText, prefix: figure.name };
  const { height, body } = figure.draw(view, canvas);
  const margin = 20;
  const titleHeight = 32;
  const width = canvas.width + 2 * margin;
  const fullHeight = Math.ceil(height) + titleHeight + 2 * margin;
  const title = escapeText(figure.title(view));
  const { font, ink, surface } = paperTheme;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${fullHeight}" viewBox="0 0 ${width} ${fullHeight}"`,
    ` font-family="${font}" font-size="${canvas.fontSize}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${title}</title><desc id="desc">${escapeText(figure.summary(view))}</desc>`,
    `<rect width="${width}" height="${fullHeight}" fill="${surface}"/>`,
    `<text x="${margin}" y="${margin + 13}" font-size="16" font-weight="bold" fill="${ink}">${mathMarkup(figure.title(view), 16)}</text>`,
    `<g transform="translate(${margin},${margin + titleHeight})">${body}</g>`,
    '</svg>\n',
  ].join('');
}
