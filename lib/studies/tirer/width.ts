/** T1 and X1: closed forms against networks that are drawn. */

import { empiricalMean } from '../../finite/monte-carlo.js';
import { compile, gram } from '../../kernel.js';
import { errorAxis, widthAxis } from '../axes.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost } from '../measure.js';
import type { ChartSeries, LineChart, Measurement } from '../schema.js';
import { seedOf } from '../seeds.js';
import {
  againstLimits,
  errorPoints,
  spherePoints,
  unitSignals,
  type WidthCase,
  type WidthFound,
  widthExpected,
  widthItem,
} from '../width.js';
import { resnet } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

/** What the paper's network is held to. */
const [certain, percent] = [1024, 0.01];
const points = spherePoints(10, 10);

const growing = widthItem<typeof tirerParameters>({
  study: 'tirer',
  id: 'T1',
  paper: 'Tirer20',
  cases: [0.1, 1].map((alpha) => ({ label: `ResNet, L = 5, α = ${alpha}`, spec: resnet(5, alpha), inputs: points })),
});

/** The paper's kernel, and a bound that names a width.                                                    [width-slope] */
export const width: Item<typeof tirerParameters> = {
  ...growing,
  claim: `${growing.claim} At the width ${certain} it is the ResNet’s tangent kernel to less than 1 %.`,
  check: `${growing.check} At the width ${certain} the mean of as many networks as leave chance well below 1 %.`,
  expected: `${growing.expected} At the width ${certain} less than 1 %.`,
  run: async (settings, context) => {
    const { measured, charts } = await growing.run(settings, context);
    return { measured: [...measured, await atWidth(settings, context)], charts };
  },
};

/** ‖mean − closed form‖/‖closed form‖, with what chance leaves of it. */
async function atWidth({ meanNetworks: networks }: TirerSettings, context: StudyContext): Promise<Measurement> {
  const [spec, x] = [resnet(5, 0.1), points(context.seed)];
  const kernel = compile(spec);
  const exact = await gram(kernel, x, 'ntk', context.job('closed form')).finally(() => kernel.dispose());
  const how = { width: certain, networks, seed: seedOf(context.seed, 100), ...context.job(`width ${certain}`) };
  const mean = await empiricalMean(spec, x, 'ntk', how);
  const limit = exact.values.map((value) => value * Math.exp(exact.logScale));
  const size = Math.hypot(...limit);
  const error = Math.hypot(...mean.values.map((value, i) => value - (limit[i] as number))) / size;
  const left = Math.hypot(...mean.standardErrors) / size;
  return atMost(
    `error of the mean over ${networks} networks, of which chance is ${(100 * left).toPrecision(2)} %, m = ${certain}, NTK, ResNet, L = 5, α = 0.1`,
    error,
    percent,
  );
}

const [vectors, signals] = [spherePoints(6, 5), unitSignals(3, 5, 3)];
const heads = ['pixel', 'trace', 'pool'] as const;

/** Every preset, those of images with every head. */
const presets = {
  vectors: [
    { label: 'mlp', spec: { preset: 'mlp', depth: 3 }, inputs: vectors },
    ...(['tirer', 'huang', 'belfer'] as const).map(
      (preset): WidthCase => ({ label: preset, spec: { preset, depth: 3, alpha: 0.5 }, inputs: vectors }),
    ),
    { label: 'li', spec: { preset: 'li', depth: 3, residualScale: 0.9 }, inputs: vectors },
  ],
  signals: [
    ...heads.map(
      (head): WidthCase => ({ label: `cntk, ${head}`, spec: { preset: 'cntk', depth: 2, head }, inputs: signals }),
    ),
    ...heads.map(
      (head): WidthCase => ({
        label: `barzilai, ${head}`,
        spec: { preset: 'barzilai', depth: 2, alpha: 0.5, head },
        inputs: signals,
      }),
    ),
  ],
} as const satisfies Record<string, readonly WidthCase[]>;

/** Not the paper's kernel alone.                                                                          [width-slope] */
export const presetWidths: Item<typeof tirerParameters> = {
  id: 'X1',
  title: 'Networks of every preset have these kernels as they grow wide',
  claim: `${growing.claim} So it is for every preset, and for images with every head.`,
  check: `${growing.check} MLPs and ResNets of 3 layers or blocks on 6 points of the sphere in 5 dimensions, convolutional ones of 2 on 3 signals of 5 pixels with 3 channels.`,
  expected: widthExpected,
  reference: { paper: 'Tirer20', equations: ['width-slope', 'presets'] },
  run: async ({ presetWidths: widths, presetNetworks: networks }: TirerSettings, context): Promise<Outcome> => {
    const { all, measured } = await againstLimits(
      [...presets.vectors, ...presets.signals],
      { widths, networks },
      context,
    );
    const [some, others] = [all.slice(0, presets.vectors.length), all.slice(presets.vectors.length)];
    return {
      measured,
      charts: [
        chartOf('tirer-presets-vectors', 'Error of the NTK of sampled networks, presets for vectors', some, networks),
        chartOf('tirer-presets-signals', 'Error of the NTK of sampled networks, presets for images', others, networks),
      ],
    };
  },
};

function chartOf(name: string, title: string, all: readonly WidthFound[], networks: number): LineChart {
  return {
    name,
    title,
    caption: `Relative error of the tangent kernels of single networks against the closed form, root mean square over ${networks} networks and two standard errors.`,
    x: widthAxis,
    y: errorAxis,
    series: all.map(
      ({ label, found }): ChartSeries => ({
        id: label,
        label,
        family: /^(mlp|cntk)/.test(label) ? 'mlp' : 'resnet',
        points: errorPoints(found.ntk.widths),
      }),
    ),
  };
}
