/** The predictions of neural_tangents.json: its networks while they train, and Gaussian process inference. */

import { readFileSync } from 'node:fs';
import type { Layer } from '../../lib/layers.js';
import { tangentsNetwork } from './cases.js';
import type { Matrix } from './tangents.js';

interface Spec {
  readonly net: string;
  readonly params: Parameters<typeof tangentsNetwork>[0]['params'];
}

interface RunRow extends Spec {
  readonly learning_rate: number;
  readonly diag_reg: number;
  readonly diag_reg_absolute_scale: boolean;
  /** null for the limit. */
  readonly t: number | null;
  readonly ensemble: Readonly<Record<'nngp_mean' | 'nngp_cov' | 'ntk_mean' | 'ntk_cov' | 'train_nngp_mean' | 'train_ntk_mean', Matrix>>;
  readonly mse: Readonly<Record<'f_train_given_f0' | 'f_test_given_f0' | 'f_train_zero_init' | 'f_test_zero_init', Matrix>>;
}

interface LimitRow {
  readonly net: string;
  readonly max_learning_rate: number;
  readonly y_train_size: number;
  readonly momentum: number;
}

interface InferenceRow {
  readonly diag_reg: number;
  readonly nngp_mean: Matrix;
  readonly nngp_cov: Matrix;
  readonly ntk_mean: Matrix;
  readonly ntk_cov: Matrix;
}

interface File {
  readonly data: Readonly<Record<'X' | 'Z' | 'Y' | 'f0_train' | 'f0_test', Matrix>>;
  readonly predictions: {
    readonly runs: readonly (RunRow | LimitRow)[];
    readonly gp_inference: readonly InferenceRow[];
  };
}

const file = JSON.parse(readFileSync(new URL('neural_tangents.json', import.meta.url), 'utf8')) as File;

export const predictionData = file.data;

export function trainingRuns(): readonly RunRow[] {
  return file.predictions.runs.filter((row): row is RunRow => 't' in row);
}

export function learningRateLimits(): readonly LimitRow[] {
  return file.predictions.runs.filter((row): row is LimitRow => 'max_learning_rate' in row);
}

/** Of the network 'mlp'. */
export function inferences(): readonly InferenceRow[] {
  return file.predictions.gp_inference;
}

/** The networks of the runs by name. */
export function predictionNetworks(): ReadonlyMap<string, Layer> {
  const networks = new Map<string, Layer>();
  for (const { net, params } of trainingRuns()) {
    if (networks.has(net)) continue;
    const layer = tangentsNetwork({ arch: net, params, data: 'X', nngp: [], ntk: [] });
    if (layer === null) throw new Error(`neural_tangents.json: no network for '${net}'`);
    networks.set(net, layer);
  }
  return networks;
}
