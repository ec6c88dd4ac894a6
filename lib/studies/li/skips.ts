import { extremeEigenvalues } from '../../extremes.js';
import { empirical } from '../../finite/empirical.js';
import { logLine } from '../../finite/log-line.js';
import { train } from '../../finite/train.js';
import type { FiniteNetwork } from '../../finite/types.js';
import { compile, gram } from '../../kernel.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost, type Mean, meanWithError, near } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { seedOf } from '../seeds.js';
import type { LiSettings, liParameters } from './parameters.js';
import { type Architecture, architectures, outsideScale, problemOf, quiet, withNetwork } from './setting.js';

/** Training lasts until the fastest direction has e^(−4) of its residual left, at every depth. */
const turns = 4;
const tolerance = 1e-4;
/**
 * What counts as the same over depth, and as another: thresholds. From 2 layers to 64 anything like a power of L, even √L = 5.7, would be
 * beyond the first; drifts, which are differences, get more. Without skips E φ′²/E φ² = 1.18 in each layer makes 1.18⁶³ = 30,000 in theory.
 */
const same = { forward: 2, backward: 2, least: 2, drift: 3 } as const;
const other = 5;

/** Of one network. */
interface Look {
  /** ‖h_L‖² over the width: what enters the last weights. */
  readonly forward: number;
  /** ‖∂f/∂W¹‖², a product of backward norms, since the inputs have norm 1; mean over the inputs. */
  readonly backward: number;
  readonly least: number;
  readonly drift: number;
  /** ‖∂f/∂W‖² by one layer in the middle. */
  readonly middle: number;
  /** The least eigenvalue of what the first and the last layer add to K⁽²⁾, over that of all of it. */
  readonly ends: number;
}

const names = {
  forward: 'Forward norm ‖h_L‖²/m',
  backward: 'Backward norm ‖∂f/∂W¹‖²',
  least: 'Least eigenvalue of K⁽²⁾',
  drift: 'Drift of K⁽²⁾',
} as const;
type Figure = keyof typeof names;

/** What skips with branches of scale c_res/L do for depth.                                       [training; rank-one] */
export const skips: Item<typeof liParameters> = {
  id: 'L6',
  title: 'With skips, depth changes nothing',
  claim:
    'With branches of scale c_res/L a signal, its gradient, the least eigenvalue of the kernel and how far the kernel moves are of order 1 whatever the depth; without ' +
    'skips they are not. Each layer in the middle adds of the order 1/L² to the kernel, so that the first and the last carry it.',
  check:
    'Networks of one width over depth: the norm of the last features, that of the gradient by the first weights, the least eigenvalue and the drift of the NTK over a ' +
    'time in units of its largest eigenvalue; means over networks, the largest over depths by the least, with two standard errors to the worse side. The slope of the squared gradient by one layer in the middle, and ' +
    'the least eigenvalue of what the first and the last layer add to the NTK over that of all of it.',
  expected:
    `ResNet: at most ${same.forward} for each and ${same.drift} for the drift, a slope of −2 within 0.2 (layers are the L-th part of a sum that grows by less than a factor e^(2c_res)), and ` +
    `at least 1 − 2c_res²/L of the least eigenvalue at the largest depth, for the layers in the middle add c_res²/L. MLP: at least ${other} for the gradient and the least ` +
    'eigenvalue, and more drift in the deepest than in the shallowest.',
  reference: { paper: 'Li20', equations: ['hierarchy', 'rank-one', 'training'] },
  outside: outsideScale,
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const { skipDepths: depths, skipWidth } = settings;
    const rows = new Map<string, readonly (readonly Look[])[]>();
    for (const { id } of architectures(settings)) rows.set(id, await looksOf(id, settings, context));
    const means = (id: string, key: keyof Look): readonly Mean[] =>
      (rows.get(id) ?? []).map((looks) => meanWithError(looks.map((one) => one[key])));
    /** The largest mean over depths by the least. */
    const ratio = (id: string, key: Figure): Mean => {
      const sorted = [...means(id, key)].sort((a, b) => a.mean - b.mean);
      return quotientOf(sorted.at(-1) as Mean, sorted[0] as Mean);
    };
    const of = `over ${depths.join(', ')} layers`;
    const drifts = means('mlp', 'drift');
    // Layers in the middle are there from 3 on.
    const inner = depths.flatMap((x, i) => (x < 3 ? [] : [{ x, ...(means('li', 'middle')[i] as Mean) }]));
    const middle = logLine(inner);
    const measured: Measurement[] = [
      ...(Object.keys(names) as Figure[]).map((key) =>
        atMost(`${names[key]}, largest by least ${of}, ResNet`, upper(ratio('li', key)), same[key]),
      ),
      ...(inner.length > 1
        ? [
            near(
              `slope of the squared gradient by a layer in the middle over L, ± ${shown(middle.error)}`,
              middle.slope,
              -2,
              0.2,
            ),
          ]
        : []),
      atLeast(
        `least eigenvalue from the first and last layer over that of K⁽²⁾, L = ${depths.at(-1)}, ResNet`,
        (means('li', 'ends').at(-1) as Mean).mean,
        1 - (2 * settings.residualScale ** 2) / (depths.at(-1) as number),
      ),
      ...(['backward', 'least'] as const).map((key) =>
        atLeast(`${names[key]}, largest by least ${of}, MLP`, lower(ratio('mlp', key)), other),
      ),
      atLeast(
        `drift at L = ${depths.at(-1)} by that at L = ${depths[0]}, MLP`,
        lower(quotientOf(drifts.at(-1) as Mean, drifts[0] as Mean)),
        1,
      ),
    ];
    return {
      measured,
      remarks: [
        'The features of the MLP keep their norm, because its weights are scaled for that; its gradients grow by E φ′²/E φ² in each layer, and so does its kernel.',
      ],
      charts: (Object.keys(names) as Figure[]).map(
        (key): Chart => ({
          name: `li-skips-${key}`,
          title: `${names[key]} over depth`,
          caption: `Means over ${settings.skipSeeds} networks of width ${skipWidth} and two standard errors; n = ${settings.skipInputs}, tanh, c_res = ${settings.residualScale}${key === 'drift' ? `, after gradient flow of the time ${turns}n/λ_max` : ', at the start'}.`,
          x: { label: 'Depth L', scale: 'depth' },
          y: { label: names[key], scale: 'log' },
          series: architectures(settings).map(
            ({ id, label, family }): ChartSeries => ({
              id,
              label,
              family,
              points: means(id, key).map(({ mean, error }, i) => ({
                x: depths[i] as number,
                y: mean,
                spread: 2 * error,
              })),
            }),
          ),
        }),
      ),
    };
  },
};

/** Of independent means; errors are small beside them. */
function quotientOf(above: Mean, below: Mean): Mean {
  const mean = above.mean / below.mean;
  return { mean, error: mean * Math.hypot(above.error / above.mean, below.error / below.mean) };
}

const upper = ({ mean, error }: Mean): number => mean + 2 * error;
const lower = ({ mean, error }: Mean): number => mean - 2 * error;

const shown = (value: number): string => value.toPrecision(1);

async function looksOf(id: string, settings: LiSettings, context: StudyContext): Promise<readonly (readonly Look[])[]> {
  const { skipDepths, skipWidth, skipInputs, skipSeeds } = settings;
  const dimension = skipInputs;
  const problem = problemOf({ inputs: skipInputs, dimension }, context.seed);
  const rows: Look[][] = [];
  for (const depth of skipDepths) {
    const [mlp, resnet] = architectures({ ...settings, depth }) as [Architecture, Architecture];
    const architecture = id === 'mlp' ? mlp : resnet;
    const kernel = compile(architecture.spec);
    const closed = await gram(kernel, problem.x, 'ntk', quiet(context)).finally(() => kernel.dispose());
    const { largest } = await extremeEigenvalues(closed, quiet(context));
    const time = (turns * skipInputs) / (largest * Math.exp(closed.logScale));
    const row: Look[] = [];
    for (let seed = 0; seed < skipSeeds; seed++) {
      row.push(
        await withNetwork(architecture, skipWidth, dimension, seedOf(context.seed, seed), (network) =>
          lookAt(network, problem, time, context),
        ),
      );
    }
    rows.push(row);
  }
  return rows;
}

async function lookAt(
  network: FiniteNetwork,
  { x, y }: ReturnType<typeof problemOf>,
  time: number,
  context: StudyContext,
): Promise<Look> {
  const job = quiet(context);
  const n = x.length;
  const { nngp, ntk } = await empirical(network, x, ['nngp', 'ntk'], job);
  const { smallest } = await extremeEigenvalues({ ...ntk, path: 'steps' }, job);
  const norms = new Float64Array(network.blocks.length);
  const outer: Float64Array[][] = [];
  for (const point of x) {
    const gradient = await network.vjp([point], [1], job);
    const parts = network.blocks.map(({ offset, shape }) =>
      Float64Array.from(gradient.subarray(offset, offset + shape.reduce((product, axis) => product * axis, 1))),
    );
    for (const [b, part] of parts.entries()) norms[b] = (norms[b] as number) + product(part, part) / n;
    outer.push([parts[0] as Float64Array, parts.at(-1) as Float64Array]);
  }
  const added = Float64Array.from({ length: n * n }, (_, k) =>
    (outer[Math.floor(k / n)] as Float64Array[]).reduce(
      (sum, part, b) => sum + product(part, outer[k % n]?.[b] as Float64Array),
      0,
    ),
  );
  const { smallest: ofEnds } = await extremeEigenvalues({ ...ntk, path: 'steps', values: added, logScale: 0 }, job);
  const trained = await train(network, x, y, { times: [time], drift: true, tolerance, ...job });
  trained.network.dispose();
  const inner = norms.subarray(1, -1);
  let diagonal = 0;
  for (let i = 0; i < n; i++) diagonal += (nngp.values[i * (n + 1)] as number) / n;
  return {
    forward: diagonal,
    backward: norms[0] as number,
    least: smallest,
    drift: trained.drift?.[0] as number,
    middle: inner.reduce((sum, one) => sum + one, 0) / Math.max(1, inner.length),
    ends: ofEnds / smallest,
  };
}

function product(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}
