/** The one-matrix ResNet of Li, Luo and Yip, as a preset. [means] */

import { dense, type Nonlinearity, repeat, residual, serial } from './layers.js';
import { checks, refuse, root, shown } from './place.js';
import type { Parts, VectorOptions } from './preset-options.js';
import { unitVarianceScale } from './unit-variance.js';

/**
 * x¹ = √(c_σ/m) σ(W¹x), x^l = x^{l−1} + (c_res/L) σ(W^l x^{l−1})/√m for l = 2…L, f = a·x^L, with c_σ = 1/E σ² over N(0, 1);
 * all of it trained, ⟨x, z⟩ as it is.
 */
export interface LiFamily extends VectorOptions {
  /** c_res, or one for each of the L − 1 residual layers; default 1. */
  readonly residualScale?: number | readonly number[];
}

/** Takes the preset apart at the depth that the scale of its branches refers to. */
export function liParts({ residualScale = 1, ...options }: LiFamily, sigma: Nonlinearity, depth: number): Parts {
  const { inputScale = '1', weightVar = 1, bias = null } = options;
  const layer = { weightVar, bias };
  const first = { ...sigma, scale: sigma.scale * unitVarianceScale(sigma) };
  const bodyScale = typeof residualScale === 'number' ? residualScale / depth : residualScale.map((c) => c / depth);
  const block = residual(serial(dense(layer), sigma), { bodyScale });
  return {
    inputScale,
    // Its blocks know the depth of the whole, so there is no way from one depth to another.
    trunk: () => [dense({ ...layer, inputScale }), first, ...(depth === 1 ? [] : [repeat(depth - 1, block)])],
    head: () => [dense(layer)],
  };
}

/** Refuses a residualScale that is neither a number nor as many of them as there are residual layers. */
export function checkResidualScale(value: unknown, depth: number | undefined): void {
  if (value === undefined) return;
  const at = root();
  const check = checks(at, 'li');
  if (!Array.isArray(value)) {
    if (typeof value !== 'number') {
      const expected = 'a number ≥ 0, or a list of them (one for each residual layer)';
      refuse(at, 'li', `residualScale: expected ${expected}, got ${shown(value)}`, { key: 'residualScale' });
    }
    checkOne('residualScale', value);
    return;
  }
  for (const [i, one] of value.entries()) checkOne(`residualScale[${i}]`, one);
  if (depth !== undefined && value.length !== depth - 1) {
    const problem = `expected ${depth - 1} numbers, one for each residual layer of depth ${depth}, got ${value.length}`;
    refuse(at, 'li', `residualScale: ${problem}`, { key: 'residualScale' });
  }

  function checkOne(key: string, one: unknown): void {
    check.factor(key, one, 'allowed');
    if ((one as number) < 0) refuse(at, 'li', `${key}: expected a number ≥ 0, got ${shown(one)}`, { key });
  }
}
