/** Layer → Program: the listing that crosses to the native core. */

import { flow, nameOf, rows } from './layer-rules.js';
import type { InputScale, Layer } from './layers.js';
import { refuse, root } from './place.js';
import { add, type Flow, type Listing, listing, type Origin, type Step } from './rule.js';

export type { Origin, Step } from './rule.js';

/**
 * What a program runs over: pairs of vectors; pairs of images of which, behind the layers that mix pixels, only equal
 * pixels meet ('image-diagonal': heads that read pixels); or images of which every pixel meets every other
 * ('image-full': the pooled head).
 */
export type Domain = 'vector' | 'image-diagonal' | 'image-full';

/** One [mnemonic, ...numbers] row per step; native/core/program.hpp says what they mean. */
export interface Program {
  readonly version: 1;
  readonly domain: Domain;
  readonly steps: readonly Step[];
  /** Of each row the layer that made it: what errors name. */
  readonly origins: readonly Origin[];
}

/** What the native core takes: steps that one pair of points runs through, and branches that are open at once. */
const maxWork = 1e9;
const maxBranches = 64;

const untouched: Flow = {
  entered: null,
  space: 'vector',
  grid: { less: 0, by: 1 },
  images: false,
  branch: false,
  awaitsDense: false,
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
  const out = begin(inputScale, nameOf(network));
  rows(network, 0, out);
  add(out, ['emit']);
  return program(out);
}

/** A listing that begins with the input. */
export function begin(inputScale: InputScale, name: string): Listing {
  const out = listing(name);
  add(out, ['input', inputScale === '1/d' ? 1 : 0]);
  return out;
}

/** Checks a whole network and says how its data enter. */
export function enter(network: Layer): InputScale {
  const end = flow(network, untouched, root());
  if (!end.dense || end.entered === null) {
    const what = network.kind === 'activation' ? network.name : network.kind;
    refuse(
      root(),
      what,
      end.space === 'image'
        ? "a network on images must end in a head and a dense layer; put head('trace') or head('pool') and dense() at the end"
        : 'a network must end in a dense layer, its head; put dense() at the end',
    );
  }
  return end.entered;
}

/** A finished listing, as a program. */
export function program({ steps, origins }: Listing): Program {
  const { work, branches } = cost(steps);
  if (work > maxWork) {
    refuse(
      root(),
      'network',
      `expected at most ${maxWork} steps for a pair of points, got ${work}; repeat fewer times`,
    );
  }
  if (branches > maxBranches) {
    refuse(
      root(),
      'network',
      `expected at most ${maxBranches} residuals in the bodies of one another, got ${branches}`,
    );
  }
  return Object.freeze({
    version: 1,
    domain: domainOf(steps),
    steps: Object.freeze(steps),
    origins: Object.freeze(origins),
  });
}

function domainOf(steps: readonly Step[]): Domain {
  const reads = (op: string) => steps.some(([own]) => own === op);
  if (reads('mean')) return 'image-full';
  return reads('pixel') || reads('trace') ? 'image-diagonal' : 'vector';
}

/** Steps that one run executes, repeats unrolled, and the most branches that are open at once. */
function cost(steps: readonly Step[]): { readonly work: number; readonly branches: number } {
  let work = 0;
  let turns = 1;
  let open = 0;
  let branches = 0;
  const enclosing: number[] = [];
  for (const [op, times] of steps) {
    if (op === 'repeat') {
      enclosing.push(turns);
      turns *= times as number;
    } else if (op === 'end') {
      turns = enclosing.pop() as number;
    } else if (op === 'push') {
      open++;
    } else if (op === 'add' || op === 'pop') {
      open--;
    }
    work += turns;
    branches = Math.max(branches, open);
  }
  return { work, branches };
}
