/** Which networks have a tangent kernel, and the refusal where there is none. */

import { activationRecord } from './activations.js';
import type { KernelName } from './evaluate.js';
import type { Layer } from './layers.js';
import { inside, type Place, refuse, root } from './place.js';

/** Refuses (ERR_NETWORK) an 'ntk' among the names for a network with an activation that allows none, with its path. */
export function requireTangent(network: Layer, names: readonly KernelName[]): void {
  if (!names.includes('ntk')) return;
  const found = obstacle(network, root());
  if (found === null) return;
  refuse(found.place, found.name, `has no tangent kernel: ${found.why}; ask for its NNGP alone (kernel=nngp)`);
}

/**
 * Refuses (ERR_NETWORK) networks that cannot be compared by their smoothness: where φ jumps, the kernel of two layers
 * leaves 1 like √θ, so that every slope is infinite.
 */
export function requireFiniteSlopes(network: Layer, label: string): void {
  const found = obstacle(network, root());
  if (found === null) return;
  refuse(
    { ...found.place, path: `${label}: ${found.place.path}` },
    found.name,
    'its kernel has no finite slope where inputs meet, so there is no smoothness to compare; gram, cross and regress take ' +
      'its NNGP',
  );
}

/** Has a network that `lower` accepts a tangent kernel? */
export function hasTangent(network: Layer): boolean {
  return obstacle(network, root()) === null;
}

interface Obstacle {
  readonly place: Place;
  readonly name: string;
  readonly why: string;
}

/** The first activation without a tangent kernel among the layers that become steps. */
function obstacle(layer: Layer, place: Place): Obstacle | null {
  switch (layer.kind) {
    case 'activation': {
      const why = activationRecord(layer.name).noTangent;
      return why === null ? null : { place, name: layer.name, why };
    }
    case 'serial':
      return first(layer.layers.map((child, i) => [child, `layers[${i}]`] as const));
    case 'repeat':
      return layer.times === 0 ? null : obstacle(layer.layer, inside(place, 'layer'));
    case 'residual': {
      const branches: (readonly [Layer, string])[] = [];
      // A branch that is multiplied by 0 is not there.
      if ([layer.bodyScale].flat().some((scale) => scale !== 0)) branches.push([layer.body, 'body']);
      if (layer.shortcut !== 'identity' && layer.shortcutScale !== 0) branches.push([layer.shortcut, 'shortcut']);
      return first(branches);
    }
    default:
      return null;
  }

  function first(children: readonly (readonly [Layer, string])[]): Obstacle | null {
    for (const [child, key] of children) {
      const found = obstacle(child, inside(place, key));
      if (found !== null) return found;
    }
    return null;
  }
}
