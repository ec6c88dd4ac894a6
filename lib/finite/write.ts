/** A network of finite width as a file. docs/model-format.md says what is in it. */

import { writeFileAtomic } from '../data/atomic-write.js';
import { info } from '../info.js';
import { jobConstraints } from '../jobs.js';
import { headOf, networkFormat, requireLittleEndian } from '../model-file/layout.js';
import { checksumOf, type Part, slicesOf } from '../model-file/numbers.js';
import type { NativeMatrix } from '../native.js';
import { flag, readOptions, unexpected } from '../options.js';
import { ownedCall } from '../regression/owner.js';
import { heldOf, requireAlive } from './held.js';
import type { FiniteNetwork, SaveNetworkOptions } from './types.js';

/** The name of a block's tensor: its number, so that the turns of a repeat differ. */
export const tensorName = (index: number, kind: string): string => `${index}.${kind}`;

export async function writeNetwork(network: FiniteNetwork, path: string, options?: SaveNetworkOptions): Promise<void> {
  const held = heldOf(network);
  await ownedCall(
    () => requireAlive(held),
    () => written(network, held.weights, path, options),
  );
}

async function written(
  network: FiniteNetwork,
  weights: NativeMatrix,
  path: string,
  options: SaveNetworkOptions | undefined,
): Promise<void> {
  if (typeof path !== 'string' || path === '') throw unexpected('path', 'the name of a file', path);
  requireLittleEndian();
  const { signal, force = false } = readOptions('options', options, { signal: jobConstraints.signal, force: flag });
  const part: Part = { shape: [network.parameters], matrix: weights, triangle: false };
  const record = {
    writtenBy: `resgram ${info().version}`,
    network: network.network,
    width: network.width,
    outputs: network.outputs,
    shape: network.shape,
    seed: network.seed,
    checksum: await checksumOf(part, signal),
  };
  const shapes = network.blocks.map(({ kind, shape }, i) => [tensorName(i, kind), shape] as const);
  const head = headOf(record, new Map(shapes), networkFormat);
  const content = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    yield* slicesOf(part, signal);
  };
  await writeFileAtomic(path, content(), { force, ...(signal === undefined ? {} : { signal }) });
}
