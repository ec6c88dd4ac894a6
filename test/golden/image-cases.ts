/** The convolutional rows of the golden files as cases. All of them can be described; none is left out. */

import { readFileSync } from 'node:fs';
import { activation, type Bias, conv, dense, head, type Layer, repeat, residual, serial } from '../../lib/layers.js';
import type { Network } from '../../lib/presets.js';
import type { Tensor } from '../../lib/tensor.js';
import type { Matrix, TangentsCase } from './tangents.js';

export interface ImageCase {
  readonly name: string;
  readonly family: string;
  readonly depth: number;
  readonly network: Network;
  /** [n, length, channels] or [n, height, width, channels]. */
  readonly x: Tensor;
  /** The other side of a cross matrix; null where the case is the Gram matrix of x. */
  readonly z: Tensor | null;
  readonly expected: { readonly nngp: Matrix; readonly ntk: Matrix };
  /** Good to the last digit of a double; otherwise to about 1e-6 relative. */
  readonly exact: boolean;
}

const readings = { eq: 'pixel', tr: 'trace', gap: 'pool' } as const;

interface ConvRow {
  readonly family: 'rescntk' | 'cntk';
  readonly dims: readonly number[];
  readonly X: Matrix;
  readonly Z: Matrix;
  readonly pad: 'circular' | 'zero';
  readonly q: number;
  readonly q_W?: number;
  readonly q_V?: number;
  readonly L: number;
  readonly alpha?: number;
  readonly c_w?: number;
  readonly c_v?: number;
  readonly c?: number;
  readonly train: string;
  readonly gpk: Readonly<Record<keyof typeof readings, string>>;
  readonly ntk: Readonly<Record<keyof typeof readings, string>>;
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as T;
}

/** Every row of reference.json's `conv`, once for each of its three heads. */
export function* referenceConvCases(): Generator<ImageCase> {
  const { conv: rows } = load<{ readonly conv: readonly ConvRow[] }>('reference.json');
  for (const [at, row] of rows.entries()) {
    for (const key of ['eq', 'tr', 'gap'] as const) {
      yield {
        name: `row ${at}: ${row.family} ${row.dims.join('×')} ${row.pad} L=${row.L} ${key}, trained: ${row.train}`,
        family: row.family,
        depth: row.L,
        network: convNetwork(row, readings[key]),
        x: channelsLast(row.X, row.dims),
        z: channelsLast(row.Z, row.dims),
        expected: { nngp: [[Number(row.gpk[key])]], ntk: [[Number(row.ntk[key])]] },
        exact: true,
      };
    }
  }
}

/** As presets; the constants that presets do not offer must be theirs. */
function convNetwork(row: ConvRow, reading: 'pixel' | 'trace' | 'pool'): Network {
  const padding = row.pad === 'zero' ? 'same' : 'circular';
  const common = { depth: row.L, head: reading, padding } as const;
  if (row.family === 'cntk') {
    if (row.c !== 2 || row.train !== 'convs,head') throw new Error('reference.json: another cntk than the preset');
    return { preset: 'cntk', ...common, size: row.q };
  }
  if (row.c_w !== 1 || row.c_v !== 2) throw new Error('reference.json: another rescntk than the preset');
  if (row.train !== 'W,V' && row.train !== 'V0,W,V,head') throw new Error(`reference.json: trains ${row.train}`);
  return {
    preset: 'barzilai',
    ...common,
    alpha: row.alpha as number,
    innerSize: row.q_W as number,
    outerSize: row.q_V as number,
    frozenEnds: row.train === 'W,V',
  };
}

/** One image from its channels. */
function channelsLast(channels: Matrix, dims: readonly number[]): Tensor {
  const pixels = dims.reduce((product, n) => product * n, 1);
  const data = Float64Array.from(
    { length: pixels * channels.length },
    (_, i) => channels[i % channels.length]?.[Math.floor(i / channels.length)] as number,
  );
  return { data, shape: [1, ...dims, channels.length] };
}

interface ImageParams {
  readonly L: number;
  readonly act: 'relu' | 'erf' | 'gelu' | 'leaky0.1';
  readonly k: number;
  readonly pad: 'CIRCULAR' | 'SAME';
  readonly w: number;
  readonly v?: number;
  readonly alpha?: number;
  readonly b: number | null;
  readonly head: 'gap' | 'flatten' | 'pixel00';
  readonly final_act?: boolean;
}

/** Every Gram and cross matrix of the image architectures of neural_tangents.json. */
export function* neuralTangentsImageCases(): Generator<ImageCase> {
  const file = load<{
    readonly data: Readonly<Record<string, readonly (readonly Matrix[])[]>>;
    readonly cases: readonly TangentsCase<ImageParams>[];
  }>('neural_tangents.json');
  const images = (name: string): Tensor => {
    const all = file.data[name] as unknown as readonly (readonly (readonly (readonly number[])[])[])[];
    const [first] = all;
    const shape = [all.length, first?.length as number, first?.[0]?.length as number, first?.[0]?.[0]?.length as number];
    return { data: Float64Array.from(all.flat(3)), shape };
  };
  for (const [index, entry] of file.cases.entries()) {
    if (entry.arch !== 'convresnet' && entry.arch !== 'convmlp') continue;
    const { L, act, ...rest } = entry.params;
    const words = Object.entries(rest).map(([key, value]) => `${key}=${value}`);
    const common = { family: entry.arch, depth: L, network: tangentsNetwork(entry), x: images(entry.data) };
    const name = `case ${index}: ${entry.arch} ${act} L=${L} ${words.join(' ')}`;
    yield {
      name,
      ...common,
      z: null,
      expected: { nngp: entry.nngp_exact ?? entry.nngp, ntk: entry.ntk_exact ?? entry.ntk },
      exact: entry.nngp_exact !== undefined && entry.ntk_exact !== undefined,
    };
    if (entry.nngp_cross === undefined || entry.ntk_cross === undefined) continue;
    yield {
      name: `${name}, cross`,
      ...common,
      z: images(entry.cross as string),
      expected: { nngp: entry.nngp_cross_exact ?? entry.nngp_cross, ntk: entry.ntk_cross_exact ?? entry.ntk_cross },
      exact: entry.nngp_cross_exact !== undefined && entry.ntk_cross_exact !== undefined,
    };
  }
}

/** See the file's own `conventions`: standard deviations become variances; α multiplies V but not its bias. */
function tangentsNetwork({ arch, params }: TangentsCase<ImageParams>): Layer {
  const { L, act, k, pad, w, b } = params;
  const phi = act === 'leaky0.1' ? activation('leakyRelu', { slope: 0.1 }) : activation(act);
  const bias: Bias | null = b === null ? null : { var: b * b, init: 'normal', trainable: true };
  const padding = pad === 'SAME' ? 'same' : 'circular';
  const reading = ({ gap: 'pool', flatten: 'trace', pixel00: 'pixel' } as const)[params.head];
  const last = [...(params.final_act ? [phi] : []), head(reading), dense({ bias })];
  const hidden = { padding, weightVar: w * w, bias } as const;
  if (arch === 'convmlp') {
    const more = L > 1 ? [repeat(L - 1, serial(conv(k, hidden), phi))] : [];
    return serial(conv(k, { ...hidden, inputScale: '1/d' }), phi, ...more, ...last);
  }
  const v = (params.alpha as number) * (params.v as number);
  const body = serial(conv(k, hidden), phi, conv(k, { padding, weightVar: v * v, bias }));
  return serial(conv(1, { inputScale: '1/d', bias }), repeat(L, residual(body)), ...last);
}
