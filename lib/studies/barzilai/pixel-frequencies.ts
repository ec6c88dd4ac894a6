import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast } from '../measure.js';
import type { Measurement } from '../schema.js';
import { type ZonalRule, zonalRule } from '../zonal.js';
import { blocksOf } from './blocks.js';
import { kernelTitles } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';
import { integrated, onProduct } from './product-sphere.js';

const pixels = 4;
/** Angles of each pixel: coefficients up to degree 4 are exact to four digits. */
const nodes = 12;
const names = ['nngp', 'ntk'] as const;
const contenders = [
  { label: 'no skips', alpha: null },
  { label: 'skips, α = 1', alpha: 1 },
] as const;

/** Of the filters before and after the activation: those of C2, and those of C3. */
const filters = [
  [1, 3],
  [3, 3],
] as const;

/** The same degree in one pixel or in all: degrees by the distance from the head's pixel on the ring, 0, 1, 2, 1. */
const frequencies = { near: [4, 0, 0, 0], far: [0, 0, 4, 0], spread: [1, 1, 1, 1] } as const;

/** Eigenvalues of frequencies in one pixel, and of those spread over all.                               [multi-sphere] */
export const pixelFrequencies: Item<typeof barzilaiParameters> = {
  id: 'C3-eigen',
  title: 'Frequencies of the pixel at the head have larger eigenvalues, with skips even more so',
  claim:
    'Eigenvalues of frequencies concentrated on a pixel near the one that the head reads are larger than those of pixels far from it and of frequencies spread over many; with skips by more.',
  check:
    `Rings of P = ${pixels} pixels, blocks of filters of 1 and 3 pixels, as in C2, and of 3 and 3, as in C3, kernels of one pixel: the eigenvalue of degree 4 in that pixel over that of degree 4 in the pixel opposite, and over that of degree 1 in ` +
    'each of the four, by quadrature; and both with skips over those in a chain.',
  expected: 'At least 1.',
  reference: { paper: 'ResCNTK', equations: ['multi-sphere', 'sphere-spectrum'] },
  outside: ({ sphereDepth }) =>
    sphereDepth < 2 ? ['sphereDepth: one block of filters of 1 and 3 does not reach the pixel opposite'] : [],
  run: async ({ sphereChannels, sphereDepth }: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const measured: Measurement[] = [];
    for (const channels of sphereChannels) {
      const rules = new Array<ZonalRule>(pixels).fill(zonalRule(nodes, channels));
      for (const sizes of filters) {
        const networks: Awaited<ReturnType<typeof onProduct>>[] = [];
        for (const { alpha } of contenders) {
          networks.push(
            await onProduct(blocksOf(sphereDepth, alpha, { sizes, read: 'pixel' }), rules, channels, context),
          );
        }
        for (const which of names) {
          for (const [other, what] of [
            ['far', 'of the pixel at the head over that of the pixel opposite'],
            ['spread', 'of one pixel over that of degrees spread over all'],
          ] as const) {
            const quotients = networks.map((both) => {
              const of = (degrees: readonly number[]) => integrated(both[which], rules, degrees, channels)[0] as number;
              return of(frequencies.near) / of(frequencies[other]);
            });
            const where = `${kernelTitles[which]}, filters of ${sizes.join(' and ')}, C₀ = ${channels}`;
            for (const [i, { label }] of contenders.entries()) {
              measured.push(atLeast(`eigenvalue ${what}, ${label}, ${where}`, quotients[i] as number, 1));
            }
            const [plain, skips] = quotients as [number, number];
            measured.push(atLeast(`with skips over that without: eigenvalue ${what}, ${where}`, skips / plain, 1));
          }
        }
      }
    }
    const failing = measured.filter(({ holds }) => !holds);
    const remarks = filters.map((sizes) => {
      const of = `filters of ${sizes.join(' and ')}`;
      const here = ({ what }: Measurement) => what.includes(of);
      return `With ${of}, ${failing.filter(here).length} of ${measured.filter(here).length} quotients are below 1.`;
    });
    return { measured, remarks, charts: [] };
  },
};
