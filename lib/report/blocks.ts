import type { Figure } from './figures/figure.js';
import type { View } from './view.js';

/** A piece of a line. A bare string is text; nothing here is markup. */
export type Inline =
  | string
  /** A number of the report as it prints; `value` is the exact one. */
  | { readonly kind: 'number'; readonly value: number; readonly text: string }
  | { readonly kind: 'strong'; readonly content: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  /** Text that came from the user's data: kept apart from the sentence around it, whatever its writing direction. */
  | { readonly kind: 'name'; readonly text: string }
  /** A network's label behind its line and marker. */
  | { readonly kind: 'series'; readonly id: string }
  /** A mark beside the text that says what it means to those who cannot see it. */
  | { readonly kind: 'mark'; readonly symbol: string; readonly meaning: string }
  /** Key of docs/equations.md. */
  | { readonly kind: 'key'; readonly key: string }
  /** A power, raised, or an index, lowered. */
  | { readonly kind: 'power' | 'index'; readonly text: string };

export type Line = Inline | readonly Inline[];

export interface Column {
  readonly header: Line;
  readonly align: 'start' | 'end';
}

export interface Cell {
  readonly content: Line;
  readonly mark?: 'best' | 'faint' | undefined;
}

export interface Card {
  readonly title: Line;
  readonly text: Line;
}

export interface Fact {
  readonly term: string;
  /** The key of docs/equations.md that this fact is about: where the keys of the page lead. */
  readonly key?: string;
  readonly value: Line;
}

/** What sections are made of. A renderer knows each kind; a section knows no format. Figures are of reports seen as V. */
export type Block<V = View> =
  | { readonly kind: 'headline'; readonly kicker: Line; readonly text: Line }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  /** A line to type, alone in its box. */
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Line[] }
  | { readonly kind: 'callout'; readonly title: string; readonly items: readonly Line[] }
  | { readonly kind: 'cards'; readonly cards: readonly Card[] }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  /** The first cell of each row is its heading. */
  | {
      readonly kind: 'table';
      readonly caption: Line;
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Cell[])[];
    }
  | { readonly kind: 'figure'; readonly figure: Figure<V>; readonly caption: Line }
  | { readonly kind: 'details'; readonly summary: string; readonly blocks: readonly Block<V>[] };

export interface Section<in V = View> {
  /** Anchor in the page; unique. */
  readonly name: string;
  readonly title: string;
  /** An empty list leaves the section out. */
  readonly build: (view: V) => readonly Block<V>[];
}

export const defineSection = <V = View>(section: Section<V>): Section<V> => section;

/** Without a figure: at home in every report. */
type Plain = Block<unknown>;

export const number = (value: number, text: string): Inline => ({ kind: 'number', value, text });
export const strong = (...content: Inline[]): Inline => ({ kind: 'strong', content });
export const code = (text: string): Inline => ({ kind: 'code', text });
export const name = (text: string): Inline => ({ kind: 'name', text });
export const series = (id: string): Inline => ({ kind: 'series', id });
export const mark = (symbol: string, meaning: string): Inline => ({ kind: 'mark', symbol, meaning });
export const key = (equation: string): Inline => ({ kind: 'key', key: equation });

export const headline = (kicker: Line, text: Line): Plain => ({ kind: 'headline', kicker, text });
export const heading = (text: string): Plain => ({ kind: 'heading', text });
export const paragraph = (...content: Inline[]): Plain => ({ kind: 'paragraph', content });
export const command = (text: string): Plain => ({ kind: 'command', text });
export const list = (items: readonly Line[]): Plain => ({ kind: 'list', items });
export const callout = (title: string, items: readonly Line[]): Plain => ({ kind: 'callout', title, items });
export const cards = (items: readonly Card[]): Plain => ({ kind: 'cards', cards: items });
export const facts = (items: readonly Fact[]): Plain => ({ kind: 'facts', facts: items });
export const figure = <V>(drawing: Figure<V>, caption: Line): Block<V> => ({
  kind: 'figure',
  figure: drawing,
  caption,
});
export const details = <V>(summary: string, ...blocks: Block<V>[]): Block<V> => ({ kind: 'details', summary, blocks });

export const table = (
  caption: Line,
  columns: readonly Column[],
  rows: readonly (readonly (Cell | Line)[])[],
): Plain => ({
  kind: 'table',
  caption,
  columns,
  rows: rows.map((row) => row.map((cell) => (isCell(cell) ? cell : { content: cell }))),
});

/** A column of words, aligned at its start. */
export const words = (header: Line): Column => ({ header, align: 'start' });
/** A column of numbers, aligned at its end. */
export const numbers = (header: Line): Column => ({ header, align: 'end' });

/** The figures of the blocks in reading order, each once. */
export function figuresIn<V>(blocks: readonly Block<V>[]): readonly Figure<V>[] {
  const found = new Set<Figure<V>>();
  for (const block of blocks) {
    if (block.kind === 'figure') found.add(block.figure);
    if (block.kind === 'details') for (const inner of figuresIn(block.blocks)) found.add(inner);
  }
  return [...found];
}

function isCell(cell: Cell | Line): cell is Cell {
  return typeof cell === 'object' && 'content' in cell && !('kind' in cell);
}
