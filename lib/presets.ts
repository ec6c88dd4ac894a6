/**
 * The networks of the literature, with each paper's constants and trained layers, so that nobody translates by hand.
 *
 *   mlp    h₁ = W₁x,        h_{l+1} = W_{l+1} φ(h_l),           f = h_{L+1}
 *   huang  h₀ = Ax,         h_l = h_{l−1} + α V_l φ(W_l h_{l−1}), f = v·h_L       (Belfer's kernel too)
 *   tirer  the same network with other constants, all of it trained
 *   li     x¹ = √c_σ σ(W₁x),  x^l = x^{l−1} + (c_res/L) σ(W_l x^{l−1}), f = a·x^L
 *
 * Nothing here is known to the native core: a preset is made of ordinary layers. Source: docs/equations.md [presets].
 */

import type { PlainActivationName } from './activations.js';
import { unknownName } from './errors.js';
import { frozen } from './frozen.js';
import {
  type BarzilaiFamily,
  type CntkFamily,
  checkImageOptions,
  type ImageFamily,
  imageParts,
  imagePresetKeys,
} from './image-presets.js';
import { maxTimes } from './layer-rules.js';
import {
  activation,
  type Dense,
  dense,
  type InputScale,
  type Layer,
  type Nonlinearity,
  preserving,
  repeat,
  residual,
  serial,
} from './layers.js';
import { checks, isRecord, refuse, root, shown } from './place.js';
import { checkResidualScale, type LiFamily, liParts } from './preset-li.js';
import {
  type Alpha,
  alphaAt,
  biasWhere,
  checkActivation,
  checkAlpha,
  isRule,
  type Parts,
  type VectorOptions,
} from './preset-options.js';
import { checkBias, checkKeys } from './rule.js';
import { unitVarianceScale } from './unit-variance.js';

/** Constants and trained layers that belong together. Only networks of one convention can be compared. */
export type Convention = 'jacot' | 'huang' | 'tirer' | 'li';

export interface MlpFamily extends VectorOptions {
  /**
   * Default 'jacot'. 'huang' freezes the head; 'tirer' has c = 1 and divides by the number of inputs; 'li' has c = c_σ,
   * which keeps the variance 1.
   */
  readonly convention?: Convention;
}

export interface ResnetFamily extends VectorOptions {
  readonly alpha: Alpha;
}

interface Depth {
  /** Hidden layers of an MLP or of 'li', blocks of a ResNet; 0 leaves a linear kernel ('li' starts at 1). */
  readonly depth: number;
}

export type { BarzilaiFamily, CntkFamily, ImageFamily } from './image-presets.js';
export type { LiFamily } from './preset-li.js';
export { type Alpha, alphaAt, isRule } from './preset-options.js';
export type MlpOptions = MlpFamily & Depth;
export type ResnetOptions = ResnetFamily & Depth;
export type LiOptions = LiFamily & Depth;
export type BarzilaiOptions = BarzilaiFamily & Depth;
export type CntkOptions = CntkFamily & Depth;

export type ResnetName = 'huang' | 'belfer' | 'tirer';

/** A preset whose depth is still open: what several depths are asked of. As JSON it is a network file. */
export type PresetFamily = VectorFamily | ImageFamily;

/** A preset for vectors. */
export type VectorFamily =
  | ({ readonly preset: 'mlp' } & MlpFamily)
  | ({ readonly preset: ResnetName } & ResnetFamily)
  | ({ readonly preset: 'li' } & LiFamily);

/** A preset with its depth: frozen plain data that stands for a network. */
export type PresetSpec = PresetFamily & Depth;

/** A network in either form. */
export type Network = Layer | PresetSpec;

interface ConventionConstants {
  /** What a name says of the scale: the one that keeps all variances, that keeps the variance 1, or 1. */
  readonly scale: 'every variance' | 'unit variance' | 'one';
  /** What no name at all says. */
  readonly activation: PlainActivationName;
  readonly inputScale: InputScale;
  readonly mlp: {
    readonly first: boolean;
    readonly hidden: boolean;
    readonly head: boolean;
  };
  readonly resnet: {
    readonly first: boolean;
    readonly hidden: boolean;
    readonly head: boolean;
  };
}

const all = { first: true, hidden: true, head: true };

const conventions: Readonly<Record<Convention, ConventionConstants>> = {
  jacot: { scale: 'every variance', activation: 'relu', inputScale: '1', mlp: all, resnet: all },
  huang: {
    scale: 'every variance',
    activation: 'relu',
    inputScale: '1',
    mlp: { first: true, hidden: true, head: false },
    resnet: { first: false, hidden: true, head: false },
  },
  tirer: { scale: 'one', activation: 'relu', inputScale: '1/d', mlp: all, resnet: all },
  // The theory asks for a smooth σ; GELU is the one like ReLU whose kernel is known in closed form.
  li: { scale: 'unit variance', activation: 'gelu', inputScale: '1', mlp: all, resnet: all },
};

const commonKeys = ['preset', 'depth', 'activation', 'bias', 'inputScale', 'weightVar'];
const presetKeys: Readonly<Record<PresetFamily['preset'], readonly string[]>> = {
  mlp: [...commonKeys, 'convention'],
  huang: [...commonKeys, 'alpha'],
  belfer: [...commonKeys, 'alpha'],
  tirer: [...commonKeys, 'alpha'],
  li: [...commonKeys, 'residualScale'],
  ...imagePresetKeys,
};

/** The least depth of a preset; where the data enter there is to be a convolution (cntk), or σ (li). */
export function leastDepth(preset: string): number {
  return preset === 'cntk' || preset === 'li' ? 1 : 0;
}

/** Do the blocks know how deep the whole network is, so that every depth is a network of its own? */
export function knowsDepth(spec: PresetFamily): boolean {
  return spec.preset === 'li' || ('alpha' in spec && isRule(spec.alpha));
}

/** The preset at a depth that is not its own: of a list with a number for each residual layer the front. */
export function atDepth(spec: PresetFamily, depth: number): PresetSpec {
  if (spec.preset !== 'li' || !Array.isArray(spec.residualScale)) return { ...spec, depth };
  return { ...spec, depth, residualScale: spec.residualScale.slice(0, depth - 1) };
}

export const presetNames = Object.freeze(Object.keys(presetKeys)) as readonly PresetFamily['preset'][];

/** The fully connected network. */
export function mlp(options: MlpOptions): Layer {
  return network({ ...required(options, 'mlp'), preset: 'mlp' });
}

/** The two-matrix ResNet of Huang et al. and Belfer et al.: c = 2, ⟨x, z⟩ as it is, first layer and head frozen. */
export function huang(options: ResnetOptions): Layer {
  return network({ ...required(options, 'huang'), preset: 'huang' });
}

/** The same kernel under its other name. */
export const belfer = huang;

/** The two-matrix ResNet of Tirer et al.: c = 1, ⟨x, z⟩/d, all layers trained. */
export function tirer(options: ResnetOptions): Layer {
  return network({ ...required(options, 'tirer'), preset: 'tirer' });
}

/** The one-matrix ResNet of Li, Luo and Yip: no weights after σ, whose mean goes on with the shortcut; all trained. */
export function li(options: LiOptions): Layer {
  return network({ ...required(options, 'li'), preset: 'li' });
}

/**
 * The convolutional ResNet of Barzilai et al.: a first layer of 1 × 1 filters, blocks f + α V∗φ(W∗f) with W of innerSize
 * (1) and V of outerSize (3), circular, ReLU with c = 2, inner products of pixels divided by the channels, all trained.
 */
export function barzilai(options: BarzilaiOptions): Layer {
  return network({ ...required(options, 'barzilai'), preset: 'barzilai' });
}

/** The plain convolutional network that it is compared with: `depth` times V∗ and φ, no skips, and a head. */
export function cntk(options: CntkOptions): Layer {
  return network({ ...required(options, 'cntk'), preset: 'cntk' });
}

/** The options of a preset, which has at least its depth among them. */
function required<T extends object>(options: T, name: string): T {
  if (!isRecord(options)) refuse(root(), name, `expected options, { depth: 3, … }, got ${shown(options)}`);
  return options;
}

/** The layers of a network in either form. */
export function network(spec: Network): Layer {
  if (isRecord(spec) && 'kind' in spec) return frozen(spec);
  checkPreset(spec);
  const { trunk, head } = parts(spec, spec.depth);
  return serial(...trunk(null, spec.depth), ...head(spec.depth));
}

/** The convention of a preset. */
export function conventionOf(spec: VectorFamily): Convention {
  if (spec.preset === 'mlp') return spec.convention ?? 'jacot';
  return spec.preset === 'belfer' ? 'huang' : spec.preset;
}

/** Is it a preset for images? */
export function isImagePreset(spec: PresetFamily): spec is ImageFamily {
  return Object.hasOwn(imagePresetKeys, spec.preset);
}

/** The activation of a preset as a layer, with the convention's scale where only a name is given. */
export function activationOf(spec: PresetFamily): Nonlinearity {
  const choice = spec.activation ?? defaultActivation(isImagePreset(spec) ? 'jacot' : conventionOf(spec));
  if (typeof choice !== 'string') return frozen(choice);
  const plain = activation(choice);
  return activation(choice, { scale: usualScale(spec, plain) });
}

/** The activation of a convention where none is named. */
export function defaultActivation(convention: Convention): PlainActivationName {
  return conventions[convention].activation;
}

/** The scale that the preset gives to a φ of which only the name is said. */
export function usualScale(spec: PresetFamily, phi: Nonlinearity): number {
  const plain = { ...phi, scale: 1 };
  const rule = isImagePreset(spec) ? 'every variance' : conventions[conventionOf(spec)].scale;
  if (rule === 'every variance') return plain.kind === 'activation' ? preserving(plain).scale : 1;
  return rule === 'one' || spec.preset === 'li' ? 1 : unitVarianceScale(plain);
}

/** Takes the preset apart. `deepest` is the depth that a rule for α refers to. */
export function parts(spec: PresetFamily, deepest: number): Parts {
  if (isImagePreset(spec)) return imageParts(spec, activationOf(spec), deepest);
  if (spec.preset === 'li') return liParts(spec, activationOf(spec), deepest);
  const convention = conventions[conventionOf(spec)];
  const trains = spec.preset === 'mlp' ? convention.mlp : convention.resnet;
  const inputScale = spec.inputScale ?? convention.inputScale;
  const { weightVar = 1 } = spec;
  const layer = (trainable: boolean): Dense =>
    dense({
      weightVar,
      trainable,
      bias: biasWhere(trainable, spec.bias ?? null),
    });
  const phi = activationOf(spec);

  if (spec.preset === 'mlp') {
    return {
      inputScale,
      trunk(from, to) {
        if (to === (from ?? 0)) return [];
        const first = (from ?? 0) === 0 ? [dense({ ...layer(trains.first), inputScale }), phi] : [];
        const more = to - Math.max(from ?? 0, 1);
        return more === 0 ? first : [...first, repeat(more, serial(layer(trains.hidden), phi))];
      },
      // At depth 0 the one layer there is takes the data and is the head.
      head: (depth) => [depth === 0 ? dense({ ...layer(trains.head), inputScale }) : layer(trains.head)],
    };
  }
  const alpha = alphaAt(spec.alpha, deepest);
  const body = serial(layer(trains.hidden), phi, layer(trains.hidden));
  return {
    inputScale,
    trunk(from, to) {
      const first = from === null ? [dense({ ...layer(trains.first), inputScale })] : [];
      const done = from ?? 0;
      if (to === done) return first;
      const bodyScale = typeof alpha === 'number' ? alpha : alpha.slice(done, to);
      return [...first, repeat(to - done, residual(body, { bodyScale }))];
    },
    head: () => [layer(trains.head)],
  };
}

/** Refuses (ERR_NETWORK) a preset with unknown keys or values out of range. Without `depth` it may leave that open. */
export function checkPreset(value: unknown, needs: 'depth' | 'no depth' = 'depth'): asserts value is PresetSpec {
  const at = root();
  if (!isRecord(value)) refuse(at, 'preset', `expected an object with a preset, got ${shown(value)}`);
  const name = value.preset;
  if (typeof name !== 'string')
    refuse(at, 'preset', `preset: expected one of ${presetNames.join(', ')}, got ${shown(name)}`);
  if (!Object.hasOwn(presetKeys, name)) refuse(at, 'preset', unknownName('preset', name, presetNames));
  checkKeys(value, presetKeys[name as PresetFamily['preset']], at, name);

  const check = checks(at, name);
  if (needs === 'depth' || value.depth !== undefined) check.integer('depth', value.depth, leastDepth(name), maxTimes);
  if (value.convention !== undefined) check.word('convention', value.convention, Object.keys(conventions));
  if (value.inputScale !== undefined) check.word('inputScale', value.inputScale, ['1', '1/d']);
  if (value.weightVar !== undefined) check.variance('weightVar', value.weightVar);
  if (value.bias !== undefined && value.bias !== null) checkBias(value.bias, at, name);
  if (value.activation !== undefined) checkActivation(value.activation);
  if (name === 'li') checkResidualScale(value.residualScale, value.depth as number | undefined);
  if (Object.hasOwn(imagePresetKeys, name)) checkImageOptions(value, name);
  if (presetKeys[name as PresetFamily['preset']].includes('alpha'))
    checkAlpha(value.alpha, value.depth as number | undefined, name);
}
