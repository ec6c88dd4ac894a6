import { KernelError, unknownName } from '../errors.js';
import type { StoredArray } from './array.js';
import { readNpy } from './npy.js';
import { readZipDirectory, readZipEntry, type ZipEntry } from './zip.js';

/** Names under which people save their samples and their targets, in the order of preference. */
const sampleKeys = ['x', 'X', 'data', 'x_train', 'X_train', 'images', 'features'];
const targetKeys = ['y', 'Y', 'labels', 'label', 'target', 'targets', 'y_train', 'Y_train'];

export interface NpzKeys {
  readonly xKey?: string | undefined;
  readonly yKey?: string | undefined;
}

export interface NpzArrays {
  readonly x: StoredArray;
  readonly y?: StoredArray;
  readonly xKey: string;
  readonly yKey?: string;
}

/** A zip archive begins with its first entry, or with its directory if it has none. */
export function looksLikeZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/**
 * Samples and, if there are any, targets from an .npz file. Only these two arrays are decompressed.
 * Throws ERR_DATA for an archive that is not sound or has no array of a known name.
 */
export async function readNpz(bytes: Uint8Array, name: string, keys: NpzKeys, maxBytes: number): Promise<NpzArrays> {
  const arrays = new Map<string, ZipEntry>();
  for (const entry of readZipDirectory(bytes, name)) {
    if (entry.name.endsWith('.npy')) arrays.set(entry.name.slice(0, -'.npy'.length), entry);
  }
  if (arrays.size === 0) throw noArrays(name);
  const known = [...arrays.keys()];
  const only = known.length === 1 ? known : [];
  const xKey = chosen(keys.xKey, [...sampleKeys, ...only], known, name, 'xKey');
  if (xKey === undefined) {
    throw new KernelError(
      'ERR_DATA',
      `${name} has no array with a usual name for samples (${sampleKeys.join(', ')}); ` +
        `name one of its own (xKey): ${known.join(', ')}`,
      { file: name, arrays: known },
    );
  }
  const yKey = chosen(keys.yKey, targetKeys, known, name, 'yKey');
  const read = async (key: string) =>
    readNpy(await readZipEntry(bytes, name, arrays.get(key) as ZipEntry, maxBytes), `${name}[${key}]`);
  const x = await read(xKey);
  return yKey === undefined ? { x, xKey } : { x, xKey, y: await read(yKey), yKey };
}

function chosen(
  asked: string | undefined,
  usual: readonly string[],
  known: readonly string[],
  name: string,
  option: string,
): string | undefined {
  if (asked === undefined) return usual.find((key) => known.includes(key));
  if (known.includes(asked)) return asked;
  throw new KernelError('ERR_ARGUMENT', `${option}: ${unknownName(`array of ${name}`, asked, known)}`, { key: asked });
}

function noArrays(name: string): KernelError {
  return new KernelError(
    'ERR_DATA',
    `${name} is a zip archive without .npy arrays; expected an .npz file (a spreadsheet must be saved as CSV)`,
    { file: name },
  );
}
