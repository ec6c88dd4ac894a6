import { compile, cross, type KernelName } from '../../kernel.js';
import type { Network } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost, logSlope, near } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { zonalCoefficients, zonalRule } from '../zonal.js';
import { blocksOf } from './blocks.js';
import { kernelTitles } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';

const pixels = 4;
/** Angles of the pixel that varies, and of each of the others. */
const fine = 240;
const coarse = 5;
const degrees = 60;
/** From here on slopes are fitted. */
const first = 20;
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
  expected: 'Slopes between the bounds, with 0.05 for finite k, and within 0.1 of one another.',
  reference: { paper: 'ResCNTK', equations: ['multi-sphere', 'sphere-spectrum'] },
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
              atLeast(named(`slope, ${skip}`), slopes[i] as number, -steepest - 0.05),
              atMost(named(`slope, ${skip}`), slopes[i] as number, -flattest + 0.05),
            );
          }
          measured.push(
            near(named('slope with skips less that without'), (slopes[1] as number) - (slopes[0] as number), 0, 0.1),
          );
        }
        charts.push(chartOf(spectra, head, label, channels, sphereDepth));
      }
    }
    return { measured, charts };
  },
};

/** λ_k of the first pixel, the others averaged.                                                         [multi-sphere] */
async function pixelSpectrum(
  network: Network,
  channels: number,
  context: StudyContext,
): Promise<Record<KernelName, Float64Array>> {
  const [own, others] = [zonalRule(fine, channels), zonalRule(coarse, channels)];
  const combinations = coarse ** (pixels - 1);
  const row = pixels * channels;
  const z = new Float64Array(fine * combinations * row);
  const weights = new Float64Array(combinations);
  const write = (at: number, angle: number) => {
    z[at] = Math.cos(angle);
    z[at + 1] = Math.sin(angle);
  };
  for (let c = 0; c < combinations; c++) {
    const places = Array.from({ length: pixels - 1 }, (_, p) => Math.floor(c / coarse ** p) % coarse);
    weights[c] = places.reduce((product, place) => product * (others.weights[place] as number), 1);
    for (let i = 0; i < fine; i++) {
      const at = (i * combinations + c) * row;
      write(at, own.angles[i] as number);
      for (const [p, place] of places.entries()) write(at + (p + 1) * channels, others.angles[place] as number);
    }
  }
  const x = new Float64Array(row);
  for (let p = 0; p < pixels; p++) x[p * channels] = 1;
  const kernel = compile(network);
  try {
    const both = await cross(
      kernel,
      { data: x, shape: [1, pixels, channels] },
      { data: z, shape: [fine * combinations, pixels, channels] },
      names,
      context.job(`C₀ = ${channels}`),
    );
    const spectrumOf = (values: ArrayLike<number>) => {
      const averaged = Float64Array.from({ length: fine }, (_, i) =>
        weights.reduce((sum, weight, c) => sum + weight * (values[i * combinations + c] as number), 0),
      );
      const all = zonalCoefficients(averaged, own, channels, degrees);
      return all.map((value) => value / (all[0] as number));
    };
    return { nngp: spectrumOf(both.nngp.data), ntk: spectrumOf(both.ntk.data) };
  } finally {
    kernel.dispose();
  }
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
