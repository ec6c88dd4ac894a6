import { type RampName, ramps } from './ramps.js';
import type { SeriesStyle } from './series.js';

/**
 * What a figure is painted with. `page` names CSS variables, so that a figure inside the report follows the reader's
 * light or dark setting; `paper` is fixed and light, for files that stand alone.
 */
export interface Theme {
  readonly name: 'page' | 'paper';
  readonly font: string;
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly grid: string;
  readonly surface: string;
  readonly truth: string;
  readonly series: (style: SeriesStyle) => string;
  /** A colour of maps, by its step. */
  readonly ramp: (name: RampName, step: number) => string;
}

interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly grid: string;
  readonly surface: string;
  readonly truth: string;
}

const palettes: Readonly<Record<'light' | 'dark', Palette>> = {
  light: { ink: '#1c2128', muted: '#59616c', rule: '#9aa1ab', grid: '#e4e3de', surface: '#ffffff', truth: '#8b929c' },
  dark: { ink: '#e8e6e1', muted: '#a3a9b2', rule: '#6d747e', grid: '#2c3138', surface: '#171a1f', truth: '#8a919b' },
};

export const pageTheme: Theme = {
  name: 'page',
  font: 'var(--sans)',
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  rule: 'var(--rule)',
  grid: 'var(--grid)',
  surface: 'var(--surface)',
  truth: 'var(--truth)',
  series: (style) => `var(--s${style.index})`,
  ramp: (name, step) => `var(--${name}-${step})`,
};

/** The first family is in the package's own dependencies; the others have nearly the same widths. */
export const paperTheme: Theme = {
  name: 'paper',
  font: "'DejaVu Sans', Verdana, sans-serif",
  ...palettes.light,
  series: (style) => style.light,
  ramp: (name, step) => ramps[name].light[step] as string,
};

/** The declarations of one colour scheme: `--ink: …; --s0: …`. */
export function schemeVariables(scheme: 'light' | 'dark', styles: readonly SeriesStyle[]): string {
  const base = Object.entries(palettes[scheme]).map(([name, value]) => `--${name}: ${value};`);
  return [...base, ...styles.map((style) => `--s${style.index}: ${style[scheme]};`)].join(' ');
}

/** The colours of maps of one scheme; pages without maps need none of them. */
export function rampVariables(scheme: 'light' | 'dark'): string {
  const names = Object.keys(ramps) as RampName[];
  return names.flatMap((name) => ramps[name][scheme].map((colour, i) => `--${name}-${i}: ${colour};`)).join(' ');
}

/** The page behind figures in each scheme; contrast is checked against it. */
export function surfaceOf(scheme: 'light' | 'dark'): string {
  return palettes[scheme].surface;
}
