/** The golden files as cases: a network in this package's terms, inputs, and the kernels that others computed. */

import { readFileSync } from 'node:fs';
import {
  type ActivationLayer,
  activation,
  type Bias,
  dense,
  type Layer,
  repeat,
  residual,
  serial,
} from '../../lib/layers.js';
import type { Network, PresetSpec } from '../../lib/presets.js';
import type { Matrix, TangentsCase } from './tangents.js';

export type { Matrix };

export interface KernelCase {
  readonly name: string;
  readonly family: string;
  readonly depth: number;
  readonly network: Network;
  readonly x: Matrix;
  /** The other side of a cross matrix; null where the case is the Gram matrix of x. */
  readonly z: Matrix | null;
  /** x.length rows of as many values as z (or x) has rows. */
  readonly expected: { readonly nngp: Matrix; readonly ntk: Matrix };
  /** Good to the last digit of a double; otherwise to about 1e-6 relative. */
  readonly exact: boolean;
}

/** A row of reference.json's `kernels`. */
export interface ReferenceRow {
  readonly family: string;
  readonly activation: string;
  readonly c?: number;
  readonly L: number;
  readonly alpha?: number;
  readonly c_res?: number;
  readonly beta2?: number;
  readonly bias_init?: 'zero' | 'normal';
  readonly sw2?: number;
  readonly in_scale: '1' | '1/d';
  readonly train: string;
  readonly pair: string;
  readonly gpk: string;
  readonly ntk: string;
}

interface ReferenceFile {
  readonly pairs: Readonly<Record<string, { readonly x: readonly number[]; readonly z: readonly number[] }>>;
  readonly kernels: readonly ReferenceRow[];
}

interface VectorParams {
  readonly L: number;
  readonly act: string;
  readonly w: number;
  readonly b: number | null;
  readonly w_out?: number;
  readonly v?: number;
  readonly alpha?: number;
  readonly ends?: 'trained' | 'head' | 'none';
}

interface TangentsFile {
  readonly data: Readonly<Record<string, Matrix>>;
  readonly cases: readonly TangentsCase<VectorParams>[];
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as T;
}

/** Every row of reference.json's kernels. */
export function* referenceKernelCases(): Generator<KernelCase & { readonly row: ReferenceRow }> {
  const file = load<ReferenceFile>('reference.json');
  for (const row of file.kernels) {
    const network = networkOf(row);
    const pair = file.pairs[row.pair];
    if (pair === undefined) throw new Error(`reference.json has no pair '${row.pair}'`);
    const { family, activation: phi, L, alpha, beta2, bias_init, pair: pairName } = row;
    const words = [family, phi, `L=${L}`, alpha === undefined ? '' : `alpha=${alpha}`, beta2 ? `${bias_init} bias ${beta2}` : '', pairName];
    yield {
      name: words.filter((word) => word !== '').join(' '),
      family,
      depth: L,
      network,
      x: [pair.x],
      z: [pair.z],
      expected: { nngp: [[Number(row.gpk)]], ntk: [[Number(row.ntk)]] },
      exact: true,
      row,
    };
  }
}

/** A pair of points with both kernels at (x, x), (x, z), (z, z), each mantissa · 2^exponent. */
export interface DepthCase {
  readonly name: string;
  readonly network: PresetSpec;
  readonly row: ReferenceRow;
  readonly x: readonly number[];
  readonly z: readonly number[];
  readonly expected: { readonly [Name in 'nngp' | 'ntk']: readonly (readonly [mantissa: number, exponent: number])[] };
}

/** Every row of depth.json. */
export function* depthCases(): Generator<DepthCase> {
  const file = load<{
    readonly pairs: ReferenceFile['pairs'];
    readonly kernels: readonly (ReferenceRow & Record<'nngp' | 'ntk', readonly (readonly [string, number])[]>)[];
  }>('depth.json');
  for (const row of file.kernels) {
    const { family, activation: phi, L, alpha, sw2, beta2, bias_init, pair } = row;
    const { x, z } = file.pairs[pair] as { readonly x: readonly number[]; readonly z: readonly number[] };
    const words = [alpha && `alpha=${alpha}`, sw2 && `sw2=${sw2}`, beta2 && `${bias_init} bias ${beta2}`];
    yield {
      name: [family, phi, `L=${L}`, ...words.filter(Boolean), pair].join(' '),
      network: networkOf(row) as PresetSpec,
      row,
      x,
      z,
      expected: {
        nngp: row.nngp.map(([mantissa, exponent]) => [Number(mantissa), exponent]),
        ntk: row.ntk.map(([mantissa, exponent]) => [Number(mantissa), exponent]),
      },
    };
  }
}

export interface DualCase {
  readonly name: string;
  readonly phi: ActivationLayer;
  readonly qx: number;
  readonly qz: number;
  readonly k: number;
  /** E φ(u)φ(v) and E φ′(u)φ′(v). */
  readonly value: number;
  readonly slope: number;
}

/** The rows of reference.json's `duals` whose activation is in the catalogue. */
export function referenceDuals(): DualCase[] {
  const { duals } = load<{
    readonly duals: readonly {
      readonly activation: string;
      readonly q_x: number;
      readonly q_z: number;
      readonly k: number;
      readonly E_phi_phi: string;
      readonly E_dphi_dphi: string;
    }[];
  }>('reference.json');
  return duals.flatMap(({ activation: name, q_x: qx, q_z: qz, k, E_phi_phi, E_dphi_dphi }) => {
    const [, base, c] = /^(.*?)(?:_c(\d))?$/.exec(name) as unknown as [string, string, string | undefined];
    const phi = activationOf(base, Math.sqrt(Number(c ?? 1)));
    if (phi === null) return [];
    return [{ name: `${name} ${qx} ${qz} ${k}`, phi, qx, qz, k, value: Number(E_phi_phi), slope: Number(E_dphi_dphi) }];
  });
}

export type ZonalFamily = 'mlp' | 'res2_tirer' | 'res2_huang_belfer';

interface ZonalNetwork {
  readonly family: ZonalFamily;
  readonly depth: number;
  readonly alpha: number | null;
}

/** reference.json's normalised NTKs on the circle: values, and slopes at equal and opposite inputs. */
export function referenceSlopes(): {
  readonly curves: readonly (ZonalNetwork & { readonly theta: number;
    readonly kappa: number;
    readonly slope: number;
    readonly curvature: number;
  })[];
  readonly cusps: readonly (ZonalNetwork & {
    readonly cusp: number;
    readonly antipodal: number;
    readonly antipodalTolerance: number;
  })[];
} {
  type Row = { readonly family: ZonalFamily; readonly L: number; readonly alpha: number | null };
  const file = load<{
    readonly zonal_derivatives: readonly (Row & {
      readonly theta: string;
      readonly kappa: string;
      readonly dkappa_dtheta: string;
      readonly d2kappa_dtheta2: string;
    })[];
    readonly cusp: readonly (Row & { readonly s0_exact: number; readonly e_pi: number; readonly e_pi_tol: number })[];
  }>('reference.json');
  return {
    curves: file.zonal_derivatives.map(({ family, L, alpha, theta, kappa, dkappa_dtheta, d2kappa_dtheta2 }) => ({
      family,
      depth: L,
      alpha,
      theta: Number(theta),
      kappa: Number(kappa),
      slope: Number(dkappa_dtheta),
      curvature: Number(d2kappa_dtheta2),
    })),
    cusps: file.cusp.map(({ family, L, alpha, s0_exact, e_pi, e_pi_tol }) => ({
      family,
      depth: L,
      alpha,
      cusp: s0_exact,
      antipodal: e_pi,
      antipodalTolerance: e_pi_tol,
    })),
  };
}

/** The network of a row of reference.json. */
export function networkOf(row: ReferenceRow): PresetSpec {
  const phi = activationOf(row.activation, Math.sqrt(row.c ?? 1));
  if (phi === null) throw new Error(`reference.json: activation '${row.activation}' is not in the catalogue`);
  const bias: Bias | null = row.beta2 ? { var: row.beta2, init: row.bias_init ?? 'zero', trainable: true } : null;
  const common = { depth: row.L, activation: phi, bias, inputScale: row.in_scale };
  switch (row.family) {
    case 'mlp':
      return { preset: 'mlp', ...common, weightVar: row.sw2 ?? 1 };
    case 'mlp_huang_ffnet':
      return { preset: 'mlp', ...common, convention: 'huang' };
    case 'mlp_tirer':
      return { preset: 'mlp', ...common, convention: 'tirer' };
    case 'res2_huang_belfer':
      return { preset: 'huang', ...common, alpha: row.alpha as number };
    case 'res2':
    case 'res2_tirer':
      return { preset: 'tirer', ...common, alpha: row.alpha as number };
    case 'res1_li':
      return { preset: 'li', ...common, residualScale: row.c_res as number };
    default:
      throw new Error(`reference.json: unknown family '${row.family}'`);
  }
}

/** Every Gram and cross matrix of neural_tangents.json whose network the package can describe. */
export function* neuralTangentsCases(): Generator<KernelCase> {
  const file = load<TangentsFile>('neural_tangents.json');
  for (const [index, entry] of file.cases.entries()) {
    const network = tangentsNetwork(entry);
    if (network === null) continue;
    const { L, act, ...rest } = entry.params;
    const words = Object.entries(rest).map(([key, value]) => `${key}=${value}`);
    const common = { family: entry.arch, depth: L, network };
    const name = `case ${index}: ${entry.arch} ${act} L=${L} ${words.join(' ')}`;
    const x = file.data[entry.data] as Matrix;
    yield {
      name: `${name}, Gram of ${entry.data}`,
      ...common,
      x,
      z: null,
      expected: { nngp: entry.nngp_exact ?? entry.nngp, ntk: entry.ntk_exact ?? entry.ntk },
      exact: entry.nngp_exact !== undefined && entry.ntk_exact !== undefined,
    };
    if (entry.nngp_cross === undefined || entry.ntk_cross === undefined) continue;
    yield {
      name: `${name}, cross of ${entry.data} and Z`,
      ...common,
      x,
      z: file.data.Z as Matrix,
      expected: {
        nngp: entry.nngp_cross_exact ?? entry.nngp_cross,
        ntk: entry.ntk_cross_exact ?? entry.ntk_cross,
      },
      exact: entry.nngp_cross_exact !== undefined && entry.ntk_cross_exact !== undefined,
    };
  }
}

/** See the file's own `conventions`: standard deviations become variances; α multiplies V but not its bias. */
export function tangentsNetwork({ arch, params }: TangentsCase<VectorParams>): Layer | null {
  const { L, act, w, b } = params;
  const phi = activationOf(act, 1);
  if (phi === null || (arch !== 'mlp' && arch !== 'resnet')) return null;
  const bias: Bias | null = b === null ? null : { var: b * b, init: 'normal', trainable: true };
  if (arch === 'mlp') {
    const hidden = { weightVar: w * w, bias };
    const more = L > 1 ? [repeat(L - 1, serial(dense(hidden), phi))] : [];
    const wOut = params.w_out as number;
    return serial(dense({ ...hidden, inputScale: '1/d' }), phi, ...more, dense({ weightVar: wOut * wOut, bias }));
  }
  const v = (params.alpha as number) * (params.v as number);
  const body = serial(dense({ weightVar: w * w, bias }), phi, dense({ weightVar: v * v, bias }));
  return serial(
    dense({ inputScale: '1/d', bias, trainable: params.ends === 'trained' }),
    repeat(L, residual(body)),
    dense({ bias, trainable: params.ends !== 'none' }),
  );
}

/** The catalogue's activation for another program's name; null where there is none. */
function activationOf(name: string, scale: number): ActivationLayer | null {
  const named = { sin: 'sine', elu1: 'elu' }[name] ?? name;
  const plain = (['relu', 'erf', 'gelu', 'abs', 'sine', 'elu', 'tanh', 'softplus'] as const).find((one) => one === named);
  if (plain !== undefined) return activation(plain, { scale });
  const leaky = /^leaky([\d.]+)$/.exec(name);
  if (leaky !== null) return activation('leakyRelu', { slope: Number(leaky[1]), scale });
  // a · min(u, 0) + b · max(u, 0) is b times the leaky ReLU of slope a/b.
  const abrelu = /^abrelu\(([-\d.]+),([-\d.]+)\)$/.exec(name);
  if (abrelu === null) return null;
  const [a, b] = [Number(abrelu[1]), Number(abrelu[2])];
  return activation('leakyRelu', { slope: a / b, scale: b * scale });
}
