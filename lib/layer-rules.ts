/**
 * What each kind of layer must satisfy to mean a kernel, and the steps it becomes: three functions side by side per kind.
 *
 *   check   its own numbers and words, wherever it stands
 *   flow    what may enter it and what leaves it
 *   rows    its steps, once `flow` has accepted the network
 */

import { activation, tabulated } from './activation-rules.js';
import { unknownName } from './errors.js';
import { maxNesting } from './frozen.js';
import { conv, gridAfter, head, pool, requireImageFactor, requireSameGrid } from './image-rules.js';
import type { Dense, Layer, LayerKind, Repeat, Residual, Scale, Serial } from './layers.js';
import { checks, inside, isRecord, joined, type Place, refuse, shown } from './place.js';
import {
  add,
  addAffine,
  addScale,
  checkBias,
  checkKeys,
  type Flow,
  type Listing,
  originOf,
  type Rule,
  removeLast,
  tooLong,
} from './rule.js';

/** The most repeats that one layer may ask for. */
export const maxTimes = 1_000_000;
/** The most layers that are looked at, those of repeats in repeats counted each time. */
const maxVisits = 1_000_000;

const dense: Rule<Dense> = {
  keys: ['kind', 'weightVar', 'trainable', 'bias', 'inputScale'],
  check(layer, place) {
    const check = checks(place, 'dense');
    check.variance('weightVar', layer.weightVar);
    check.flag('trainable', layer.trainable);
    if (layer.inputScale !== undefined) check.word('inputScale', layer.inputScale, ['1', '1/d']);
    if (layer.bias !== null) checkBias(layer.bias, place, 'dense');
  },
  flow(layer, state, place) {
    if (state.entered === null && layer.inputScale === undefined) {
      refuse(place, 'dense', "the data enter here, so it must say how: inputScale '1' for ⟨x, z⟩, '1/d' for ⟨x, z⟩/d");
    }
    if (state.entered !== null && layer.inputScale !== undefined) {
      refuse(
        place,
        'dense',
        'inputScale belongs to the layer that the data enter, and they entered before; leave it out',
      );
    }
    if (state.space === 'image') {
      refuse(
        place,
        'dense',
        "takes vectors but gets images; put head('trace') or head('pool') before it, or use conv() in its place",
      );
    }
    return {
      ...state,
      entered: state.entered ?? layer.inputScale ?? null,
      awaitsDense: false,
      gaussian: true,
      fresh: true,
      dense: true,
    };
  },
  rows: (layer, _turn, out) => addAffine(out, layer),
};

const scale: Rule<Scale> = {
  keys: ['kind', 'factor'],
  check(layer, place) {
    checks(place, 'scale').factor('factor', layer.factor, 'refused');
  },
  flow(layer, state, place) {
    requireImageFactor('factor', layer.factor, state, place, 'scale');
    return state;
  },
  rows(layer, _turn, out) {
    addScale(out, layer.factor);
  },
};

const serial: Rule<Serial> = {
  keys: ['kind', 'layers'],
  check(layer, place) {
    if (!Array.isArray(layer.layers))
      refuse(place, 'serial', `layers: expected an array of layers, got ${shown(layer.layers)}`);
    if (layer.layers.length === 0) refuse(place, 'serial', 'layers: expected at least one layer, got none');
    for (const [i, child] of layer.layers.entries()) requireLayer(child, inside(place, `layers[${i}]`));
  },
  flow: (layer, state, place) =>
    layer.layers.reduce((before, child, i) => flow(child, before, inside(place, `layers[${i}]`)), state),
  rows(layer, turn, out) {
    for (const [i, child] of layer.layers.entries()) rows(child, turn, out, `layers[${i}]`);
  },
};

const repeat: Rule<Repeat> = {
  keys: ['kind', 'times', 'layer'],
  check(layer, place) {
    checks(place, 'repeat').integer('times', layer.times, 0, maxTimes);
    requireLayer(layer.layer, inside(place, 'layer'));
  },
  flow(layer, state, place) {
    const child = { ...inside(place, 'layer'), times: layer.times };
    const first = flow(layer.layer, state, child);
    if (layer.times === 0) return state;
    // A layer fixes a property of what leaves it or passes it on, so all turns after the second meet what it met.
    if (layer.times === 1) return first;
    const second = flow(layer.layer, first, { ...child, again: true });
    return { ...second, grid: gridAfter(layer.times, state.grid, first.grid) };
  },
  rows(layer, _turn, out) {
    if (layer.times > 0 && hasScaleList(layer.layer)) {
      for (let turn = 0; turn < layer.times; turn++) rows(layer.layer, turn, out, 'layer');
      return;
    }
    if (layer.times === 0) return;
    const start = out.steps.length;
    if (layer.times > 1) add(out, ['repeat', layer.times]);
    rows(layer.layer, 0, out, 'layer');
    if (layer.times === 1) return;
    if (out.steps.length === start + 1) removeLast(out);
    else add(out, ['end']);
  },
};

const residual: Rule<Residual> = {
  keys: ['kind', 'body', 'shortcut', 'bodyScale', 'shortcutScale'],
  check(layer, place) {
    const check = checks(place, 'residual');
    check.factor('shortcutScale', layer.shortcutScale, 'allowed');
    if (Array.isArray(layer.bodyScale)) {
      for (const [turn, value] of layer.bodyScale.entries()) check.factor(`bodyScale[${turn}]`, value, 'allowed');
    } else {
      check.factor('bodyScale', layer.bodyScale, 'allowed');
    }
    const scales = [layer.bodyScale].flat() as readonly number[];
    if (layer.shortcutScale === 0 && scales.includes(0)) {
      refuse(place, 'residual', 'bodyScale and shortcutScale are both 0, which would make the kernel vanish');
    }
    requireLayer(layer.body, inside(place, 'body'));
    if (typeof layer.shortcut === 'string') check.word('shortcut', layer.shortcut, ['identity']);
    else requireLayer(layer.shortcut, inside(place, 'shortcut'));
  },
  flow(layer, state, place) {
    if (Array.isArray(layer.bodyScale) && layer.bodyScale.length !== place.times) {
      refuse(
        place,
        'residual',
        place.times === null
          ? 'a list of bodyScale has one number for each turn of a repeat, but no repeat encloses this layer; give one number'
          : `bodyScale: expected ${place.times} numbers, one for each turn of the enclosing repeat, got ${layer.bodyScale.length}`,
      );
    }
    for (const factor of [layer.bodyScale].flat() as readonly number[])
      requireImageFactor('bodyScale', factor, state, place, 'residual');
    requireImageFactor('shortcutScale', layer.shortcutScale, state, place, 'residual');
    // What a branch draws afresh is seen from where the branches part.
    const parting = { ...state, fresh: false, branch: true };
    const body = flow(layer.body, parting, inside(place, 'body'));
    const shortcut = layer.shortcut === 'identity' ? parting : flow(layer.shortcut, parting, inside(place, 'shortcut'));
    requireSameGrid(body, shortcut, state, place);
    if (state.space === 'image') {
      requireFreshEnd(layer.body, body, inside(place, 'body'));
      if (layer.shortcut !== 'identity') requireFreshEnd(layer.shortcut, shortcut, inside(place, 'shortcut'));
    } else if (!body.fresh && !shortcut.fresh) {
      refuse(
        inside(place, 'body'),
        nameOf(layer.body),
        'a branch of a residual must have fresh weights in it, or it is correlated with what it is added to; put ' +
          'dense() into it',
      );
    } else if (state.images && !body.gaussian && !shortcut.gaussian) {
      refuse(
        inside(place, 'body'),
        nameOf(layer.body),
        'behind a head no means are carried, so one branch of a residual must end in fresh weights; end it with dense()',
      );
    }
    return {
      ...state,
      grid: body.grid,
      gaussian: body.gaussian && shortcut.gaussian,
      fresh: state.fresh || (body.fresh && shortcut.fresh),
      dense: false,
    };
  },
  rows(layer, turn, out) {
    const bodyScale = typeof layer.bodyScale === 'number' ? layer.bodyScale : (layer.bodyScale[turn] as number);
    const shortcut = (): void => {
      if (layer.shortcut !== 'identity') rows(layer.shortcut, turn, out, 'shortcut');
      addScale(out, layer.shortcutScale);
    };
    // A branch scaled by 0 adds nothing, neither to the values nor to the training.
    if (bodyScale === 0) return shortcut();
    const body = (): void => {
      rows(layer.body, turn, out, 'body');
      addScale(out, bodyScale);
    };
    if (layer.shortcutScale === 0) return body();
    add(out, ['push']);
    body();
    if (layer.shortcut !== 'identity' || layer.shortcutScale !== 1) {
      add(out, ['swap']);
      shortcut();
    }
    add(out, ['add']);
  },
};

/** The catalogue of layer kinds. */
const rules = { dense, conv, pool, head, activation, tabulated, scale, serial, repeat, residual };

export const layerKinds = Object.freeze(Object.keys(rules)) as readonly LayerKind[];

function ruleOf(kind: LayerKind): Rule<Layer> {
  return rules[kind] as unknown as Rule<Layer>;
}

/** The keys that a layer of this kind may have. */
export function keysOf(kind: LayerKind): readonly string[] {
  return ruleOf(kind).keys;
}

/** Refuses what is no layer, unknown kinds and keys, and numbers and words out of range; does not look at its children. */
export function checkNumbers(layer: Layer, place: Place): void {
  const value: unknown = layer;
  requireLayer(value, place);
  checkKeys(value, keysOf(layer.kind), place, layer.kind);
  ruleOf(layer.kind).check(layer, place);
}

/** Refuses what is no layer of a known kind. */
function requireLayer(value: unknown, place: Place): asserts value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) {
    const own = typeof value === 'function' ? "; a φ of one's own is tabulate(f).layer" : '';
    refuse(place, 'layer', `expected a layer, an object with a kind, got ${shown(value)}${own}`);
  }
  if (typeof value.kind !== 'string') {
    const inner = isRecord(value.layer) ? '; if it came from tabulate(), take its .layer' : '';
    refuse(place, 'layer', `kind: expected one of ${layerKinds.join(', ')}, got ${shown(value.kind)}${inner}`);
  }
  if (!(layerKinds as readonly string[]).includes(value.kind)) {
    refuse(place, 'layer', unknownName('kind of layer', value.kind, layerKinds));
  }
}

/** What leaves the layer, given what enters it; refuses with the path of the layer that means no kernel. */
export function flow(layer: Layer, state: Flow, place: Place): Flow {
  if (++place.visits.count > maxVisits) refuse(place, 'layer', `expected at most ${maxVisits} layers in all, got more`);
  if (place.level > maxNesting) refuse(place, 'layer', `expected at most ${maxNesting} nested layers, got more`);
  checkNumbers(layer, place);
  if (state.entered === null && !['dense', 'conv', 'serial'].includes(layer.kind)) {
    refuse(
      place,
      nameOf(layer),
      layer.kind === 'pool' || layer.kind === 'head'
        ? "the first layer on images must be conv; put conv(3, { inputScale: '1/d' }) before it"
        : "the first layer must be dense; put dense({ inputScale: '1' }) or dense({ inputScale: '1/d' }) before it " +
            '(on images, conv with an inputScale)',
    );
  }
  if (state.awaitsDense && ['activation', 'tabulated', 'residual'].includes(layer.kind)) {
    refuse(
      place,
      nameOf(layer),
      'a head only reads the image and must be followed by a dense layer; put dense() before it',
    );
  }
  return ruleOf(layer.kind).flow(layer, state, place);
}

/**
 * Appends the steps of a layer that `flow` has accepted, in the given turn of the innermost enclosing repeat. `key`: where it
 * stands in the layer at work.
 */
export function rows(layer: Layer, turn: number, out: Listing, key = ''): void {
  if (++out.visits > maxVisits) tooLong();
  const { origin } = out;
  out.origin = originOf(joined(origin.path, key), nameOf(layer), out);
  ruleOf(layer.kind).rows(layer, turn, out);
  out.origin = origin;
}

/** As messages call a layer: an activation by its own name, the others by their kind. */
export function nameOf(layer: Layer): string {
  return layer.kind === 'activation' ? layer.name : layer.kind;
}

/** On images no means are carried, so branches must end in weights, which have none. */
function requireFreshEnd(branch: Layer, end: Flow, place: Place): void {
  if (end.fresh && end.gaussian) return;
  refuse(
    place,
    nameOf(branch),
    'a branch of a residual must end in fresh weights, or the covariances of the branches do not add; end it with conv()',
  );
}

/** Does a residual in it have one scale for each turn of the repeat around `layer`? */
function hasScaleList(layer: Layer): boolean {
  switch (layer.kind) {
    case 'serial':
      return layer.layers.some(hasScaleList);
    case 'residual':
      return (
        typeof layer.bodyScale !== 'number' ||
        hasScaleList(layer.body) ||
        (layer.shortcut !== 'identity' && hasScaleList(layer.shortcut))
      );
    default:
      return false;
  }
}
