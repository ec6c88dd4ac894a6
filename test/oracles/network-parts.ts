/** What a network is made of, for tests that go through catalogues. */

import type { Layer, Nonlinearity } from '../../lib/layers.js';

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
