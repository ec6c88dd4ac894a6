import type { Points } from '../data/load-points.js';
import type { JobOptions, Progress } from '../jobs.js';
import { remediesInCommandWords } from './command-words.js';
import type { CommonOptions } from './options.js';
import { printable, printableLine } from './printable.js';
import { createProgress, type ProgressStream, progressStyle } from './progress.js';

/** Everything a command sees of the world outside its arguments. */
export interface Session {
  /** The arguments as they were given, without node and the script. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Aborted when the process is told to stop. */
  readonly signal: AbortSignal;
  readonly stdout: ProgressStream;
  readonly stderr: ProgressStream;
  readonly stdin: AsyncIterable<Uint8Array>;
}

/** Runs work with a progress display on stderr, which is gone when the work is done or has failed. */
export async function withProgress<R>(
  session: Session,
  options: CommonOptions,
  work: (onProgress: (progress: Progress) => void) => Promise<R>,
): Promise<R> {
  const display = createProgress(session.stderr, progressStyle(session.stderr, isQuiet(options), session.env));
  try {
    return await work(display.update);
  } finally {
    display.close();
  }
}

/** What every long verb of the library takes. */
export function jobOptions(
  session: Session,
  options: CommonOptions,
  onProgress: (progress: Progress) => void,
): JobOptions {
  return { signal: session.signal, onProgress, ...(options.threads === undefined ? {} : { threads: options.threads }) };
}

/** The result of a command: a document for programs with --json, else a text for people. */
export function printResult(session: Session, options: CommonOptions, document: unknown, text: string): void {
  session.stdout.write(options.json === true ? `${JSON.stringify(document, null, 2)}\n` : printable(text));
}

/** Says on stderr what was read and what the reader chose for the user. */
export function tellNotes(
  session: Session,
  options: CommonOptions,
  read: readonly (Pick<Points, 'name' | 'x' | 'image'> & { readonly notes: Pick<Points['notes'], 'messages'> })[],
): void {
  if (isQuiet(options)) return;
  for (const { name, x, image, notes } of read) {
    const size =
      image === undefined
        ? `${x.shape[0]} rows, ${x.shape[1]} features`
        : `${x.shape[0]} images of ${image.height} × ${image.width} × ${image.channels}`;
    session.stderr.write(`${printableLine(name)}: ${size}\n`);
    for (const message of notes.messages) {
      session.stderr.write(`  ${printableLine(remediesInCommandWords(message))}\n`);
    }
  }
}

function isQuiet(options: CommonOptions): boolean {
  return options.quiet === true || options.json === true;
}
