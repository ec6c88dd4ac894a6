/**
 * How far training has come along one eigendirection: what is left of its residual, and what is gone.
 *
 * Of a direction with λ + ρ = s, gradient flow leaves exp(−s·c·t) after time t, gradient descent (1 − s·c)^k after k steps,
 * where c is the learning rate over the number that the loss is averaged over. Both, and 1 minus them, without the
 * cancellation that the plain forms suffer for slow directions and many steps. [ntk-flow; ntk-descent]
 */

export type Method = 'flow' | 'descent';

export interface Schedule {
  readonly method: Method;
  /** Learning rate over the number of averaged terms. */
  readonly step: number;
  /** The share of the residual that is left of a direction with λ + ρ = `stiffness` > 0. */
  left(stiffness: number, time: number): number;
  /** 1 − left, to full relative accuracy. */
  gone(stiffness: number, time: number): number;
  /** How fast: left = exp(−rate · time) up to a sign. Infinite where one step of descent ends it. */
  rate(stiffness: number): number;
}

export function scheduleOf(method: Method, step: number): Schedule {
  return method === 'flow' ? flow(step) : descent(step);
}

function flow(step: number): Schedule {
  const exponent = (stiffness: number, time: number) => -stiffness * step * time;
  return {
    method: 'flow',
    step,
    left: (stiffness, time) => Math.exp(exponent(stiffness, time)),
    // Subtracted from 0, so that nothing gone is 0 and not −0.
    gone: (stiffness, time) => 0 - Math.expm1(exponent(stiffness, time)),
    rate: (stiffness) => stiffness * step,
  };
}

/**
 * With x = s·c: |1 − x|^k = exp(k·log1p(−x)) for x < 1; beyond, 1 − x is negative and its magnitude x − 1 = 1 + (x − 2), where
 * x − 2 is exact for x ≥ 1.
 */
function descent(step: number): Schedule {
  const growth = (stiffness: number): number => {
    const x = stiffness * step;
    return x < 1 ? Math.log1p(-x) : Math.log1p(x - 2);
  };
  // 0·∞ where one step ends a direction (x = 1) and none has been taken.
  const exponent = (stiffness: number, steps: number) => (steps === 0 ? 0 : steps * growth(stiffness));
  const flips = (stiffness: number, steps: number) => stiffness * step > 1 && steps % 2 === 1;
  return {
    method: 'descent',
    step,
    left: (stiffness, steps) => {
      const magnitude = Math.exp(exponent(stiffness, steps));
      return flips(stiffness, steps) ? -magnitude : magnitude;
    },
    gone: (stiffness, steps) =>
      flips(stiffness, steps) ? 1 + Math.exp(exponent(stiffness, steps)) : 0 - Math.expm1(exponent(stiffness, steps)),
    rate: (stiffness) => -growth(stiffness),
  };
}
