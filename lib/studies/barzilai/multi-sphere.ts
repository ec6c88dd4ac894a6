import type { KernelName } from '../../kernel.js';
import type { Network } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost, logSlope, near } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { type ZonalRule, zonalCoefficients, zonalRule } from '../zonal.js';
import { blocksOf } from './blocks.js';
import { kernelTitles, notDeep } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';
import { integrated, onProduct } from './product-sphere.js';

const pixels = 4;
/** Angles of the pixel that varies, and of each of the others. */
const fine = 240;
const coarse = 5;
const degrees = 60;
/** From here on slopes are fitted. */
const first = 20;
/** What a relative correction of 2/k turns a slope by between these degrees. */
const finite = (2 * (1 / first - 1 / degrees)) / Math.log(degrees / first);
const names = ['nngp', 'ntk'] as const;
const heads = [
  { head: 'pixel', label: 'one pixel' },
  { head: 'trace', label: 'trace' },
] as const;

/** The blocks of the ResNet in a chain, or with their skips. */
const contenders = [
  { id: 'plain', label: 'no skips', family: 'mlp', alpha: null },
  { id: 'skips', label: 'skips', family: 'resnet', alpha: 1 },
] as const;

/** Eigenvalues of frequencies of one pixel among several.                                              [multi-sphere] */
export const multiSphere: Item<typeof barzilaiParameters> = {
  id: 'C2',
  title: 'Frequencies of a pixel are learnt at the same rate with skips and without',
  claim:
    'On signals of unit pixels the eigenvalues of the kernels fall like powers of the frequency in each pixel, between the bounds k^−(C₀+2) and k^−(C₀+2ν−3), ν = 1 + 1/2P for the NTK and 1 + 3/2P for the ' +
    'NNGP; skips do not change the rate.',
  check:
    `Signals of P = ${pixels} pixels with C₀ channels, filters of 1 and 3 pixels: the coefficient of the zonal harmonic of degree k in one pixel, averaged over the others, by quadrature; its slope over ` +
    `log(k + (C₀ − 2)/2) for even k from ${first} to ${degrees}.`,
  expected: `Slopes between the bounds, up to the ${finite.toFixed(3)} by which a relative correction of 2/k turns them, and within twice that of one another.`,
  reference: { paper: 'ResCNTK', equations: ['multi-sphere', 'sphere-spectrum'] },
  outside: ({ sphereDepth }) => notDeep('sphereDepth', [sphereDepth], 2),
  run: async ({ sphereChannels, sphereDepth }: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const measured: Measurement[] = [];
    const charts: Chart[] = [];
    for (const channels of sphereChannels) {
      for (const { head, label } of heads) {
        const spectra: Record<KernelName, Float64Array>[] = [];
        for (const { alpha } of contenders) {
          const network = blocksOf(sphereDepth, alpha, { sizes: [1, 3], read: head });
          spectra.push(await pixelSpectrum(network, channels, context));
        }
        for (const which of names) {
          const named = (what: string) => `${what}, ${kernelTitles[which]}, ${label}, C₀ = ${channels}`;
          const slopes = spectra.map((both) => slopeOf(both[which], channels));
          const steepest = channels + 2;
          const flattest = channels - 1 + (which === 'ntk' ? 1 : 3) / pixels;
          for (const [i, { label: skip }] of contenders.entries()) {
            measured.push(
              atLeast(named(`slope, ${skip}`), slopes[i] as number, -steepest - finite),
              atMost(named(`slope, ${skip}`), slopes[i] as number, -flattest + finite),
            );
          }
          measured.push(
            near(
              named('slope with skips less that without'),
              (slopes[1] as number) - (slopes[0] as number),
              0,
              2 * finite,
            ),
          );
        }
        charts.push(chartOf(spectra, head, label, channels, sphereDepth));
      }
    }
    return { measured, charts };
  },
};

/** λ_k of the first pixel over λ_0, the others averaged.                                                [multi-sphere] */
async function pixelSpectrum(
  network: Network,
  channels: number,
  context: StudyContext,
): Promise<Record<KernelName, Float64Array>> {
  const own = zonalRule(fine, channels);
  const rules = [own, ...new Array<ZonalRule>(pixels - 1).fill(zonalRule(coarse, channels))];
  const both = await onProduct(network, rules, channels, context);
  const spectrumOf = (values: Float64Array) => {
    const averaged = integrated(values, rules, new Array(pixels - 1).fill(0), channels);
    const all = zonalCoefficients(averaged, own, channels, degrees);
    return all.map((value) => value / (all[0] as number));
  };
  return { nngp: spectrumOf(both.nngp), ntk: spectrumOf(both.ntk) };
}

function evenDegrees(from: number): readonly number[] {
  return Array.from({ length: degrees + 1 }, (_, k) => k).filter((k) => k >= from && k % 2 === 0);
}

function slopeOf(values: Float64Array, channels: number): number {
  const even = evenDegrees(first);
  return logSlope(
    even.map((k) => k + (channels - 2) / 2),
    even.map((k) => values[k] as number),
  );
}

function chartOf(
  spectra: readonly Record<KernelName, Float64Array>[],
  head: string,
  label: string,
  channels: number,
  depth: number,
): Chart {
  return {
    name: `barzilai-frequencies-${head}-${channels}`,
    title: `Eigenvalues by the frequency in one pixel, head: ${label}, C₀ = ${channels}`,
    caption: `Of even frequencies in one of ${pixels} pixels with ${channels} channels, over that of degree 0; ${depth} blocks in a chain, and with skips of α = 1.`,
    x: { label: 'Frequency k of the pixel', scale: 'log' },
    y: { label: 'λ_k/λ_0', scale: 'log' },
    series: contenders.flatMap(({ id, label: skip, family }, i) =>
      names.map(
        (which): ChartSeries => ({
          id: `${id}-${which}`,
          label: `${kernelTitles[which]}, ${skip}`,
          family,
          points: evenDegrees(2).map((k) => ({ x: k, y: spectra[i]?.[which][k] as number })),
        }),
      ),
    ),
  };
}
