/** The rules of layers on images, as layer-rules.ts has those on vectors, and what they make of the grid of pixels. */

import type { Conv, Head, Padding, Pool } from './layers.js';
import { checks, inside, type Place, refuse, shown } from './place.js';
import { add, addAffine, checkBias, type Flow, type Grid, type Rule } from './rule.js';

/** The widest filter, stride, pooling window and position of a pixel. */
const maxSize = 9999;

const paddings: readonly Padding[] = ['valid', 'same', 'circular'];

export const conv: Rule<Conv> = {
  keys: ['kind', 'size', 'stride', 'padding', 'weightVar', 'trainable', 'bias', 'inputScale'],
  check(layer, place) {
    const check = checks(place, 'conv');
    check.integer('size', layer.size, 1, maxSize);
    if (layer.size % 2 === 0) {
      refuse(
        place,
        'conv',
        `size: expected an odd number, so that the filter has a middle, got ${layer.size}; use ${layer.size - 1} or ${layer.size + 1}`,
        { key: 'size' },
      );
    }
    check.integer('stride', layer.stride, 1, maxSize);
    check.word('padding', layer.padding, paddings);
    check.variance('weightVar', layer.weightVar);
    check.flag('trainable', layer.trainable);
    if (layer.inputScale !== undefined) check.word('inputScale', layer.inputScale, ['1', '1/d']);
    if (layer.bias !== null) checkBias(layer.bias, place, 'conv');
  },
  flow(layer, state, place) {
    if (state.entered === null && layer.inputScale === undefined) {
      refuse(
        place,
        'conv',
        "the data enter here, so it must say how: inputScale '1' for the inner product of two pixels as it is, '1/d' for " +
          'it divided by the number of channels',
      );
    }
    if (state.entered !== null) {
      requireImages(state, place, 'conv', 'put it before the head, or use dense() in its place');
      if (layer.inputScale !== undefined) {
        refuse(
          place,
          'conv',
          'inputScale belongs to the layer that the data enter, and they entered before; leave it out',
        );
      }
    }
    const border = layer.padding === 'valid' ? layer.size - 1 : 0;
    return {
      entered: state.entered ?? layer.inputScale ?? null,
      space: 'image',
      images: true,
      grid: then(state.grid, { less: border, by: layer.stride }),
      branch: state.branch,
      awaitsDense: false,
      gaussian: true,
      fresh: true,
      dense: false,
    };
  },
  rows(layer, _turn, out) {
    const { size, stride, padding } = layer;
    if (size > 1 || stride > 1) add(out, ['patch', size, stride, paddings.indexOf(padding)]);
    addAffine(out, layer);
  },
};

export const pool: Rule<Pool> = {
  keys: ['kind', 'size'],
  check(layer, place) {
    checks(place, 'pool').integer('size', layer.size, 1, maxSize);
  },
  flow(layer, state, place) {
    requireImages(state, place, 'pool', 'average pooling has its place between conv() and the head');
    if (state.branch && layer.size > 1) {
      refuse(
        place,
        'pool',
        'average pooling has its place between residuals, not inside of one; use strides there, or pool before it',
      );
    }
    return { ...state, grid: then(state.grid, { less: 0, by: layer.size }) };
  },
  rows(layer, _turn, out) {
    if (layer.size > 1) add(out, ['average', layer.size]);
  },
};

export const head: Rule<Head> = {
  keys: ['kind', 'read', 'at'],
  check(layer, place) {
    const check = checks(place, 'head');
    check.word('read', layer.read, ['pixel', 'trace', 'pool']);
    const at: unknown = layer.at;
    if (at === undefined) return;
    if (layer.read !== 'pixel') {
      refuse(
        place,
        'head',
        `at: only a 'pixel' head reads at a place, but this one reads '${layer.read}'; leave it out`,
        {
          key: 'at',
        },
      );
    }
    if (!Array.isArray(at) || at.length < 1 || at.length > 2) {
      refuse(place, 'head', `at: expected [row, column], or [position] in a signal, got ${shown(at)}`, { key: 'at' });
    }
    for (const [axis, index] of at.entries()) check.integer(`at[${axis}]`, index, 0, maxSize);
  },
  flow(_layer, state, place) {
    requireImages(state, place, 'head', 'vectors need no head but dense()');
    return { ...state, space: 'vector', awaitsDense: true, fresh: false, dense: false };
  },
  rows(layer, _turn, out) {
    if (layer.read === 'pixel') add(out, ['pixel', ...pixelOf(layer)]);
    else add(out, [layer.read === 'pool' ? 'mean' : 'trace']);
  },
};

/** Row and column that a 'pixel' head reads. */
export function pixelOf({ at = [0] }: Head): [row: number, column: number] {
  return at.length === 1 ? [0, at[0] as number] : [at[0] as number, at[1] as number];
}

function requireImages({ space }: Flow, place: Place, what: string, remedy: string): void {
  if (space !== 'image') refuse(place, what, `takes images but gets vectors; ${remedy}`);
}

/** Refuses factors that networks on images cannot carry: one exponent holds for all pixels between two layers. */
export function requireImageFactor(key: string, factor: number, state: Flow, place: Place, what: string): void {
  const size = Math.abs(factor);
  if (!state.images || size === 0 || (size >= 1e-75 && size <= 1e75)) return;
  refuse(place, what, `${key}: expected a size from 1e-75 to 1e75 in networks on images, got ${shown(factor)}`, {
    key,
  });
}

/** ⌈(⌈(n − a)/s⌉ − b)/t⌉ = ⌈(n − a − s b)/(s t)⌉ for whole numbers: grids compose to one of the same form. [conv] */
function then(before: Grid, next: Grid): Grid {
  return { less: before.less + before.by * next.less, by: before.by * next.by };
}

/** The grid after so many turns, given that before the first and that after it. */
export function gridAfter(times: number, before: Grid, first: Grid): Grid {
  const by = first.by / before.by;
  const less = (first.less - before.less) / before.by;
  const all = by === 1 ? less * times : less === 0 ? 0 : (less * (by ** times - 1)) / (by - 1);
  return then(before, { less: all, by: by ** times });
}

/** Refuses branches that leave the images, or differ in the pixels that they keep. */
export function requireSameGrid(body: Flow, shortcut: Flow, state: Flow, place: Place): void {
  for (const [key, end] of Object.entries({ body, shortcut })) {
    if (end.space === state.space) continue;
    refuse(
      inside(place, key),
      'residual',
      'a branch that gets images must leave images; put the head and dense() behind the residual',
    );
  }
  if (body.grid.less === shortcut.grid.less && body.grid.by === shortcut.grid.by) return;
  refuse(
    place,
    'residual',
    `its branches must keep the same grid of pixels, but ${kept('the body', state.grid, body.grid)} and ` +
      `${kept('the shortcut', state.grid, shortcut.grid)}; give both the same strides, pooling and 'valid' filters, as ` +
      'in residual(body, { shortcut: conv(1, { stride: 2 }) })',
    { body: body.grid, shortcut: shortcut.grid },
  );
}

function kept(branch: string, before: Grid, { less, by }: Grid): string {
  const lost = (less - before.less) / before.by;
  const every = by / before.by;
  if (lost === 0 && every === 1) return `${branch} keeps all pixels`;
  const off = lost === 0 ? '' : ` loses ${lost} pixels of each axis at the border`;
  const left = every === 1 ? '' : ` keeps one pixel in ${every} of each axis`;
  return `${branch}${off}${off !== '' && left !== '' ? ' and' : ''}${left}`;
}
