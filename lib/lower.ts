/** Layer → Program: the listing that crosses to the native core. */

import { KernelError } from './errors.js';
import { type Flow, flow, type Listing, rows, type Step } from './layer-rules.js';
import type { InputScale, Layer } from './layers.js';
import { refuse, root } from './place.js';

export type { Step } from './layer-rules.js';

/** One [mnemonic, ...numbers] row per step; native/core/program.hpp says what they mean. */
export interface Program {
  readonly version: 1;
  readonly domain: 'vector';
  readonly steps: readonly Step[];
}

/** Steps that one pair of points may run through: a hundred times the deepest network of the catalogue's blocks. */
const maxWork = 1e9;

const untouched: Flow = {
  entered: null,
  gaussian: false,
  fresh: false,
  dense: false,
};

/**
 * The listing of a network, ending in one `emit`. Refuses (ERR_NETWORK) what means no kernel, with the path of the layer
 * and what helps: `layers[3].body (residual): …`.
 */
export function lower(network: Layer): Program {
  const inputScale = enter(network);
  const listing: Listing = { steps: [], visits: 0 };
  rows(network, 0, listing);
  return program(inputScale, [...listing.steps, ['emit']]);
}

/** Checks a whole network and says how its data enter. */
export function enter(network: Layer): InputScale {
  const end = flow(network, untouched, root());
  if (!end.dense || end.entered === null) {
    const what = network.kind === 'activation' ? network.name : network.kind;
    refuse(root(), what, 'a network must end in a dense layer, its head; put dense() at the end');
  }
  return end.entered;
}

/** The steps after the input, as a program. */
export function program(inputScale: InputScale, steps: readonly Step[]): Program {
  const all: readonly Step[] = [['input', inputScale === '1/d' ? 1 : 0], ...steps];
  const work = executed(all);
  if (work > maxWork) {
    throw new KernelError(
      'ERR_NETWORK',
      `expected at most ${maxWork} steps for a pair of points, got ${work}; repeat fewer times`,
      { path: '', work },
    );
  }
  for (const step of all) Object.freeze(step);
  return Object.freeze({
    version: 1,
    domain: 'vector',
    steps: Object.freeze(all),
  });
}

/** Steps that one run executes, repeats unrolled. */
function executed(steps: readonly Step[]): number {
  let work = 0;
  let turns = 1;
  const enclosing: number[] = [];
  for (const [op, times] of steps) {
    if (op === 'repeat') {
      enclosing.push(turns);
      turns *= times as number;
    } else if (op === 'end') {
      turns = enclosing.pop() as number;
    } else {
      work += turns;
    }
  }
  return work;
}
