/** Convolutional networks of the literature, as presets.ts has those on vectors. [ResCNTK] */

import {
  type Bias,
  conv,
  dense,
  type Head,
  head as headLayer,
  type InputScale,
  type Nonlinearity,
  repeat,
  residual,
  serial,
} from './layers.js';
import { checks, refuse, root } from './place.js';
import { type ActivationChoice, type Alpha, alphaAt, biasWhere, type Parts } from './preset-options.js';

interface ImageOptions {
  /** What the last layer sees: one pixel, all of them ('trace'), or their mean ('pool'). */
  readonly head: Head['read'];
  /** The pixel of a 'pixel' head, [row, column] or [position]; default the first. */
  readonly at?: readonly number[];
  /** Default 'circular', as in the theory; 'same' puts zeros around the image. */
  readonly padding?: 'circular' | 'same';
  /** A name means the scale that keeps every variance (ReLU: c = 2), where there is one; a layer exactly itself. */
  readonly activation?: ActivationChoice;
  /** A bias in every layer, shared by all pixels. A frozen layer is frozen with it, as in the presets for vectors. */
  readonly bias?: Bias | null;
  /** Default '1/d': inner products of pixels are divided by the number of channels. */
  readonly inputScale?: InputScale;
}

export interface BarzilaiFamily extends ImageOptions {
  readonly alpha: Alpha;
  /** Size of the filters W before φ; default 1. */
  readonly innerSize?: number;
  /** Size of the filters V after φ; default 3. */
  readonly outerSize?: number;
  /** Do the first layer and the head stay as they were drawn? Default false. */
  readonly frozenEnds?: boolean;
}

export interface CntkFamily extends ImageOptions {
  /** Size of all filters; default 3. */
  readonly size?: number;
  /** Variance of the weights of every layer; default 1. */
  readonly weightVar?: number;
}

/** A preset for images. */
export type ImageFamily =
  | ({ readonly preset: 'barzilai' } & BarzilaiFamily)
  | ({ readonly preset: 'cntk' } & CntkFamily);

const imageKeys = ['preset', 'depth', 'head', 'at', 'padding', 'activation', 'bias', 'inputScale'];

/** The keys of each preset for images. */
export const imagePresetKeys: Readonly<Record<ImageFamily['preset'], readonly string[]>> = {
  barzilai: [...imageKeys, 'alpha', 'innerSize', 'outerSize', 'frozenEnds'],
  cntk: [...imageKeys, 'size', 'weightVar'],
};

/** Takes a preset apart, as `parts` does for vectors. */
export function imageParts(spec: ImageFamily, phi: Nonlinearity, deepest: number): Parts {
  const { inputScale = '1/d', padding = 'circular', bias = null } = spec;
  const weightVar = spec.preset === 'cntk' ? (spec.weightVar ?? 1) : 1;
  const trainsEnds = spec.preset === 'cntk' || spec.frozenEnds !== true;
  const reading = headLayer(spec.head, spec.at);
  const head = () => [reading, dense({ weightVar, trainable: trainsEnds, bias: biasWhere(trainsEnds, bias) })];

  if (spec.preset === 'cntk') {
    const layer = conv(spec.size ?? 3, { padding, weightVar, bias });
    return {
      inputScale,
      trunk(from, to) {
        const first = (from ?? 0) === 0 ? [{ ...layer, inputScale }, phi] : [];
        const more = to - Math.max(from ?? 0, 1);
        return more === 0 ? first : [...first, repeat(more, serial(layer, phi))];
      },
      head,
    };
  }
  const alpha = alphaAt(spec.alpha, deepest);
  const { innerSize = 1, outerSize = 3 } = spec;
  const body = serial(conv(innerSize, { padding, bias }), phi, conv(outerSize, { padding, bias }));
  return {
    inputScale,
    trunk(from, to) {
      const entry = conv(1, { inputScale, trainable: trainsEnds, bias: biasWhere(trainsEnds, bias) });
      const first = from === null ? [entry] : [];
      const done = from ?? 0;
      if (to === done) return first;
      const bodyScale = typeof alpha === 'number' ? alpha : alpha.slice(done, to);
      return [...first, repeat(to - done, residual(body, { bodyScale }))];
    },
    head,
  };
}

/** Refuses values out of range of the options that only presets for images have. */
export function checkImageOptions(value: Readonly<Record<string, unknown>>, name: string): void {
  const at = root();
  const check = checks(at, name);
  check.word('head', value.head, ['pixel', 'trace', 'pool']);
  headLayer(value.head as Head['read'], value.at as readonly number[] | undefined);
  if (value.padding !== undefined) check.word('padding', value.padding, ['circular', 'same']);
  if (value.frozenEnds !== undefined) check.flag('frozenEnds', value.frozenEnds);
  for (const key of ['innerSize', 'outerSize', 'size']) {
    const size = value[key];
    if (size === undefined) continue;
    check.integer(key, size, 1, 9999);
    if ((size as number) % 2 === 0) {
      refuse(at, name, `${key}: expected an odd number, so that the filter has a middle, got ${size}`, { key });
    }
  }
}
