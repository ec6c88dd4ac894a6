/** Networks of finite width from files. */

import { type JobOptions, jobConstraints } from '../jobs.js';
import { numbersIn, type OpenFile, withFile } from '../model-file/bytes.js';
import { damaged, networkFormat } from '../model-file/layout.js';
import { Filler } from '../model-file/numbers.js';
import { readOptions, unexpected } from '../options.js';
import { parseNetwork } from '../parse-network.js';
import { isRecord } from '../place.js';
import { network as networkOf } from '../presets.js';
import { emptyWeights, frameConstraints, frameOf } from './frame.js';
import type { Frame } from './held.js';
import { finiteNetwork } from './network.js';
import type { FiniteNetwork } from './types.js';
import { tensorName } from './write.js';

/**
 * Reads a network that `save` of a sampled network wrote, with the same weights to the last bit. Refuses (ERR_DATA) other files,
 * files of a later version, and files that were cut short or changed.
 */
export async function loadNetwork(path: string, options?: Pick<JobOptions, 'signal'>): Promise<FiniteNetwork> {
  if (typeof path !== 'string' || path === '') throw unexpected('path', 'the name of a file', path);
  const { signal } = readOptions('options', options, { signal: jobConstraints.signal });
  signal?.throwIfAborted();
  return withFile(path, networkFormat, (file) => assembled(file, signal));
}

async function assembled(opened: OpenFile, signal: AbortSignal | undefined): Promise<FiniteNetwork> {
  const { file, name, layout } = opened;
  const { model, tensors } = layout;
  const refuse = (why: string): never => {
    throw damaged(name, why, networkFormat);
  };
  const frame = frameIn(model, refuse);
  const places = frame.layout.blocks.map(({ kind, rows, columns }, i) => {
    const key = tensorName(i, kind);
    const place = tensors.get(key) ?? refuse(`it has no ${key}`);
    const shape = kind === 'bias' ? [rows] : [rows, columns];
    if (place.shape.length !== shape.length || place.shape.some((size, k) => size !== shape[k])) {
      refuse(`its ${key} has another shape than its network`);
    }
    return place;
  });
  if (places.length !== tensors.size) refuse('it has tensors that are none of its network');
  // Tensors follow each other in the order of the header; that of the blocks must be the same.
  const from = places[0]?.from ?? 0;
  for (const [i, place] of places.entries()) {
    if (place.from !== from + 8 * (frame.layout.blocks[i]?.offset ?? 0)) refuse('its tensors are in another order');
  }
  const { seed } = model;
  if (seed !== null && !(Number.isSafeInteger(seed) && (seed as number) >= 0)) refuse('its seed is no seed');
  const weights = emptyWeights(frame);
  try {
    const filler = new Filler({ matrix: weights, triangle: false, shape: [frame.layout.parameters] });
    const place = { from, bytes: 8 * frame.layout.parameters };
    const stretch = { file, name, what: 'weights', place, checksum: model.checksum, signal, format: networkFormat };
    for await (const slice of numbersIn(stretch)) {
      if (!filler.take(slice)) refuse('it has a weight that is not finite');
    }
    return finiteNetwork(frame, weights, seed as number | null);
  } catch (error) {
    weights.dispose();
    throw error;
  }
}

function frameIn(model: Readonly<Record<string, unknown>>, refuse: (why: string) => never): Frame {
  const { network, width, outputs, shape } = model;
  const fits = (key: keyof typeof frameConstraints, value: unknown): boolean => frameConstraints[key].accepts(value);
  if (!isRecord(network)) return refuse('it has no network');
  if (!fits('width', width) || !fits('outputs', outputs) || !fits('shape', shape)) {
    return refuse('its sizes are none');
  }
  const layer = networkOf(parseNetwork(network) as Parameters<typeof networkOf>[0]);
  return frameOf(layer, shape as readonly number[], width as number, outputs as number);
}
