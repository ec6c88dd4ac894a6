import { createHash } from 'node:crypto';
import type { Block, Cell, Column, Inline, Line, Section } from './blocks.js';
import { attribute, escapeText } from './escape.js';
import { inlineFigure } from './figures/document.js';
import { sample } from './figures/paint.js';
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';
import { pageTheme } from './theme.js';
import type { PageView } from './view.js';

export interface BuiltSection<V> {
  readonly section: Section<V>;
  readonly blocks: readonly Block<V>[];
}

export interface Page<V> {
  readonly title: string;
  readonly sections: readonly BuiltSection<V>[];
  readonly footer: Line;
}

/** Counts what is numbered through the page. */
interface Context<V extends PageView = PageView> {
  readonly view: V;
  /** Keys that the page explains: only those lead anywhere. */
  readonly keys: ReadonlySet<string>;
  figures: number;
}

/** Allows the page its own style and its own script, and nothing else: no request, no other script, no form, no frame. */
export function contentPolicy(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

/** One file that needs nothing outside itself. */
export function renderPage<V extends PageView>(page: Page<V>, view: V): string {
  const keys = new Set(page.sections.flatMap(({ blocks }) => blocks.flatMap(explained)));
  const context: Context<V> = { view, keys, figures: 0 };
  const [first, ...others] = page.sections.map(({ section, blocks }, i) =>
    renderSection(section, blocks, i === 0, context),
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${contentPolicy(pageScript)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeText(page.title)}</title>`,
    `<style>${pageStyle(view.styles, view.maps ?? false)}</style>`,
    '</head>',
    '<body>',
    '<main class="page">',
    first ?? '',
    renderNavigation(page.sections.slice(1)),
    ...others,
    `<footer>${renderLine(page.footer, context)}</footer>`,
    '</main>',
    `<script>${pageScript}</script>`,
    '</body>',
    '</html>\n',
  ].join('\n');
}

function renderNavigation<V>(sections: readonly BuiltSection<V>[]): string {
  const items = sections.map(({ section }) => `<li><a href="#${section.name}">${escapeText(section.title)}</a></li>`);
  return `<nav aria-label="Sections"><ol>${items.join('')}</ol></nav>`;
}

/** The first section brings the page's own heading. */
function renderSection<V extends PageView>(
  section: Section<V>,
  blocks: readonly Block<V>[],
  first: boolean,
  context: Context<V>,
): string {
  const heading = first ? '' : `<h2>${escapeText(section.title)}</h2>\n`;
  const label = first ? attribute('aria-label', section.title) : '';
  const body = blocks.map((block) => renderBlock(block, context)).join('\n');
  return `<section id="${section.name}"${label}>\n${heading}${body}\n</section>`;
}

function renderBlock<V extends PageView>(block: Block<V>, context: Context<V>): string {
  const line = (content: Line) => renderLine(content, context);
  switch (block.kind) {
    case 'headline': {
      const long = plainText(block.text, context).length > 90 ? ' class="long"' : '';
      return `<p class="kicker">${line(block.kicker)}</p>\n<h1${long}>${line(block.text)}</h1>`;
    }
    case 'heading':
      return `<h3>${escapeText(block.text)}</h3>`;
    case 'paragraph':
      return `<p>${line(block.content)}</p>`;
    case 'command':
      return `<p><code class="command" tabindex="0">${escapeText(block.text)}</code></p>`;
    case 'list':
      return renderList(block.items, context);
    case 'callout':
      return `<aside class="callout" aria-label="${escapeText(block.title)}"><h3>${escapeText(block.title)}</h3>${renderList(block.items, context)}</aside>`;
    case 'cards':
      return `<div class="cards">${block.cards
        .map((card) => `<div class="card"><h3>${line(card.title)}</h3><p>${line(card.text)}</p></div>`)
        .join('')}</div>`;
    case 'facts':
      return `<dl class="facts">${block.facts
        .map(
          (fact) =>
            `<dt${attribute('id', fact.key === undefined ? undefined : anchorOf(fact.key))}>${escapeText(fact.term)}</dt><dd>${line(fact.value)}</dd>`,
        )
        .join('')}</dl>`;
    case 'table':
      return renderTable(block, context);
    case 'figure': {
      const title = escapeText(`Figure ${++context.figures}. ${block.figure.title(context.view)}`);
      const drawing = inlineFigure(block.figure, context.view);
      const caption = `<figcaption>${line(block.caption)}</figcaption>`;
      return `<figure id="figure-${block.figure.name}"><h3>${title}</h3>${drawing}${caption}</figure>`;
    }
    case 'details':
      return `<details><summary>${escapeText(block.summary)}</summary>\n${block.blocks
        .map((inner) => renderBlock(inner, context))
        .join('\n')}\n</details>`;
  }
}

function renderList(items: readonly Line[], context: Context): string {
  return `<ul>${items.map((item) => `<li>${renderLine(item, context)}</li>`).join('')}</ul>`;
}

/** Wide tables scroll inside their own box, which the keyboard can reach. */
function renderTable(table: Extract<Block, { kind: 'table' }>, context: Context): string {
  const { caption, columns, rows } = table;
  const head = columns.map(
    (column) => `<th scope="col"${alignment(column)}>${renderLine(column.header, context)}</th>`,
  );
  const body = rows.map(
    (row) => `<tr>${row.map((cell, i) => renderCell(cell, columns[i], i === 0, context)).join('')}</tr>`,
  );
  const label = escapeText(plainText(caption, context));
  return [
    `<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>`,
    `<caption><span class="caption">${renderLine(caption, context)}</span></caption>`,
    `<thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n');
}

function renderCell(cell: Cell, column: Column | undefined, first: boolean, context: Context): string {
  const content = renderLine(cell.content, context);
  if (first) return `<th scope="row">${content}</th>`;
  const classes = [column?.align === 'end' ? 'end' : '', cell.mark ?? ''].filter((name) => name !== '');
  const best = cell.mark === 'best' ? renderInline({ kind: 'mark', symbol: '● ', meaning: 'best: ' }, context) : '';
  return `<td${attribute('class', classes.join(' ') || undefined)}>${best}${content}</td>`;
}

function alignment(column: Column): string {
  return column.align === 'end' ? ' class="end"' : '';
}

function renderLine(line: Line, context: Context): string {
  return isLine(line) ? line.map((part) => renderInline(part, context)).join('') : renderInline(line, context);
}

function renderInline(inline: Inline, context: Context): string {
  if (typeof inline === 'string') return escapeText(inline);
  switch (inline.kind) {
    case 'number':
      return `<data${attribute('value', inline.value)}>${escapeText(inline.text)}</data>`;
    case 'strong':
      return `<strong>${renderLine(inline.content, context)}</strong>`;
    case 'code':
      return `<code>${escapeText(inline.text)}</code>`;
    case 'name':
      return `<bdi>${escapeText(inline.text)}</bdi>`;
    case 'series': {
      const style = context.view.style(inline.id);
      const swatch = `<svg class="swatch" viewBox="0 0 30 12" aria-hidden="true">${sample(style, pageTheme, 0, 6)}</svg>`;
      return `<span class="series">${swatch}${escapeText(style.label)}</span>`;
    }
    case 'mark':
      return `<span class="mark" aria-hidden="true">${escapeText(inline.symbol)}</span><span class="unseen">${escapeText(inline.meaning)}</span>`;
    case 'key':
      return context.keys.has(inline.key)
        ? `<a class="key"${attribute('href', `#${anchorOf(inline.key)}`)}>${escapeText(inline.key)}</a>`
        : `<span class="key">${escapeText(inline.key)}</span>`;
    case 'power':
      return `<sup>${escapeText(inline.text)}</sup>`;
    case 'index':
      return `<sub>${escapeText(inline.text)}</sub>`;
  }
}

function explained<V>(block: Block<V>): readonly string[] {
  if (block.kind === 'details') return block.blocks.flatMap(explained);
  return block.kind === 'facts' ? block.facts.flatMap(({ key }) => key ?? []) : [];
}

function anchorOf(key: string): string {
  return `key-${key}`;
}

/** The words of a line, for a label that cannot hold markup. */
function plainText(line: Line, context: Context): string {
  if (isLine(line)) return line.map((part) => plainText(part, context)).join('');
  if (typeof line === 'string') return line;
  if (line.kind === 'strong') return plainText(line.content, context);
  if (line.kind === 'series') return context.view.style(line.id).label;
  if (line.kind === 'mark') return line.meaning;
  return line.kind === 'key' ? line.key : line.text;
}

function isLine(line: Line): line is readonly Inline[] {
  return Array.isArray(line);
}
