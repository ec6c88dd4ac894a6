/** What a network is made of, for tests that go through catalogues. */

import { activationNames } from '../../lib/activations.js';
import { loadProgram } from '../../lib/compile.js';
import { KernelError } from '../../lib/errors.js';
import { info } from '../../lib/info.js';
import type { Layer, Nonlinearity } from '../../lib/layers.js';
import { lower, type Program } from '../../lib/lower.js';
import { type Network, network, presetNames } from '../../lib/presets.js';

/** The layers of a network, outermost first. */
export function layersIn(layer: Layer): Layer[] {
  switch (layer.kind) {
    case 'serial':
      return [layer, ...layer.layers.flatMap(layersIn)];
    case 'repeat':
      return [layer, ...layersIn(layer.layer)];
    case 'residual':
      return [layer, ...layersIn(layer.body), ...(layer.shortcut === 'identity' ? [] : layersIn(layer.shortcut))];
    default:
      return [layer];
  }
}

export function activationsIn(layer: Layer): Nonlinearity[] {
  return layersIn(layer).filter((one) => one.kind === 'activation' || one.kind === 'tabulated');
}

/** Are all its activations, its preset and its steps in the catalogues of both sides? program.test.ts compares the two. */
export function isListed(spec: Network): boolean {
  const before = asked.get(spec);
  if (before !== undefined) return before;
  const answer = looksListed(spec);
  asked.set(spec, answer);
  return answer;
}

const asked = new WeakMap<Network, boolean>();

function looksListed(spec: Network): boolean {
  if ('preset' in spec && !(presetNames as readonly string[]).includes(spec.preset)) return false;
  const phis = 'preset' in spec ? [spec.activation ?? 'relu'] : activationsIn(spec);
  const names = phis.map((phi) => (typeof phi === 'string' ? phi : phi.kind === 'activation' ? phi.name : 'relu'));
  if (!names.every((name) => (activationNames as readonly string[]).includes(name))) return false;
  const steps = info().steps;
  const program = lower(network(spec));
  return program.steps.every(([op]) => steps.includes(op)) && takesTables(program);
}

/** Networks of images may refuse an activation without a closed form; the core says so. */
function takesTables(program: Program): boolean {
  try {
    loadProgram(program).dispose();
    return true;
  } catch (error) {
    if (error instanceof KernelError && /networks of images take activations with closed forms/.test(error.message)) {
      return false;
    }
    throw error;
  }
}
