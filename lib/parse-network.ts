/** Untrusted JSON → network. A file holds a layer, or a preset by name with its options. */

import { KernelError } from './errors.js';
import { frozen, maxNesting } from './frozen.js';
import { layerKinds } from './layer-rules.js';
import type { Layer } from './layers.js';
import { lower } from './lower.js';
import { oneOf, readOptions } from './options.js';
import { inside, isRecord, type Place, refuse, root, shown } from './place.js';
import { checkPreset, type Network, type PresetFamily, presetNames } from './presets.js';

export interface ParseOptions {
  /** 'open' lets a preset leave out its depth, because several depths are asked for apart from it. Default 'given'. */
  readonly depth?: 'given' | 'open';
}

/**
 * Checks what came out of JSON.parse and returns it as frozen data, with the defaults of layers written out. Everything
 * that is wrong is refused (ERR_NETWORK) with its path: wrong types, unknown keys, networks that mean no kernel.
 */
export function parseNetwork(value: unknown, options?: { readonly depth?: 'given' }): Network;
export function parseNetwork(value: unknown, options: ParseOptions): Layer | PresetFamily;
export function parseNetwork(value: unknown, options: ParseOptions = {}): Layer | PresetFamily {
  const { depth = 'given' } = readOptions('options', options, { depth: oneOf('given', 'open') });
  if (!isRecord(value)) refuse(root(), 'network', `expected ${forms}, got ${shown(value)}`);
  const isLayer = Object.hasOwn(value, 'kind');
  const isPreset = Object.hasOwn(value, 'preset');
  if (isLayer && isPreset) refuse(root(), 'network', 'has both a kind and a preset; a network is a layer or a preset');
  if (!isLayer && !isPreset) {
    const keys = Object.keys(value).slice(0, 5).map(shown).join(', ');
    refuse(root(), 'network', `expected ${forms}, got an object with ${keys === '' ? 'no keys' : keys}`);
  }
  if (isPreset) {
    const { $schema: _, ...options } = value;
    const preset = frozen({ ...options, ...activationWithDefaults(value.activation) });
    checkPreset(preset, depth === 'given' ? 'depth' : 'no depth');
    return preset;
  }
  const layer = frozen(withDefaults(value, root())) as Layer;
  lower(layer);
  return layer;
}

/** The same from text; a file that is no JSON is refused with the parser's own words. */
export function parseNetworkText(text: string, options: ParseOptions = {}): Layer | PresetFamily {
  let value: unknown;
  if (typeof text !== 'string') refuse(root(), 'network', `expected the text of ${forms}, got ${shown(text)}`);
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const problem = `expected JSON: ${forms}; ${(cause as Error).message}`;
    throw new KernelError('ERR_NETWORK', problem, { path: '' }, { cause });
  }
  return parseNetwork(value, options);
}

const forms = `a layer ({"kind": ${layerKinds.map((kind) => `"${kind}"`).join(' | ')}, …}) or a preset ({"preset": ${presetNames
  .map((name) => `"${name}"`)
  .join(' | ')}, "depth": 5, …})`;

/** What a layer in a file may leave out. */
const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  dense: { weightVar: 1, trainable: true, bias: null },
  conv: { stride: 1, padding: 'same', weightVar: 1, trainable: true, bias: null },
  activation: { scale: 1, params: {} },
  tabulated: { scale: 1 },
  residual: { shortcut: 'identity', bodyScale: 1, shortcutScale: 1 },
};

/** Writes out defaults all the way down; whether the result is a network is for `lower` to say. */
function withDefaults(value: unknown, place: Place): unknown {
  if (!isRecord(value)) return value;
  if (place.level > maxNesting) refuse(place, 'layer', `expected at most ${maxNesting} nested layers, got more`);
  const kind = typeof value.kind === 'string' ? value.kind : '';
  const own = Object.hasOwn(defaults, kind) ? defaults[kind] : {};
  const layer: Record<string, unknown> = Object.assign(Object.create(null), own, value);
  // By which editors find the schema of the file.
  delete layer.$schema;
  if (kind === 'serial' && Array.isArray(layer.layers)) {
    layer.layers = layer.layers.map((child, i) => withDefaults(child, inside(place, `layers[${i}]`)));
  }
  if (kind === 'repeat') layer.layer = withDefaults(layer.layer, inside(place, 'layer'));
  if (kind === 'residual') {
    layer.body = withDefaults(layer.body, inside(place, 'body'));
    layer.shortcut = withDefaults(layer.shortcut, inside(place, 'shortcut'));
  }
  return layer;
}

function activationWithDefaults(activation: unknown): Record<string, unknown> {
  return isRecord(activation) ? { activation: withDefaults(activation, inside(root(), 'activation')) } : {};
}
