/** Networks of several widths that are trained, and the rate at which descent on their limit kernel is stable. */

import { extremeEigenvalues } from '../../extremes.js';
import { sample } from '../../finite/sample.js';
import type { FiniteNetwork } from '../../finite/types.js';
import type { JobOptions } from '../../jobs.js';
import type { Gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import type { StudyContext } from '../definition.js';
import { seedOf } from '../seeds.js';

export function quietly(context: StudyContext): JobOptions {
  const { onProgress: _, ...job } = context.job('');
  return job;
}

/** Of the stability limit 2n/λ of the limit kernel of n samples.                                            [ntk-descent] */
export async function rateAt(share: number, ntk: Gram, job: JobOptions): Promise<number> {
  const { largest } = await extremeEigenvalues(ntk, job);
  return (share * 2 * ntk.size) / (largest * Math.exp(ntk.logScale));
}

/** What `measure` finds of every network, width after width; those of different widths share no seed. */
export async function overNetworks<Found>(
  spec: PresetSpec,
  shape: number,
  widths: readonly number[],
  networks: number,
  context: StudyContext,
  measure: (network: FiniteNetwork) => Promise<Found>,
): Promise<readonly { readonly width: number; readonly found: readonly Found[] }[]> {
  const all: { readonly width: number; readonly found: readonly Found[] }[] = [];
  for (const [w, width] of widths.entries()) {
    const found: Found[] = [];
    for (let i = 0; i < networks; i++) {
      const seed = seedOf(context.seed, w * networks + i);
      const network = await sample(spec, { width, shape, seed, ...quietly(context) });
      try {
        found.push(await measure(network));
      } finally {
        network.dispose();
      }
    }
    all.push({ width, found });
  }
  return all;
}
