/** A report as Markdown: the same blocks, figures as images beside the file. */

import type { Block, Inline, Line } from './blocks.js';
import type { Page } from './render-html.js';
import type { PageView } from './view.js';

/** `folder` is where the figures lie, relative to the file. */
export function renderMarkdown<V extends PageView>(page: Page<V>, view: V, folder: string): string {
  let figures = 0;
  const inline = (part: Inline): string => {
    if (typeof part === 'string') return escaped(part);
    switch (part.kind) {
      case 'number':
      case 'name':
        return escaped(part.text);
      case 'strong':
        return `**${line(part.content)}**`;
      case 'code':
        return codeSpan(part.text);
      case 'series':
        return escaped(view.style(part.id).label);
      case 'mark':
        return escaped(part.symbol);
      case 'key':
        return codeSpan(part.key);
      case 'power':
        return `<sup>${escaped(part.text)}</sup>`;
      case 'index':
        return `<sub>${escaped(part.text)}</sub>`;
    }
  };
  const line = (content: Line): string =>
    (Array.isArray(content) ? (content as readonly Inline[]).map(inline).join('') : inline(content as Inline)).replace(
      /\s*\n\s*/g,
      ' ',
    );
  const block = (one: Block<V>): string => {
    switch (one.kind) {
      case 'headline':
        return `${line(one.kicker)}\n\n# ${line(one.text)}`;
      case 'heading':
        return `### ${escaped(one.text)}`;
      case 'paragraph':
        return line(one.content);
      case 'command':
        return fenced(one.text);
      case 'list':
        return one.items.map((item) => `- ${line(item)}`).join('\n');
      case 'callout':
        return `**${escaped(one.title)}**\n\n${one.items.map((item) => `- ${line(item)}`).join('\n')}`;
      case 'cards':
        return one.cards.map(({ title, text }) => `**${line(title)}** ${line(text)}`).join('\n\n');
      case 'facts':
        return one.facts.map(({ term, value }) => `- **${escaped(term)}**: ${line(value)}`).join('\n');
      case 'table': {
        const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
        const head = row(one.columns.map(({ header }) => line(header)));
        const rule = `|${one.columns.map(({ align }) => (align === 'end' ? '---:' : '---')).join('|')}|`;
        const rows = one.rows.map((cells) =>
          row(cells.map(({ content, mark }) => `${mark === 'best' ? '● ' : ''}${line(content)}`)),
        );
        return `${line(one.caption)}\n\n${[head, rule, ...rows].join('\n')}`;
      }
      case 'figure': {
        const title = escaped(one.figure.title(view));
        return `![${title}](${folder}/${one.figure.name}.svg)\n\n*Figure ${++figures}. ${title}.* ${line(one.caption)}`;
      }
      case 'details':
        return `### ${escaped(one.summary)}\n\n${one.blocks.map(block).join('\n\n')}`;
    }
  };
  const sections = page.sections.map(({ section, blocks }, i) =>
    [...(i === 0 ? [] : [`## ${escaped(section.title)}`]), ...blocks.map(block)].join('\n\n'),
  );
  return `${[...sections, `---\n\n${line(page.footer)}`].join('\n\n')}\n`;
}

/** Names of columns and classes are text, whatever is in them. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~$]/g, '\\$&').replace(/\n/g, ' ');
}

/** Longer fences than any run of backticks inside. */
function codeSpan(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  const pad = /^`|`$/.test(text) ? ' ' : '';
  return `${fence}${pad}${text.replace(/\n/g, ' ')}${pad}${fence}`;
}

function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
}
