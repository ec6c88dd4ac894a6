/**
 * What a network is made of. A layer is frozen plain data, so it prints, diffs and saves as JSON. Of each kind this file
 * holds the type and the factory; what makes it mean a kernel, and its steps, are in layer-rules.ts under the same name.
 */

import {
  type ActivationName,
  type ActivationParameters,
  activationRecord,
  activations,
  type ParameterValues,
} from './activations.js';
import { frozen } from './frozen.js';
import { checkNumbers } from './layer-rules.js';
import { unexpected } from './options.js';
import type { Piece } from './pieces.js';
import { isRecord, root } from './place.js';

/** Biases N(0, var) that enter the covariance ('normal') or start at zero and only train ('zero'). */
export interface Bias {
  readonly var: number;
  readonly init: 'normal' | 'zero';
  readonly trainable: boolean;
}

/** Is ⟨x, z⟩ divided by the number of inputs where the data enter? */
export type InputScale = '1' | '1/d';

/** Weights N(0, weightVar) on inputs that are divided by the square root of their number, and a bias. */
export interface Dense {
  readonly kind: 'dense';
  readonly weightVar: number;
  readonly trainable: boolean;
  readonly bias: Bias | null;
  /** On the layer that the data enter, and only there. Nothing is implied. */
  readonly inputScale?: InputScale;
}

/** How a filter meets the border of an image. */
export type Padding = 'valid' | 'same' | 'circular';

/**
 * A filter of `size` pixels along each axis, weights N(0, weightVar) on inputs that are divided by the square root of
 * their number (size^D · channels, at a border, too, where some are missing), and a bias that all pixels share.
 */
export interface Conv {
  readonly kind: 'conv';
  /** Odd, so that a filter has a middle. */
  readonly size: number;
  /** Every stride-th pixel along each axis has an output, the first among them. */
  readonly stride: number;
  /** 'valid': only filters inside the image; 'same': zeros around it; 'circular': the image repeats. */
  readonly padding: Padding;
  readonly weightVar: number;
  readonly trainable: boolean;
  readonly bias: Bias | null;
  /** On the layer that the data enter, and only there: is the inner product of two pixels divided by the channels? */
  readonly inputScale?: InputScale;
}

/** Means over windows of `size` pixels along each axis that do not overlap. */
export interface Pool {
  readonly kind: 'pool';
  readonly size: number;
}

/** What dense layers get to see of an image. */
export interface Head {
  readonly kind: 'head';
  /** One pixel; all of them as one vector; or their mean in every channel. */
  readonly read: 'pixel' | 'trace' | 'pool';
  /** The pixel: [row, column], or its position in a signal; [x] is [0, x]. Default the first. */
  readonly at?: readonly number[];
}

/** scale · φ; the c of the literature, which multiplies the kernel, is scale². */
export type ActivationLayer = {
  [Name in ActivationName]: {
    readonly kind: 'activation';
    readonly name: Name;
    readonly scale: number;
    readonly params: ActivationParameters<Name>;
  };
}[ActivationName];

/**
 * scale · φ for a φ of one's own in Chebyshev pieces: contiguous, continuous where they meet, and going on as lines beyond
 * the outer two. Kinks are at borders only. `tabulate` makes one from a JavaScript function.
 */
export interface Tabulated {
  readonly kind: 'tabulated';
  readonly scale: number;
  readonly pieces: readonly Piece[];
}

/** What applies a φ to every unit. */
export type Nonlinearity = ActivationLayer | Tabulated;

/** Multiplies the functions; kernels see factor². */
export interface Scale {
  readonly kind: 'scale';
  readonly factor: number;
}

export interface Serial {
  readonly kind: 'serial';
  readonly layers: readonly Layer[];
}

/** `times` copies one after another, each with weights of its own. */
export interface Repeat {
  readonly kind: 'repeat';
  readonly times: number;
  readonly layer: Layer;
}

/** shortcutScale · shortcut(h) + bodyScale · body(h). */
export interface Residual {
  readonly kind: 'residual';
  /**
   * Has fresh weights (dense) in it, so that the branches are independent but for their means, which are carried. On
   * images it ends in them (conv).
   */
  readonly body: Layer;
  readonly shortcut: Layer | 'identity';
  /** A list has one number for each turn of the innermost enclosing repeat. */
  readonly bodyScale: number | readonly number[];
  readonly shortcutScale: number;
}

export type Layer = Dense | Conv | Pool | Head | ActivationLayer | Tabulated | Scale | Serial | Repeat | Residual;
export type LayerKind = Layer['kind'];

export interface DenseOptions {
  readonly weightVar?: number;
  readonly trainable?: boolean;
  readonly bias?: Bias | null;
  readonly inputScale?: InputScale;
}

/** A fully connected layer: weightVar 1, trained and without bias unless told otherwise. */
export function dense(options: DenseOptions = {}): Dense {
  return made({
    kind: 'dense',
    weightVar: 1,
    trainable: true,
    bias: null,
    ...given(options),
  });
}

export interface ConvOptions extends DenseOptions {
  readonly stride?: number;
  readonly padding?: Padding;
}

/** A convolution: stride 1, padding 'same', weightVar 1, trained and without bias unless told otherwise. */
export function conv(size: number, options: ConvOptions = {}): Conv {
  return made({
    kind: 'conv',
    size,
    stride: 1,
    padding: 'same',
    weightVar: 1,
    trainable: true,
    bias: null,
    ...given(options),
  });
}

/** Average pooling over windows of size × size pixels (of `size` in signals) that do not overlap. */
export function pool(size: number): Pool {
  return made({ kind: 'pool', size });
}

/** The way from images to vectors; dense() comes next. `at` is for 'pixel'. */
export function head(read: Head['read'], at?: readonly number[]): Head {
  return made({ kind: 'head', read, ...given({ at }) } as Head);
}

type ActivationArguments<Name extends ActivationName> =
  ActivationParameters<Name> extends Readonly<Record<string, never>>
    ? [options?: { readonly scale?: number }]
    : [options: ActivationParameters<Name> & { readonly scale?: number }];

/** An activation of the catalogue: `activation('relu', { scale: Math.SQRT2 })`, `activation('leakyRelu', { slope: 0.1 })`. */
export function activation<Name extends ActivationName>(
  name: Name,
  ...[options]: ActivationArguments<Name>
): Extract<ActivationLayer, { readonly name: Name }> {
  const { scale = 1, ...params } = given(options ?? {}) as ParameterValues & {
    readonly scale?: number;
  };
  return made({ kind: 'activation', name, scale, params } as unknown as Extract<
    ActivationLayer,
    { readonly name: Name }
  >);
}

/** A φ of one's own: `tabulated([{ from: -1, to: 0, coefficients: [0] }, { from: 0, to: 1, coefficients: [0.5, 0.5] }])` is ReLU. */
export function tabulated(pieces: readonly Piece[], options: { readonly scale?: number } = {}): Tabulated {
  return made({ kind: 'tabulated', scale: 1, pieces, ...given(options) });
}

/** The activation at the scale that keeps every variance, for those that have one; scale 1 for the others. */
export function preserving(layer: ActivationLayer): ActivationLayer {
  if (!isRecord(layer) || layer.kind !== 'activation') throw unexpected('layer', 'what activation() returned', layer);
  checkNumbers(layer, root());
  const preservingScale = activationRecord(layer.name).preservingScale;
  return made({
    ...layer,
    scale: preservingScale === null ? 1 : preservingScale(layer.params),
  } as ActivationLayer);
}

/** Multiplies the functions by a factor. */
export function scale(factor: number): Scale {
  return made({ kind: 'scale', factor });
}

/** Layers one after another. */
export function serial(...layers: readonly Layer[]): Serial {
  return made({ kind: 'serial', layers });
}

/** A layer `times` over, with fresh weights in every copy. */
export function repeat(times: number, layer: Layer): Repeat {
  return made({ kind: 'repeat', times, layer });
}

export interface ResidualOptions {
  readonly shortcut?: Layer | 'identity';
  readonly bodyScale?: number | readonly number[];
  readonly shortcutScale?: number;
}

/** h + bodyScale · body(h), or with a shortcut of one's own. */
export function residual(body: Layer, options: ResidualOptions = {}): Residual {
  return made({
    kind: 'residual',
    body,
    shortcut: 'identity',
    bodyScale: 1,
    shortcutScale: 1,
    ...given(options),
  });
}

/**
 * Does the network take vectors and have no biases and homogeneous activations only? Then its kernels are ‖x‖‖z‖ times a
 * function of the angle, so a profile over the angle says everything.
 */
export function homogeneous(layer: Layer): boolean {
  switch (layer.kind) {
    case 'dense':
      return layer.bias === null || layer.bias.var === 0;
    case 'conv':
    case 'pool':
    case 'head':
      return false;
    case 'activation':
      return activations[layer.name].homogeneous;
    case 'tabulated':
      return false;
    case 'scale':
      return true;
    case 'serial':
      return layer.layers.every(homogeneous);
    case 'repeat':
      return layer.times === 0 || homogeneous(layer.layer);
    case 'residual':
      return homogeneous(layer.body) && (layer.shortcut === 'identity' || homogeneous(layer.shortcut));
  }
}

function made<L extends Layer>(layer: L): L {
  const copy = frozen(layer);
  checkNumbers(copy, root());
  return copy;
}

/** Options without those that are undefined, so that they cannot hide a default. */
function given<T extends object>(options: T): T {
  if (!isRecord(options)) throw unexpected('options', 'an object', options);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
