import { extremeEigenvalues } from '../../extremes.js';
import { empirical } from '../../finite/empirical.js';
import { logLine } from '../../finite/log-line.js';
import { train } from '../../finite/train.js';
import type { FiniteNetwork } from '../../finite/types.js';
import { compile, gram } from '../../kernel.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost, type Mean, meanWithError, near } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import type { LiSettings, liParameters } from './parameters.js';
import { type Architecture, architectures, problemOf, quiet, withNetwork } from './setting.js';

/** Training lasts until the fastest direction has e^(−4) of its residual left, at every depth. */
const turns = 4;
const tolerance = 1e-4;
/** What counts as the same over depth (drifts scatter more), and as another. */
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
  /** Of one layer in the middle, and of the first and the last together: shares of the mean ⟨∂f, ∂f⟩. */
  readonly middle: number;
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
    'time in units of its largest eigenvalue; means over networks, the largest over depths by the least. The slope of the squared gradient by one layer in the middle.',
  expected: `ResNet: at most ${same.forward} for each and ${same.drift} for the drift, a slope of −2 within 0.2, and at least 0.9 of the kernel’s diagonal from the first and last layer at the largest depth. MLP: at least ${other} for the gradient and the least eigenvalue, and more drift in the deepest than in the shallowest.`,
  reference: { paper: 'Li20', equations: ['hierarchy', 'rank-one', 'training'] },
  outside: ({ skipDepths }) =>
    skipDepths[0] === skipDepths.at(-1) ? ['a single depth says nothing about depth: give skipDepths two or more'] : [],
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const { skipDepths: depths, skipWidth } = settings;
    const rows = new Map<string, readonly (readonly Look[])[]>();
    for (const { id } of architectures(settings)) rows.set(id, await looksOf(id, settings, context));
    const means = (id: string, key: keyof Look): readonly Mean[] =>
      (rows.get(id) ?? []).map((looks) => meanWithError(looks.map((one) => one[key])));
    const ratio = (id: string, key: keyof Look): number => {
      const values = means(id, key).map(({ mean }) => mean);
      return Math.max(...values) / Math.min(...values);
    };
    const of = `over ${depths.join(', ')} layers`;
    const drifts = means('mlp', 'drift');
    // Layers in the middle are there from 3 on.
    const inner = depths.flatMap((x, i) => (x < 3 ? [] : [{ x, ...(means('li', 'middle')[i] as Mean) }]));
    const middle = logLine(inner);
    const measured: Measurement[] = [
      ...(Object.keys(names) as Figure[]).map((key) =>
        atMost(`${names[key]}, largest by least ${of}, ResNet`, ratio('li', key), same[key]),
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
        `share of the first and last layer in the diagonal of K⁽²⁾, L = ${depths.at(-1)}, ResNet`,
        (means('li', 'ends').at(-1) as Mean).mean,
        0.9,
      ),
      ...(['backward', 'least'] as const).map((key) =>
        atLeast(`${names[key]}, largest by least ${of}, MLP`, ratio('mlp', key), other),
      ),
      atLeast(
        `drift at L = ${depths.at(-1)} by that at L = ${depths[0]}, MLP`,
        (drifts.at(-1) as Mean).mean / (drifts[0] as Mean).mean,
        2,
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
          caption: `Means over ${settings.skipSeeds} networks of width ${skipWidth} and two standard errors; n = ${settings.skipInputs}, tanh, c_res = ${settings.residualScale}.`,
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
        await withNetwork(architecture, skipWidth, dimension, context.seed + seed, (network) =>
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
  for (const point of x) {
    const gradient = await network.vjp([point], [1], job);
    for (const [b, { offset, shape }] of network.blocks.entries()) {
      const size = shape.reduce((product, axis) => product * axis, 1);
      for (let i = offset; i < offset + size; i++) norms[b] = (norms[b] as number) + (gradient[i] as number) ** 2 / n;
    }
  }
  const trained = await train(network, x, y, { times: [time], drift: true, tolerance, ...job });
  trained.network.dispose();
  const [first, last] = [norms[0] as number, norms.at(-1) as number];
  const inner = norms.subarray(1, -1);
  let diagonal = 0;
  for (let i = 0; i < n; i++) diagonal += (nngp.values[i * (n + 1)] as number) / n;
  const total = norms.reduce((sum, one) => sum + one, 0);
  return {
    forward: diagonal,
    backward: first,
    least: smallest,
    drift: trained.drift?.[0] as number,
    middle: inner.reduce((sum, one) => sum + one, 0) / Math.max(1, inner.length),
    ends: (first + last) / total,
  };
}
