// @ts-check
// The native programs beside the addon: the limits, and the native benches where Google Benchmark is installed.

import { quietly, tail } from '../../scripts/lib/console.mjs';
import { installCommand } from '../../scripts/lib/packages.mjs';
import { cacheSays, cmakeProgram, jobs } from '../../scripts/lib/steps.mjs';
import { at } from './paths.mjs';

/** The crew that each program is. */
const programs = { limits: 'resgram_limits', steps: 'resgram_bench' };

/**
 * Builds what is stale. What does not compile is not measured, not even by the program of an earlier build.
 * @returns {import('./vocabulary.js').Absence[]} crews that cannot take part
 */
export function prepareNative() {
  return Object.entries(programs).flatMap(([what, target]) => {
    if (what === 'steps' && !cacheSays('build', 'RESGRAM_HAS_BENCHMARK')) {
      return [{ what, why: `Google Benchmark is missing: ${installCommand(['benchmark'])}` }];
    }
    const words = ['--build', at('build'), '--target', target, '--parallel', String(jobs())];
    const { ok, output } = quietly(cmakeProgram(), words);
    return ok ? [] : [{ what, why: `${target} does not compile: ${tail(output, 12)}` }];
  });
}
