import { extname } from 'node:path';
import { type Content, requireFile, writeFileAtomic } from '../data/atomic-write.js';
import { KernelError } from '../errors.js';
import type { Session } from './session.js';

/** A single file of results, whose format its ending names. */
export interface OutputFile<Ending extends string> {
  readonly ending: Ending;
  readonly write: (content: Content) => Promise<void>;
}

/** Checks --out before the work begins: a known ending, and no file of that name unless --force is given. */
export async function prepareOutputFile<Ending extends string>(
  session: Session,
  { out, force = false }: { readonly out?: string; readonly force?: boolean },
  endings: readonly Ending[],
): Promise<OutputFile<Ending> | undefined> {
  if (out === undefined) return undefined;
  const ending = endings.find((known) => known === extname(out).toLowerCase());
  if (ending === undefined) {
    throw new KernelError('ERR_ARGUMENT', `--out: expected a file that ends in ${endings.join(' or ')}, got '${out}'`, {
      option: '--out',
      value: out,
    });
  }
  await requireFile(out, force);
  return { ending, write: (content) => writeFileAtomic(out, content, { force, signal: session.signal }) };
}
