/**
 * Sizes, drift and truncation errors of the hierarchy against an independent program, which drew networks of its own: single networks of
 * one seed, so that its figures are held against what single networks of ours scatter.
 */

import { expect, test } from 'vitest';
import { hierarchy } from '../../lib/finite/hierarchy.js';
import { logLine } from '../../lib/finite/log-line.js';
import { sample } from '../../lib/finite/sample.js';
import type { FiniteNetwork } from '../../lib/finite/types.js';
import { activation, dense, type Layer, type PresetSpec, repeat, serial } from '../../lib/index.js';
import { meanSquare } from '../../lib/studies/li/setting.js';
import { follow, type Trained } from '../../lib/studies/li/training.js';
import { meanWithError } from '../../lib/studies/measure.js';

// Points of the sphere and targets as that program drew them.
const x = [
  [0.18881711923692265, -0.19839032737660414, 0.9617636786063786],
  [0.16021416297716448, -0.818128926665578, 0.5522648652001644],
  [0.7415052042025201, 0.5385471155343273, -0.4001712589507583],
  [-0.8967022761251738, -0.4416644114201207, 0.029284393059288184],
].map((row) => Float64Array.from(row));
const y = Float64Array.of(-2.3250307746388343, -0.21879166393254573, -1.2459109472530652, -0.7322673547034516);

const li: PresetSpec = { preset: 'li', depth: 3, residualScale: 0.9, activation: 'tanh' };
/** Of two layers, without the constant that keeps the variance. */
const plain = serial(
  dense({ inputScale: '1' }),
  repeat(1, serial(activation('tanh'), dense())),
  activation('tanh'),
  dense(),
);

async function drawn<R>(
  spec: PresetSpec | Layer,
  width: number,
  seed: number,
  use: (one: FiniteNetwork) => Promise<R>,
) {
  const network = await sample(spec, { width, shape: 3, seed });
  return use(network).finally(() => network.dispose());
}

/** Of logarithms, for errors of single networks differ by factors: three deviations of one draw and of the mean of ours. */
function expectDraw(value: number, ours: readonly number[]) {
  const { mean, error } = meanWithError(ours.map(Math.log));
  const deviation = error * Math.sqrt(ours.length);
  expect(Math.abs(Math.log(value) - mean)).toBeLessThanOrEqual(3 * Math.hypot(deviation, error));
}

const single = [
  { width: 64, drift: 0.174, errors: [2.3e-2, 1.8e-2, 1.1e-2] },
  { width: 256, drift: 0.056, errors: [2.5e-2, 6.5e-3, 3.4e-3] },
  // Seconds for each network.
  { width: 1024, drift: 0.0085, errors: [2.2e-3, 8.8e-4, 2.7e-5] },
];

test.each(process.env.RESGRAM_SAMPLED === 'all' ? single : single.slice(0, 2))(
  'drift up to time 4 and errors of orders 2 to 4 at width $width',
  { timeout: 600_000 },
  async ({ width, drift, errors }) => {
    const ours: Trained[] = [];
    for (let seed = 0; seed < 10; seed++) ours.push(await drawn(li, width, seed, (one) => follow(one, x, y, 4, {})));
    expectDraw(
      drift,
      ours.map((one) => one.drift),
    );
    for (const [p, value] of errors.entries()) {
      expectDraw(
        value,
        ours.map((one) => one.errors[p] as number),
      );
    }
  },
);

const widths = [32, 64, 128, 256, 512];
const networks = 60;
/** Of that program, by width. */
const theirs = [6, 6, 6, 6, 3];

test.each([
  { label: 'the ResNet', spec: li, slopes: [-0.01, -1.05, -1.28] },
  { label: 'the MLP', spec: plain, slopes: [-0.01, -1.08, -0.92] },
])('powers of the width of K⁽²⁾, K⁽³⁾, K⁽⁴⁾ of $label', async ({ spec, slopes }) => {
  const squares: number[][][] = [];
  for (const width of widths) {
    const row: number[][] = [];
    for (let seed = 0; seed < networks; seed++) {
      const { second, third, fourth } = await drawn(spec, width, seed, (one) =>
        hierarchy(one, x.slice(0, 2), { order: 4 }),
      );
      row.push([second, third, fourth].map((tensor) => meanSquare(tensor?.data ?? [])));
    }
    squares.push(row);
  }
  for (const [r, value] of slopes.entries()) {
    const means = squares.map((row, w) => ({
      x: widths[w] as number,
      ...meanWithError(row.map((one) => one[r] as number)),
    }));
    const ours = logLine(means);
    const fewer = logLine(
      means.map((mean, w) => ({ ...mean, error: mean.error * Math.sqrt(networks / (theirs[w] as number)) })),
    );
    // Roots of mean squares have half the slope.
    expect(Math.abs(ours.slope / 2 - value)).toBeLessThanOrEqual(1.5 * Math.hypot(ours.error, fewer.error) + 0.005);
  }
});
