import type { Theme } from '../theme.js';
import type { View } from '../view.js';
import type { TextMeasure } from './text.js';

/** Where a figure is drawn: the width it has, in px, and what it is painted with. */
export interface Canvas {
  readonly theme: Theme;
  readonly width: number;
  /** For a phone: one column, fewer ticks, the legend above. */
  readonly compact: boolean;
  readonly fontSize: number;
  readonly measure: TextMeasure;
  /** Starts every id inside the drawing, so that several drawings can share a page. */
  readonly prefix: string;
}

export interface Drawing {
  readonly height: number;
  /** SVG markup, escaped already. */
  readonly body: string;
}

/** A figure as a row: its file name, its title, its content in words, and how it is drawn; of the reports that V is of. */
export interface Figure<in V = View> {
  /** File name without its ending; also the anchor in the page. */
  readonly name: string;
  readonly title: (view: V) => string;
  /** What a reader who cannot see the figure should know. */
  readonly summary: (view: V) => string;
  readonly draw: (view: V, canvas: Canvas) => Drawing;
}

export const defineFigure = <V = View>(figure: Figure<V>): Figure<V> => figure;
