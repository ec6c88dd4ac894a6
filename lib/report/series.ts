import type { CompareReport, NetworkResult } from '../compare/schema.js';
import { typeset } from './format.js';

export type Marker = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'flip' | 'hexagon';

/** How one network looks in every figure and table: colour in both schemes, dash and marker, so none relies on hue. */
export interface SeriesStyle {
  readonly id: string;
  readonly label: string;
  readonly index: number;
  readonly light: string;
  readonly dark: string;
  /** SVG dash array; undefined for a solid line. */
  readonly dash: string | undefined;
  readonly marker: Marker;
}

interface Colour {
  readonly light: string;
  readonly dark: string;
}

// Vermilion first (Okabe and Ito); MLPs are dashed.
const mlpColours: readonly Colour[] = [
  { light: '#c8430a', dark: '#ff9152' },
  { light: '#a8286f', dark: '#f58cc0' },
  { light: '#7d5a00', dark: '#dcb14a' },
];
const mlpDashes = ['7 3.5', '2.5 3', '9 3 2 3'];
const mlpMarkers: readonly Marker[] = ['diamond', 'cross', 'hexagon'];

// An ordered ramp from the smoothest ResNet (teal) to the roughest (violet): lightness falls with hue, so the order
// survives in grey and in every common form of colour blindness.
const resnetRamp: readonly Colour[] = [
  { light: '#1d9a86', dark: '#74e3c6' },
  { light: '#1489a8', dark: '#5fcfe6' },
  { light: '#1878b8', dark: '#62b6f5' },
  { light: '#2a63ba', dark: '#7fa2fa' },
  { light: '#3a4cb0', dark: '#9a93f7' },
  { light: '#46359e', dark: '#b088f0' },
  { light: '#471f84', dark: '#c77fe3' },
];
const resnetMarkers: readonly Marker[] = ['circle', 'square', 'triangle', 'flip', 'hexagon', 'cross', 'diamond'];

// What networks are held against: another kernel, a bound, a rate. Without hue, for it is no network.
const referenceColours: readonly Colour[] = [
  { light: '#4d4d4d', dark: '#c9c9c9' },
  { light: '#7d7d7d', dark: '#8f8f8f' },
];
const referenceDashes = ['1.5 3', '8 3 1.5 3'];
const referenceMarkers: readonly Marker[] = ['square', 'triangle'];

/**
 * Styles in the order in which networks are shown everywhere: MLPs as the report has them, then ResNets from the
 * smoothest. They are ranked by the cusp slope of their kernels, which grows with alpha whatever form alpha has; where
 * all slopes agree the report's order stands.
 */
export function seriesStyles(report: CompareReport): readonly SeriesStyle[] {
  const slope = new Map(report.curves.series.map((series) => [series.id, series.cuspSlope]));
  const rank = (network: NetworkResult) => slope.get(network.id) ?? 0;
  const resnets = report.networks.filter((network) => network.family === 'resnet').sort((a, b) => rank(a) - rank(b));
  return networkStyles([...report.networks.filter((network) => network.family === 'mlp'), ...resnets], 0);
}

/** MLPs first, then ResNets as they come; indices count from `first`. */
export function networkStyles(
  networks: readonly Pick<NetworkResult, 'id' | 'label' | 'family'>[],
  first: number,
): readonly SeriesStyle[] {
  const mlps = networks.filter((network) => network.family === 'mlp');
  const resnets = networks.filter((network) => network.family === 'resnet');
  return [
    ...mlps.map(({ id, label }, place) => ({
      id,
      label: typeset(label),
      index: first + place,
      ...pick(mlpColours, place),
      dash: pick(mlpDashes, place),
      marker: pick(mlpMarkers, place),
    })),
    ...resnets.map(({ id, label }, place) => ({
      id,
      label: typeset(label),
      index: first + mlps.length + place,
      ...pick(resnetRamp, rampPosition(place, resnets.length)),
      // Beyond the ramp's length colours come again, told apart by dash and marker.
      dash: place < resnetRamp.length ? undefined : '12 3',
      marker: pick(resnetMarkers, place),
    })),
  ];
}

/** Of a curve in a chart of a study. */
export type SeriesFamily = 'mlp' | 'resnet' | 'reference';

/**
 * Every style there is without repetition: those of MLPs, then the ramp of ResNets, then references. For pages whose charts pick
 * by place.
 */
export function allStyles(): readonly SeriesStyle[] {
  const slots = (family: 'mlp' | 'resnet', count: number) =>
    Array.from({ length: count }, (_, i) => ({ id: `${family}-${i}`, label: '', family }));
  const networks = networkStyles([...slots('mlp', mlpColours.length), ...slots('resnet', resnetRamp.length)], 0);
  const references = referenceColours.map((colour, i) => ({
    id: `reference-${i}`,
    label: '',
    index: networks.length + i,
    ...colour,
    dash: pick(referenceDashes, i),
    marker: pick(referenceMarkers, i),
  }));
  return [...networks, ...references];
}

/** The number in `allStyles` of the series at this place among `total` of its family in one chart. */
export function slotOf(family: SeriesFamily, place: number, total: number): number {
  switch (family) {
    case 'mlp':
      return place % mlpColours.length;
    case 'resnet':
      return mlpColours.length + (rampPosition(place, total) % resnetRamp.length);
    case 'reference':
      return mlpColours.length + resnetRamp.length + (place % referenceColours.length);
  }
}

/** Rows that a model was fitted to, or that took part in choosing it, and rows that it has not seen: blue, vermilion. */
export function rowStyles(
  seen: { readonly id: string; readonly label: string },
  unseen: { readonly id: string; readonly label: string },
): readonly [SeriesStyle, SeriesStyle] {
  return [
    { ...seen, index: 0, light: '#1878b8', dark: '#62b6f5', dash: undefined, marker: 'circle' },
    { ...unseen, index: 1, light: '#c8430a', dark: '#ff9152', dash: '7 3.5', marker: 'diamond' },
  ];
}

/** Spreads few series over the whole ramp: one alone sits in the middle, two near the ends. */
function rampPosition(place: number, total: number): number {
  const last = resnetRamp.length - 1;
  if (total === 1) return Math.floor(last / 2);
  return total > resnetRamp.length ? place : Math.round((place * last) / (total - 1));
}

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}
