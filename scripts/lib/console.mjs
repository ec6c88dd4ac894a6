// What the scripts say: one line per step, and for a failure what to type.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './paths.mjs';

/** A failure that the user can mend; the message says how. Printed without a stack. */
export class SetupError extends Error {}

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);

/** `  ✓ OpenBLAS      0.3.34 (wheel)` */
export function done(what, detail = '') {
  console.log(`  ${paint(32, '✓')} ${what.padEnd(13)} ${detail}`);
}

/** `  · OpenBLAS      fetching …`: a step that takes a while has begun, or something worth knowing. */
export function note(what, detail = '') {
  console.log(`  ${paint(2, '·')} ${what.padEnd(13)} ${detail}`);
}

/** Runs `main`; a SetupError, or a file that cannot be written, ends the process with its message alone. */
export async function run(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (thrown) {
    const error = ['EACCES', 'EROFS', 'EPERM'].includes(thrown.code) && thrown.path ? notWritable(thrown.path) : thrown;
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${paint(31, 'resgram set-up stopped:')} ${error.message}\n`);
    process.exitCode = 1;
  }
}

function notWritable(file) {
  const place = path.relative(root, file);
  return new SetupError(
    `cannot write ${place.startsWith('..') ? file : place}, ${root} is read-only for this user; copy the folder to a place of your own`,
  );
}

/** Output of a command, or undefined when it cannot be run or fails. */
export function capture(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    ...options,
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Runs a command quietly and returns { ok, output }, where output is all that it printed. */
export function quietly(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
    ...options,
  });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${error ? error.message : ''}`.trim() };
}

/** Runs a command that talks to the user itself; true when it succeeded. */
export function loudly(command, args, options = {}) {
  return spawnSync(command, args, { stdio: 'inherit', ...options }).status === 0;
}

/** The last lines of a long output, for a message. */
export function tail(text, lines = 25) {
  return text.split('\n').slice(-lines).join('\n');
}

export function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
