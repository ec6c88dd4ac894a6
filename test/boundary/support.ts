/** Child processes for what may end a process, and waiting for what takes a turn of the event loop. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
export const inRoot = (path: string): string => fileURLToPath(new URL(path, root));

/** Children run the package as built; an old build would test something else. */
export async function requireBuilt(): Promise<void> {
  // By what is in the files, as the set-up judges: their times change when branches do.
  const { typescriptFresh } = (await import(inRoot('scripts/lib/steps.mjs'))) as { typescriptFresh: () => boolean };
  if (!typescriptFresh()) throw new Error('dist/ is not what lib/ compiles to; run `npm run build:ts`');
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  readonly milliseconds: number;
}

/** Runs Node until it ends; kills it after `limit` milliseconds. */
export async function node(args: readonly string[], limit = 60_000, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return ended(spawn(process.execPath, args, { cwd: inRoot('.'), env: { ...process.env, ...env } }), limit);
}

/** The same for a program given as text, with the package at hand as `resgram`. */
export async function program(text: string, limit = 60_000, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const whole = `import * as resgram from './dist/index.js';\n${text}`;
  return node(['--input-type=module', '--eval', whole], limit, env);
}

async function ended(child: ChildProcess, limit: number): Promise<Ended> {
  const start = performance.now();
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => {
    texts.out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    texts.err += chunk;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limit);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...how) => resolve(how));
  });
  clearTimeout(timer);
  return { code, signal, ...texts, milliseconds: performance.now() - start };
}

interface Resizable {
  resize(bytes: number): void;
}

/** Newer than the library types of the lowest Node that we support, but not than that Node. */
export function resizable(bytes: number, most: number): ArrayBuffer & Resizable {
  const Buffer = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer & Resizable;
  return new Buffer(bytes, { maxByteLength: most });
}

/** Takes the numbers away from an array, as postMessage with a transfer list does. */
export function detach({ buffer }: ArrayBufferView): void {
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}
