import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { npyBytes } from '../../lib/data/npy.js';

/** The command as users run it: compiled, in a process of its own. */
export const main = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');
if (!existsSync(main)) throw new Error(`${main} is missing; 'npm run setup' makes it`);

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

export function start(args: readonly string[], { cwd, env }: RunOptions = {}): ChildProcessWithoutNullStreams {
  // What decides about colours and progress comes from the test, not from the terminal it runs in.
  const { NO_COLOR: _1, FORCE_COLOR: _2, CI: _3, RESGRAM_THREADS: _4, ...clean } = process.env;
  return spawn(process.execPath, [main, ...args], { cwd, env: { ...clean, ...env } });
}

/** Runs `resgram` to its end. */
export async function resgram(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = start(args, options);
  child.stdin.end(options.input ?? '');
  return finished(child);
}

export function finished(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** A folder for one test file, with what most tests need in it. */
export function workplace(): {
  readonly path: string;
  readonly write: (name: string, content: string | Uint8Array) => string;
} {
  const path = mkdtempSync(join(tmpdir(), 'resgram-cli-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(name, content) {
      writeFileSync(join(path, name), content);
      return join(path, name);
    },
  };
}

/** Everything in a folder, hidden files included: what a failure must not add to. */
export function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}

/** Well-spread numbers without a generator: fractional parts of multiples of irrationals, from −1 to 1. */
export function points(rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, k) => {
    const step = Math.sqrt(2 + 3 * (k % columns));
    return 2 * (((k + 1) * step) % 1) - 1;
  });
}

export function npyFile(data: Float64Array, shape: readonly number[]): Uint8Array {
  return npyBytes({ data, shape });
}
