/** What the rules of all kinds of layers are written in: steps, what is known between two layers, checks they share. */

import { KernelError, unknownName } from './errors.js';
import type { Dense, InputScale, Layer } from './layers.js';
import { checks, isRecord, type Place, refuse, shown } from './place.js';

/** One row of a listing: a mnemonic of native/core/program.hpp and its numbers. */
export type Step = readonly [op: string, ...args: number[]];

/** The longest listing; only lists of bodyScale, which are unrolled, can reach it in earnest. */
const maxRows = 1_000_000;

/** The layer that made a row of a listing, as errors name it. */
export interface Origin {
  /** 'layers[3].body', or '' for the network itself. */
  readonly path: string;
  /** An activation by its own name, the others by their kind. */
  readonly name: string;
}

/** Steps on their way to a program, and beside each where it comes from. */
export interface Listing {
  readonly steps: Step[];
  readonly origins: Origin[];
  /** Of the layer at work. */
  origin: Origin;
  /** Layers of an unrolled repeat recur. */
  readonly known: Map<string, Origin>;
  visits: number;
}

/** An empty listing of the network with this name. */
export function listing(name: string): Listing {
  return { steps: [], origins: [], origin: Object.freeze({ path: '', name }), known: new Map(), visits: 0 };
}

/** Per axis, n pixels have become ⌈(n − less)/by⌉. */
export interface Grid {
  readonly less: number;
  readonly by: number;
}

/** What is known of the functions between two layers. */
export interface Flow {
  /** How the data entered; null before the first dense or conv layer. */
  readonly entered: InputScale | null;
  /** Vectors, or one vector of channels per pixel; undetermined before the data entered. */
  readonly space: 'vector' | 'image';
  readonly grid: Grid;
  /** Did images enter, whatever has become of them? */
  readonly images: boolean;
  /** Inside a branch of a residual? */
  readonly branch: boolean;
  /** Has a head read an image, and no dense layer come since? */
  readonly awaitsDense: boolean;
  /** Jointly Gaussian over the weights, as the dual of an activation assumes. */
  readonly gaussian: boolean;
  /**
   * Drawn afresh since the branches of the enclosing residual parted, on every way through: given what entered it, a unit
   * is independent of the same unit of the other branch. [means]
   */
  readonly fresh: boolean;
  /** Is the last layer dense, but for scales? */
  readonly dense: boolean;
}

export interface Rule<L extends Layer> {
  readonly keys: readonly (keyof L & string)[];
  check(layer: L, place: Place): void;
  flow(layer: L, state: Flow, place: Place): Flow;
  rows(layer: L, turn: number, out: Listing): void;
}

/** Refuses keys that are not known, with the nearest that is. */
export function checkKeys(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  place: Place,
  what: string,
): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) refuse(place, what, unknownName('key', key, known), { key });
  }
}

/** Refuses what is no bias, and a bias that does nothing. */
export function checkBias(bias: unknown, place: Place, what: string): void {
  if (!isRecord(bias))
    refuse(
      place,
      what,
      `bias: expected null or an object with var, init ('normal' or 'zero') and trainable (true or false), got ${shown(bias)}`,
      {
        key: 'bias',
      },
    );
  checkKeys(bias, ['var', 'init', 'trainable'], place, `${what} bias`);
  const check = checks(place, what);
  check.variance('bias.var', bias.var);
  check.word('bias.init', bias.init, ['normal', 'zero']);
  check.flag('bias.trainable', bias.trainable);
  if (bias.init === 'zero' && bias.trainable === false) {
    refuse(
      place,
      what,
      'bias: one that starts at zero and never trains does nothing; make it trainable or leave it out',
    );
  }
}

/** The step of a factor, unless it is 1. */
export function addScale(out: Listing, factor: number): void {
  if (factor !== 1) add(out, ['scale', factor]);
}

/** One more row. */
export function add(out: Listing, step: Step): void {
  if (out.steps.length >= maxRows) tooLong();
  out.steps.push(Object.freeze(step));
  out.origins.push(out.origin);
}

/** The origin with this path and name. */
export function originOf(path: string, name: string, { known }: Listing): Origin {
  const key = `${path} ${name}`;
  const origin = known.get(key) ?? Object.freeze({ path, name });
  known.set(key, origin);
  return origin;
}

/** Takes the last row back. */
export function removeLast(out: Listing): void {
  out.steps.pop();
  out.origins.pop();
}

/** The step of weights and biases. */
export function addAffine(
  out: Listing,
  { weightVar, trainable, bias }: Pick<Dense, 'weightVar' | 'trainable' | 'bias'>,
): void {
  const biasVar = bias?.var ?? 0;
  const inCovariance = bias !== null && bias.init === 'normal';
  add(out, ['affine', weightVar, Number(trainable), biasVar, Number(inCovariance), Number(bias?.trainable ?? false)]);
}

/** Refuses a listing without end. */
export function tooLong(): never {
  const problem = `expected a listing of at most ${maxRows} steps, got more`;
  throw new KernelError(
    'ERR_NETWORK',
    `${problem}; a repeat with a list of bodyScale is unrolled, so give one number`,
    { path: '' },
  );
}
