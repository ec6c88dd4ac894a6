import { escapeText } from '../escape.js';

/** As much of a DOM node as writing it needs; any implementation of the DOM has it. */
export interface MarkupNode {
  readonly nodeType: number;
  readonly localName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<MarkupNode>;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
}

const elementNode = 1;
const textNode = 3;

/**
 * The children of an SVG element as well-formed XML. Ids are renumbered under `prefix`, because the plotting library
 * counts them over the life of the process; coordinates are cut to hundredths of a pixel; style sheets and the labels
 * of groups are dropped (a figure is described as a whole).
 */
export function serialiseChildren(root: MarkupNode, prefix: string): string {
  const ids = new Map<string, string>();
  const rename = (id: string) => {
    const known = ids.get(id) ?? `${prefix}-${ids.size + 1}`;
    ids.set(id, known);
    return known;
  };
  return Array.from(root.childNodes, (child) => write(child, rename)).join('');
}

function write(node: MarkupNode, rename: (id: string) => string): string {
  if (node.nodeType === textNode) return escapeText(node.textContent ?? '');
  if (node.nodeType !== elementNode || node.localName === 'style') return '';
  const attributes = Array.from(node.attributes)
    .filter(({ name }) => name !== 'class' && !name.startsWith('aria-'))
    .map(({ name, value }) => ` ${name}="${escapeText(settle(name, value, rename))}"`)
    // The order in which a DOM keeps attributes is its own affair.
    .sort()
    .join('');
  const children = Array.from(node.childNodes, (child) => write(child, rename)).join('');
  const open = `<${node.localName}${attributes}`;
  return children === '' ? `${open}/>` : `${open}>${children}</${node.localName}>`;
}

function settle(name: string, value: string, rename: (id: string) => string): string {
  if (name === 'id') return rename(value);
  const reference = /^url\(#(.+)\)$/.exec(value)?.[1];
  if (reference !== undefined) return `url(#${rename(reference)})`;
  return value.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100));
}
