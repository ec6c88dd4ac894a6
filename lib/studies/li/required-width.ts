import { KernelError } from '../../errors.js';
import { extremeEigenvalues } from '../../extremes.js';
import { train } from '../../finite/train.js';
import { compile, gram } from '../../kernel.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, evenly, logSlope } from '../measure.js';
import type { ChartSeries, Measurement } from '../schema.js';
import { seedOf } from '../seeds.js';
import type { LiSettings, liParameters } from './parameters.js';
import { type Architecture, architectures, outsideScale, problemOf, quiet, withNetwork } from './setting.js';

/** The bound e^(−λt/2n) at the last time: by then all but the slowest directions have gone. */
const left = 1e-3;
const looks = 8;
/** Errors of the flow per step: losses are compared with a bound that leaves a factor of four in the rate. */
const tolerance = 1e-3;
const step = 2 ** 0.5;
/** Two steps of the grid, which is one of whole numbers. */
const alike = 2.5;

/** The least width of a grid at which the loss of every network falls as the theorem says. */
interface Required {
  readonly inputs: number;
  readonly depth: number;
  readonly architecture: Architecture;
  /** null where none that was tried is wide enough. */
  readonly width: number | null;
}

/** How wide must a network be so that it trains like its kernel?                                    [training; hierarchy] */
export const requiredWidth: Item<typeof liParameters> = {
  id: 'L5',
  title: 'How wide a network must be for linear convergence',
  claim:
    'Gradient flow converges like e^(−λt/2n), λ being the least eigenvalue of the kernel, in networks of a width of the order n³; for ResNets that width does not ' +
    'grow with the depth.',
  check:
    `The least width, on a grid by factors of √2, at which the loss of every drawn network stays below e^(−λt/2n) of its start until that is ${left}, with λ of the closed form: ` +
    'its power of n, the ResNet’s over the MLP’s of the same depth and n, and the ResNet’s at one depth over another.',
  expected: `Powers of at most 3; the ResNet’s width at most the MLP’s; widths of ResNets of all depths within a factor of ${alike}.`,
  reference: { paper: 'Li20', equations: ['training', 'hierarchy'] },
  outside: outsideScale,
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const { requiredInputs, requiredDepths } = settings;
    const all: Required[] = [];
    for (const depth of requiredDepths) {
      for (const architecture of architectures({ ...settings, depth })) {
        for (const inputs of requiredInputs) {
          const width = await leastWidth(architecture, inputs, settings, context);
          all.push({ inputs, depth, architecture, width });
        }
      }
    }
    const widths = (id: string, of: (one: Required) => boolean) =>
      all.filter((one) => one.architecture.id === id && of(one));
    const measured: Measurement[] = [];
    const series: ChartSeries[] = [];
    const powers: number[] = [];
    for (const depth of requiredDepths) {
      for (const { id, label, family } of architectures({ ...settings, depth })) {
        const row = widths(id, (one) => one.depth === depth).filter(isFound);
        const power =
          row.length > 1
            ? logSlope(
                row.map(({ inputs }) => inputs),
                row.map(({ width }) => width),
              )
            : Number.NaN;
        powers.push(power);
        measured.push(atMost(`power of n, ${label}, L = ${depth}`, power, 3));
        const points = row.map(({ inputs, width }) => ({ x: inputs, y: width }));
        series.push({ id: `${id}-${depth}`, label: `${label}, L = ${depth}`, family, points });
      }
      const plain = widths('mlp', (one) => one.depth === depth);
      // Where no MLP is wide enough the widest that was tried is a lower bound.
      const over = widths('li', (one) => one.depth === depth).map(
        ({ width }, i) => (width ?? Number.NaN) / (plain[i]?.width ?? settings.requiredMost),
      );
      measured.push(atMost(`the ResNet’s width over the MLP’s, L = ${depth}, the largest`, Math.max(...over), 1));
    }
    for (const inputs of requiredInputs) {
      const row = widths('li', (one) => one.inputs === inputs).map(({ width }) => width ?? Number.NaN);
      const what = `largest over least width of ResNets of ${requiredDepths.join(', ')} layers, n = ${inputs}`;
      measured.push(atMost(what, Math.max(...row) / Math.min(...row), alike));
    }
    const steepest = Math.max(...powers);
    const missing = all.filter(({ width }) => width === null);
    return {
      measured,
      remarks: [
        ...(steepest < 1.5
          ? [
              `The widths grow at most like n^${steepest.toFixed(2)}: what convergence needs is that the kernel of a network stays positive while it trains, and the bound on ` +
                'how far that may move is a bound of the worst case.',
            ]
          : []),
        ...missing.map(
          ({ architecture, depth, inputs }) =>
            `No width up to ${settings.requiredMost} suffices for the ${architecture.label} with L = ${depth} and n = ${inputs}; it is left out.`,
        ),
      ],
      charts: [
        {
          name: 'li-required-width',
          title: 'Least width at which the loss falls as the theorem says',
          caption: `Every one of ${settings.requiredSeeds} networks stays below e^(−λt/2n) of its first loss until that is ${left}; inputs on the sphere of ${settings.requiredDimension} dimensions, tanh.`,
          x: { label: 'Inputs n', scale: 'depth' },
          y: { label: 'Width m', scale: 'log' },
          series,
        },
      ],
    };
  },
};

async function leastWidth(
  architecture: Architecture,
  inputs: number,
  settings: LiSettings,
  context: StudyContext,
): Promise<number | null> {
  const { requiredDimension: dimension, requiredMost } = settings;
  const { x, y } = problemOf({ inputs, dimension }, context.seed);
  const kernel = compile(architecture.spec);
  const job = quiet(context);
  const closed = await gram(kernel, x, 'ntk', job).finally(() => kernel.dispose());
  const { smallest } = await extremeEigenvalues(closed, job);
  const rate = (smallest * Math.exp(closed.logScale)) / (2 * inputs);
  const times = evenly(0, Math.log(1 / left) / rate, looks + 1);
  const falls = async (width: number, seed: number): Promise<boolean> =>
    withNetwork(architecture, width, dimension, seed, async (network) => {
      const loss = await losses(network, x, y, { times, tolerance, ...job });
      const first = loss?.[0] as number;
      return loss?.every((one, t) => one <= first * Math.exp(-rate * (times[t] as number)) * (1 + 1e-9)) ?? false;
    });
  for (let width = 2; width <= requiredMost; width = Math.ceil(width * step)) {
    let all = true;
    for (let seed = 0; all && seed < settings.requiredSeeds; seed++)
      all = await falls(width, seedOf(context.seed, seed));
    if (all) return width;
  }
  return null;
}

function isFound(one: Required): one is Required & { readonly width: number } {
  return one.width !== null;
}

/** null for a training that was given up: it did not converge, whatever the rate. */
async function losses(...args: Parameters<typeof train>): Promise<Float64Array | null> {
  try {
    const trained = await train(...args);
    trained.network.dispose();
    return trained.loss;
  } catch (error) {
    if (error instanceof KernelError && error.code === 'ERR_NO_CONVERGENCE') return null;
    throw error;
  }
}
