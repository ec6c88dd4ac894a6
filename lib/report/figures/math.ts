import { escapeText } from '../escape.js';

/** How far down an index sits, how far up a power, and how small both are, in units of the font's size. */
const drop = 0.22;
const rise = 0.36;
const small = 0.74;

/**
 * A letter that stands for a quantity: Greek, or a Latin one of those usual in formulas (not a, e, s, which are a word, a power of
 * ten and a unit; e with a power is), with no other letter beside it; then an index or a power as _max, _{i+1}, ^2, ^{−d} or ^(1−2γ).
 */
const quantity =
  /(?<=^|Σ|[^\p{L}_^])([α-ρσ-ω]|[df-rt-zCKLPT]|s(?=[₀-₉_])|e(?=\^))(\p{M}*)(?![\p{L}])(?:_(\{[^}]*\}|[\p{L}\p{N}]+))?(?:\^(\{[^}]*\}|\([^)]*\)|[−-]?[\p{L}\p{N}]+))?/gu;

/** A label as markup of SVG: quantities in italics, indices lowered, powers raised; all else as it is, escaped. */
export function mathMarkup(text: string, fontSize: number): string {
  let markup = '';
  let done = 0;
  /** By how much the line is off its base: SVG keeps every shift until the next. */
  let shift = 0;
  const piece = (content: string, attributes: string, to: number) => {
    if (content === '') return;
    const dy = to === shift ? '' : ` dy="${rounded((to - shift) * fontSize)}"`;
    shift = to;
    markup +=
      attributes === '' && dy === '' ? escapeText(content) : `<tspan${attributes}${dy}>${escapeText(content)}</tspan>`;
  };
  for (const match of text.matchAll(quantity)) {
    const [whole, letter = '', accents = '', index, power] = match;
    piece(text.slice(done, match.index), '', 0);
    piece(letter + accents, ' font-style="italic"', 0);
    const size = ` font-size="${rounded(small * fontSize)}"`;
    piece(bare(index ?? ''), size, drop);
    piece(bare(power ?? ''), size, -rise);
    done = match.index + whole.length;
    // A slanted letter and the upright prime behind it would touch.
    if ('′″'.includes(text[done] ?? ' ')) piece('\u200a', '', 0);
  }
  piece(text.slice(done), '', 0);
  return markup;
}

/** Without the brackets that only hold it together. */
export function bare(group: string): string {
  return group.replace(/^\{(.*)\}$|^\((.*)\)$/u, '$1$2');
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
