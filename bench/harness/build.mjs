// @ts-check
// The native programs beside the addon: the limits, and the native benches where Google Benchmark is installed.

import { quietly, tail } from '../../scripts/lib/console.mjs';
import { cacheSays, cmakeProgram, jobs } from '../../scripts/lib/steps.mjs';
import { at } from './paths.mjs';

/** @returns {{ what: string, why: string }[]} what could not be built */
export function prepareNative() {
  const targets = ['resgram_limits', ...(cacheSays('build', 'RESGRAM_HAS_BENCHMARK') ? ['resgram_bench'] : [])];
  return targets.flatMap((target) => {
    const words = ['--build', at('build'), '--target', target, '--parallel', String(jobs())];
    const { ok, output } = quietly(cmakeProgram(), words);
    return ok ? [] : [{ what: target, why: `does not compile:\n${tail(output, 20)}` }];
  });
}
