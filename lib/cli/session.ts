import type { CommonOptions } from './options.js';
import { createProgress, type ProgressDisplay, type ProgressStream, progressStyle } from './progress.js';

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

export function progressFor(session: Session, options: CommonOptions): ProgressDisplay {
  const quiet = options.quiet === true || options.json === true;
  return createProgress(session.stderr, progressStyle(session.stderr, quiet, session.env));
}

/** The result of a command: a document for programs with --json, else a text for people. */
export function printResult(session: Session, options: CommonOptions, document: unknown, text: string): void {
  session.stdout.write(options.json === true ? `${JSON.stringify(document, null, 2)}\n` : text);
}
