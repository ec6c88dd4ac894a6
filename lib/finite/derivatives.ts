/** Which derivatives of φ a call on a network of finite width takes. */

import { refuse, root } from '../place.js';
import type { Frame } from './held.js';

const ordinals = ['', 'first', 'second', 'third', 'fourth'];

/**
 * Refuses (ERR_NETWORK, with the layer's path) networks with an activation that has no bounded derivative of this order; `what` takes
 * it. A jump of φ or of φ′ is no such function, and the chain rule says nothing about it.
 */
export function requireDerivatives({ layout }: Pick<Frame, 'layout'>, order: number, what: string): void {
  const { orders, leastSmooth } = layout;
  if (leastSmooth === undefined || orders >= order) return;
  const { path, name, activation } = leastSmooth;
  refuse(
    { ...root(), path },
    name,
    `${what} takes the ${ordinals[order]} derivative of its activation, and that of ${activation} is no bounded function; ` +
      `take a smooth activation (gelu, tanh, erf, softplus, silu, sine)${order === 1 ? ', or relu' : ''}`,
    { order, orders },
  );
}
