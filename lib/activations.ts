/**
 * The catalogue of activations. A record says everything about one: φ and φ′ (which feed oracles, finite networks and
 * plots), what it promises, and the step of the native core that knows its dual.
 */

import { erf, erfc } from './erf.js';

export interface ActivationParameter<Name extends string = string> {
  readonly name: Name;
  readonly meaning: string;
}

export type ParameterValues = Readonly<Record<string, number>>;

export interface Activation<Parameter extends string = string> {
  readonly name: string;
  /** As a reader writes it. */
  readonly title: string;
  readonly parameters: readonly ActivationParameter<Parameter>[];
  readonly phi: (u: number, values: Readonly<Record<Parameter, number>>) => number;
  /** φ′; at a kink the value from the left. */
  readonly slope: (u: number, values: Readonly<Record<Parameter, number>>) => number;
  /** Where φ is not analytic, ascending: quadratures split there. */
  readonly kinks: readonly number[];
  /**
   * How smooth φ is at its kinks: −1 where φ itself jumps, n where its derivative of order n + 1 is the first that does;
   * Infinity without kinks.
   */
  readonly continuity: number;
  /** φ(s u) = s φ(u) for s > 0: without biases the kernel is then ‖x‖‖z‖ times a function of the angle. */
  readonly homogeneous: boolean;
  /**
   * The scale at which E[φ(u)²] equals the variance of u. Only homogeneous activations have one scale for every
   * variance, so the others carry null and enter networks as they are.
   */
  readonly preservingScale: ((values: Readonly<Record<Parameter, number>>) => number) | null;
  /** Why networks with it have no tangent kernel; null where they have one. */
  readonly noTangent: string | null;
  /** Key of docs/equations.md for its dual. */
  readonly reference: string;
  /** The row of the listing; `scale` multiplies φ. */
  readonly step: (
    scale: number,
    values: Readonly<Record<Parameter, number>>,
  ) => readonly [op: string, ...args: number[]];
}

function define<const Name extends string, const Parameter extends string = never>(
  record: Omit<Activation<Parameter>, 'name'> & { readonly name: Name },
): Activation<Parameter> & { readonly name: Name } {
  return Object.freeze(record);
}

/** What most activations that are not piecewise linear have in common. */
const analytic = {
  kinks: [],
  continuity: Number.POSITIVE_INFINITY,
  homogeneous: false,
  preservingScale: null,
  noTangent: null,
} as const;

/** max(u, 0). Its dual is the arc-cosine kernel of degree one. */
const relu = define({
  name: 'relu',
  title: 'ReLU',
  parameters: [],
  phi: (u) => Math.max(u, 0),
  slope: (u) => (u > 0 ? 1 : 0),
  kinks: [0],
  continuity: 0,
  homogeneous: true,
  preservingScale: () => Math.SQRT2,
  noTangent: null,
  reference: 'Cho09',
  step: (scale) => ['relu', scale, 0],
});

/** u for u > 0, slope · u otherwise; slope −1 is the absolute value. */
const leakyRelu = define({
  name: 'leakyRelu',
  title: 'leaky ReLU',
  parameters: [{ name: 'slope', meaning: 'φ′(u) for u < 0' }],
  phi: (u, { slope }) => (u > 0 ? u : slope * u),
  slope: (u, { slope }) => (u > 0 ? 1 : slope),
  kinks: [0],
  continuity: 0,
  homogeneous: true,
  preservingScale: ({ slope }) => Math.sqrt(2 / (1 + slope * slope)),
  noTangent: null,
  reference: 'Cho09',
  step: (scale, { slope }) => ['relu', scale, slope],
});

/** |u|: opposite inputs give the same. */
const abs = define({
  name: 'abs',
  title: '|u|',
  parameters: [],
  phi: (u) => Math.abs(u),
  slope: (u) => (u > 0 ? 1 : -1),
  kinks: [0],
  continuity: 0,
  homogeneous: true,
  preservingScale: () => 1,
  noTangent: null,
  reference: 'leaky-relu',
  step: (scale) => ['relu', scale, -1],
});

/** The error function: bounded, odd and smooth. */
const errorFunction = define({
  name: 'erf',
  title: 'erf',
  parameters: [],
  phi: (u) => erf(u),
  slope: (u) => (2 / Math.sqrt(Math.PI)) * Math.exp(-u * u),
  ...analytic,
  reference: 'Williams98',
  step: (scale) => ['erf', scale],
});

/** u Φ(u) with the normal distribution function Φ itself, not one of its approximations. */
const gelu = define({
  name: 'gelu',
  title: 'GELU',
  parameters: [],
  phi: (u) => (u * erfc(-u / Math.SQRT2)) / 2,
  slope: (u) => erfc(-u / Math.SQRT2) / 2 + (u * Math.exp((-u * u) / 2)) / Math.sqrt(2 * Math.PI),
  ...analytic,
  reference: 'gelu',
  step: (scale) => ['gelu', scale],
});

/** u for u > 0, exp u − 1 otherwise: its slope is continuous, its curvature jumps at 0. */
const elu = define({
  name: 'elu',
  title: 'ELU',
  parameters: [],
  phi: (u) => (u > 0 ? u : Math.expm1(u)),
  slope: (u) => (u > 0 ? 1 : Math.exp(u)),
  kinks: [0],
  continuity: 1,
  homogeneous: false,
  preservingScale: null,
  noTangent: null,
  reference: 'dual-table',
  step: (scale) => ['elu', scale],
});

/** Bounded, odd and smooth; its poles at ±iπ/2 are what quadratures feel at large variances. */
const tanh = define({
  name: 'tanh',
  title: 'tanh',
  parameters: [],
  phi: (u) => Math.tanh(u),
  slope: (u) => 4 * logistic(2 * u) * logistic(-2 * u),
  ...analytic,
  reference: 'dual-table',
  step: (scale) => ['tanh', scale],
});

/** log(1 + exp u), the smooth relative of ReLU. */
const softplus = define({
  name: 'softplus',
  title: 'softplus',
  parameters: [],
  phi: (u) => Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u))),
  slope: (u) => logistic(u),
  ...analytic,
  reference: 'dual-table',
  step: (scale) => ['softplus', scale],
});

/** u times the logistic function of u, also called swish. */
const silu = define({
  name: 'silu',
  title: 'SiLU',
  parameters: [],
  phi: (u) => u * logistic(u),
  slope: (u) => logistic(u) * (1 + u * logistic(-u)),
  ...analytic,
  reference: 'dual-table',
  step: (scale) => ['silu', scale],
});

/** sin u: bounded, odd, and not monotone. */
const sine = define({
  name: 'sine',
  title: 'sine',
  parameters: [],
  phi: (u) => Math.sin(u),
  slope: (u) => Math.cos(u),
  ...analytic,
  reference: 'sine',
  step: (scale) => ['sine', scale],
});

/** −1, 0 or 1: units that only say yes or no. */
const sign = define({
  name: 'sign',
  title: 'sign',
  parameters: [],
  phi: (u) => (u > 0 ? 1 : u < 0 ? -1 : 0),
  slope: () => 0,
  kinks: [0],
  continuity: -1,
  homogeneous: false,
  preservingScale: null,
  noTangent: 'its slope is a delta function at 0, whose square has no mean, so the tangent kernel is infinite',
  reference: 'sign',
  step: (scale) => ['sign', scale],
});

/** 1/(1 + exp(−u)); the exponential is of −|u|, so that neither end overflows or cancels. */
function logistic(u: number): number {
  const small = Math.exp(-Math.abs(u));
  return u >= 0 ? 1 / (1 + small) : small / (1 + small);
}

/** Every activation by name; tests, messages and documentation iterate over it. */
export const activations = Object.freeze({
  relu,
  leakyRelu,
  abs,
  erf: errorFunction,
  gelu,
  elu,
  tanh,
  softplus,
  silu,
  sine,
  sign,
});

export type ActivationName = keyof typeof activations;

/** The parameters that an activation takes, by name. */
export type ActivationParameters<Name extends ActivationName> =
  (typeof activations)[Name] extends Activation<infer Parameter>
    ? [Parameter] extends [never]
      ? Readonly<Record<string, never>>
      : Readonly<Record<Parameter, number>>
    : never;

/** The activations that need no parameter, so that their name alone says all. */
export type PlainActivationName = {
  [Name in ActivationName]: ActivationParameters<Name> extends Readonly<Record<string, never>> ? Name : never;
}[ActivationName];

export const activationNames = Object.freeze(Object.keys(activations)) as readonly ActivationName[];

/** The record as generic code needs it: with parameters by string. */
export function activationRecord(name: ActivationName): Activation {
  return activations[name] as Activation;
}
