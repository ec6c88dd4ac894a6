// @ts-check
// What a result was measured on: enough to judge it, nothing that names the machine.
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { root } from './paths.mjs';

/** @param {Readonly<Record<string, string>>} versions */
export function describeMachine(versions) {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    simd: versions.simd ?? 'unknown',
  };
}

export const load = () => Math.round(100 * loadavg()[0]) / 100;

/** The commit, with a note if files differ from it. */
export function commit() {
  const git = (...words) =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // Results and their page are what a run writes; that they changed says nothing about what was measured.
    const changed = git('status', '--porcelain', '--', '.', ':(exclude)docs/benchmarks', ':(exclude)docs/uci');
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed === '' ? '' : ', with changes'}`;
  } catch {
    return 'unknown';
  }
}
