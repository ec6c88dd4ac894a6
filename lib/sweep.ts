/** Several depths of one preset, in as few programs as its α allows. */

import { types } from 'node:util';
import { frozen } from './frozen.js';
import { maxTimes, rows } from './layer-rules.js';
import { begin, lower, type Program, program } from './lower.js';
import { isRecord, refuse, root, shown } from './place.js';
import { atDepth, checkPreset, knowsDepth, leastDepth, network, type PresetFamily, parts } from './presets.js';
import { add } from './rule.js';

/** Each depth emits a kernel, and the native core takes no more from one program. */
const maxDepths = 100_000;

export interface Sweep {
  /** As asked for: ascending. */
  readonly depths: readonly number[];
  /** Each program emits the kernels of its depths, in their order. */
  readonly programs: readonly {
    readonly program: Program;
    readonly depths: readonly number[];
  }[];
}

/**
 * The programs for several depths of a preset (its own `depth`, if it has one, is replaced). Where α of a block does not
 * depend on the depth of the network, one program passes through all depths and emits at each; a rule depth^−γ, and c_res/L
 * of 'li', take one program per depth. A list of α needs one number for each block of the deepest network; shallower ones use its front.
 */
export function sweep(preset: PresetFamily, depths: readonly number[]): Sweep {
  if (isRecord(preset) && 'kind' in preset) {
    refuse(
      root(),
      'depths',
      'several depths are asked of a preset ("preset": …), but this network is given by its layers',
    );
  }
  if (types.isPromise(preset)) refuse(root(), 'preset', `expected an object with a preset, got ${shown(preset)}`);
  checkDepths(depths);
  const deepest = depths[depths.length - 1] as number;
  const spec = frozen({ ...preset, depth: deepest });
  checkPreset(spec);
  const least = leastDepth(spec.preset);
  if ((depths[0] as number) < least)
    refuse(root(), 'depths', `expected depths from ${least} for '${spec.preset}', got ${depths[0]}`);
  const programs = knowsDepth(spec)
    ? depths.map((depth) => ({
        program: lower(network(atDepth(spec, depth))),
        depths: [depth],
      }))
    : [{ program: inOnePass(spec, depths), depths: [...depths] }];
  return Object.freeze({
    depths: Object.freeze([...depths]),
    programs: Object.freeze(programs.map((one) => Object.freeze({ ...one, depths: Object.freeze(one.depths) }))),
  });
}

/** Heads are side branches: the functions before them are saved, and taken up again for the next depth. */
function inOnePass(spec: PresetFamily, depths: readonly number[]): Program {
  const deepest = depths[depths.length - 1] as number;
  const { inputScale, trunk, head } = parts(spec, deepest);
  const out = begin(inputScale, 'serial');
  let from: number | null = null;
  for (const depth of depths) {
    const last = depth === deepest;
    // Where these layers stand in the network of this depth, whose own trunk ends in them.
    const before = trunk(null, depth).length;
    const own = trunk(from, depth);
    for (const [i, layer] of own.entries()) rows(layer, 0, out, `layers[${before - own.length + i}]`);
    if (!last) add(out, ['push']);
    for (const [i, layer] of head(depth).entries()) rows(layer, 0, out, `layers[${before + i}]`);
    add(out, ['emit']);
    if (!last) add(out, ['pop']);
    from = depth;
  }
  return program(out);
}

function checkDepths(depths: readonly number[]): void {
  if (!Array.isArray(depths) || depths.length === 0) {
    refuse(root(), 'depths', `expected a list of at least one depth, got ${shown(depths)}`);
  }
  if (depths.length > maxDepths) refuse(root(), 'depths', `expected at most ${maxDepths} depths, got ${depths.length}`);
  let previous = -1;
  for (const [i, depth] of depths.entries()) {
    if (!Number.isInteger(depth) || depth < 0 || depth > maxTimes) {
      refuse(root(), 'depths', `expected integers from 0 to ${maxTimes}, got ${shown(depth)} at position ${i}`);
    }
    if (depth <= previous) refuse(root(), 'depths', `expected ascending depths, got ${depth} after ${previous}`);
    previous = depth;
  }
}
