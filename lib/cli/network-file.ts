import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { reasonOf } from '../data/files.js';
import { KernelError } from '../errors.js';
import { parseNetworkText } from '../parse-network.js';
import type { Network, PresetFamily } from '../presets.js';
import type { Session } from './session.js';

/** Networks are descriptions, not data; a larger file is a mistake. */
const maxBytes = 16 * 2 ** 20;

/** What --network and --depths ask for: one network as it is, or one preset at several depths. */
export type NetworkRequest =
  | { readonly network: Network; readonly depths: null }
  | { readonly network: PresetFamily; readonly depths: readonly number[] };

/** Reads --network (a file, '-' for stdin, or the JSON itself) together with --depths. */
export async function readNetworkRequest(
  session: Session,
  source: string,
  depths: readonly number[] | undefined,
): Promise<NetworkRequest> {
  if (depths === undefined) return { network: await readNetwork(session, source), depths: null };
  const { name, network } = await parsed(session, source, 'open');
  if ('kind' in network) {
    throw new KernelError('ERR_ARGUMENT', `--depths: expected a preset ({"preset": …}), but ${name} gives its layers`, {
      option: '--depths',
    });
  }
  return { network, depths: depths.toSorted((a, b) => a - b) };
}

/** Reads --network where it is one network as it is: layers, or a preset with its depth. */
export async function readNetwork(session: Session, source: string): Promise<Network> {
  return (await parsed(session, source, 'given')).network as Network;
}

async function parsed(session: Session, source: string, depth: 'given' | 'open') {
  const { name, text } = await readText(session, source);
  try {
    return { name, network: parseNetworkText(text, { depth }) };
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    throw new KernelError(error.code, `${name}: ${error.message}`, error.details, { cause: error });
  }
}

/** Whether --network holds the JSON itself, not where it is. */
export function isJson(source: string): boolean {
  return /^\s*[{[]/.test(source);
}

async function readText(session: Session, source: string): Promise<{ readonly name: string; readonly text: string }> {
  if (isJson(source)) return { name: '--network', text: source };
  if (source === '-') return { name: 'stdin', text: await readStream(session.stdin) };
  return { name: basename(source), text: await readFile(source) };
}

async function readFile(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const status = await file.stat();
      if (status.isDirectory()) throw new Error('it is a folder');
      return await readStream(file.createReadStream({ autoClose: false }));
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof KernelError) throw cause;
    throw new KernelError('ERR_IO', `cannot read the network '${path}': ${reasonOf(cause)}`, { path }, { cause });
  }
}

async function readStream(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > maxBytes) {
      throw new KernelError('ERR_NETWORK', `the network: expected JSON of at most ${maxBytes / 2 ** 20} MiB, got more`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
