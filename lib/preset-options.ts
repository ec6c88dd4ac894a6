/** What presets of all kinds share: α, the choice of the activation, and the pieces a preset is put together from. */

import { unknownActivation } from './activation-rules.js';
import { activationNames, type PlainActivationName } from './activations.js';
import { checkNumbers } from './layer-rules.js';
import type { Bias, InputScale, Layer, Nonlinearity } from './layers.js';
import { checks, inside, isRecord, refuse, root, shown } from './place.js';
import { checkKeys } from './rule.js';

/** α of the residual blocks: one number, one for each block, or the rule depth^−γ. */
export type Alpha = number | readonly number[] | { readonly gamma: number };

/** A name, which leaves the scale to the preset, or a layer, which means exactly itself. */
export type ActivationChoice = Nonlinearity | PlainActivationName;

/** What all presets for vectors take. */
export interface VectorOptions {
  /**
   * A name means the convention's scale: for 'jacot' and 'huang' the one that keeps every variance (ReLU: c = 2), for
   * 'tirer' 1. Where no scale keeps every variance, as for erf and GELU, it is 1. The MLP of 'li' has the scale that keeps
   * the variance 1, and its ResNet σ as it is. A layer means exactly itself.
   */
  readonly activation?: ActivationChoice;
  /**
   * A bias in every dense layer. A layer that the convention freezes is frozen with its bias: one that starts at zero
   * is then left out, a normal one stays in the covariance and does not train.
   */
  readonly bias?: Bias | null;
  /** Default: '1/d' for 'tirer', '1' for the others. */
  readonly inputScale?: InputScale;
  /** Variance of the weights of every layer; default 1. */
  readonly weightVar?: number;
}

/** A preset in the pieces from which networks of all its depths are put together. */
export interface Parts {
  readonly inputScale: InputScale;
  /** The layers that lead from depth `from` to depth `to`; null is where the data are. */
  trunk(from: number | null, to: number): Layer[];
  /** The last layers at a depth. */
  head(depth: number): Layer[];
}

/** α of every block at a depth: the rule applied, the list as it is. */
export function alphaAt(alpha: Alpha, depth: number): number | readonly number[] {
  return isRule(alpha) ? depth ** -alpha.gamma : alpha;
}

/** Does α depend on the depth of the whole network? */
export function isRule(alpha: Alpha): alpha is { readonly gamma: number } {
  return typeof alpha === 'object' && 'gamma' in alpha;
}

/** The bias of a layer: a frozen one that starts at zero is left out, a frozen normal one stays and does not train. */
export function biasWhere(trainable: boolean, bias: Bias | null): Bias | null {
  if (bias === null || trainable) return bias;
  return bias.init === 'normal' ? { ...bias, trainable: false } : null;
}

/** Refuses what is no activation. */
export function checkActivation(choice: unknown): void {
  const at = inside(root(), 'activation');
  if (typeof choice === 'string') {
    if (!(activationNames as readonly string[]).includes(choice)) {
      refuse(at, 'activation', unknownActivation(choice));
    }
    const layer = { kind: 'activation', name: choice, scale: 1, params: {} };
    checkNumbers(layer as unknown as Layer, at);
    return;
  }
  if (typeof choice === 'function') refuse(at, 'activation', unknownActivation(choice));
  checkNumbers(choice as Layer, at);
  const kind = (choice as Layer).kind;
  if (kind !== 'activation' && kind !== 'tabulated')
    refuse(at, kind, `expected an activation, got a layer of kind '${kind}'`);
}

/** A list has one α for each block, so it must be as long as the network is deep; with open depth any length will do. */
export function checkAlpha(alpha: unknown, depth: number | undefined, name: string): void {
  const at = root();
  const check = checks(at, name);
  const expectation = 'a number ≥ 0, a list of them (one for each block) or { "gamma": number } for depth^-gamma';
  const checkOne = (key: string, value: unknown): void => {
    check.factor(key, value, 'allowed');
    if ((value as number) < 0)
      refuse(at, name, `${key}: expected a number ≥ 0, got ${shown(value)}`, {
        key,
      });
  };
  if (typeof alpha === 'number') {
    checkOne('alpha', alpha);
  } else if (Array.isArray(alpha)) {
    for (const [block, value] of alpha.entries()) checkOne(`alpha[${block}]`, value);
    if (depth !== undefined && alpha.length !== depth) {
      refuse(at, name, `alpha: expected ${depth} numbers, one for each block, got ${alpha.length}`, { key: 'alpha' });
    }
  } else if (isRecord(alpha)) {
    checkKeys(alpha, ['gamma'], inside(at, 'alpha'), name);
    if (typeof alpha.gamma !== 'number' || !(alpha.gamma >= 0 && alpha.gamma <= 20)) {
      refuse(at, name, `alpha.gamma: expected a number from 0 to 20, got ${shown(alpha.gamma)}`, {
        key: 'alpha.gamma',
      });
    }
  } else {
    refuse(at, name, `alpha: expected ${expectation}, got ${shown(alpha)}`, {
      key: 'alpha',
    });
  }
}
