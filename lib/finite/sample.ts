/** Draws networks of finite width. lib/sync.ts has the same on the calling thread. */

import { background, job, jobConstraints, type Steps, type Task, threadsOf } from '../jobs.js';
import { type NativeMatrix, native } from '../native.js';
import { integer, readOptions } from '../options.js';
import type { Network } from '../presets.js';
import { emptyWeights, frameConstraints, frameOf, readNetwork, required } from './frame.js';
import type { Frame } from './held.js';
import { finiteNetwork } from './network.js';
import type { FiniteNetwork, SampleOptions } from './types.js';

const sampleConstraints = { ...jobConstraints, ...frameConstraints, seed: integer(0, Number.MAX_SAFE_INTEGER) };

/**
 * A network of finite width with weights drawn from a seed, of any description that compiles to a kernel. Rejects with
 * ERR_NETWORK and the layer's path for one that does not, ERR_SHAPE for images that do not fit it, and ERR_OUT_OF_MEMORY
 * (needed, available) where the weights would not fit.
 */
export function sample(network: Network, options: SampleOptions): Promise<FiniteNetwork> {
  return background(sample, () => sampleTask(network, options));
}

export function sampleTask(network: Network, options: SampleOptions): Task<FiniteNetwork> {
  const layer = readNetwork(network);
  const settings = readOptions('options', options, sampleConstraints);
  const { seed = 0, outputs = 1 } = settings;
  const width = required('width', sampleConstraints.width, settings.width);
  const preset = 'preset' in network ? network.preset : undefined;
  const frame = frameOf(layer, required('shape', sampleConstraints.shape, settings.shape), width, outputs, preset);
  const threads = threadsOf(settings);
  return {
    settings,
    steps: (function* () {
      return finiteNetwork(frame, yield* drawn(frame, seed, threads), seed);
    })(),
  };
}

/** The weights of a seed. */
export function* drawn(frame: Frame, seed: number, threads: number, again?: NativeMatrix): Steps<NativeMatrix> {
  let made = again;
  try {
    yield* job('sample', () => {
      made ??= emptyWeights(frame);
      return native().finiteSample(frame.native, seed, made, threads);
    });
    return made as NativeMatrix;
  } catch (error) {
    if (again === undefined) made?.dispose();
    throw error;
  }
}
