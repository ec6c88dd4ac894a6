import { createRandom } from '../../data/rng.js';
import { compile, cross, type Gram, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { solve } from '../../solve.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { endSlopes, normalised } from '../kernels.js';
import { atMost, logSlope, meanOf, near } from '../measure.js';
import { normalPoints } from '../points.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { spectrumOf } from '../spectrum.js';
import { zonalCoefficients, zonalRule } from '../zonal.js';
import { networks } from './decay.js';
import { fitLaplace, type Laplace, laplaceAt } from './laplace-fit.js';
import type { BelferSettings, belferParameters } from './parameters.js';

const tests = 400;
/** Of kernels, over their diagonal; and of a quotient of test errors from 1. */
const within = 0.02;
const alike = 0.1;
/** Against points that all but coincide. */
const ridge = 1e-10;

/** The kernel that tangent kernels are compared with most.                                         [laplace-match] */
export const laplace: Item<typeof belferParameters> = {
  id: 'X3',
  title: 'A Laplace kernel does nearly the same',
  claim:
    'On the sphere the tangent kernel is close to a Laplace kernel of the right width: its eigenvalues fall at the same rate, and regression with either has similar errors.',
  check:
    'Width, factor and constant of a Laplace kernel by least squares over the sphere; slope of even eigenvalues from k = 20 on for both; test errors of interpolating random smooth and kinked targets ' +
    'at points of the sphere, over ten draws.',
  expected: `A root mean squared difference of at most ${within}; slopes that differ by at most 0.05; a quotient of mean test errors within ${alike} of 1. Thresholds: 0.02 of the diagonal is the width of two lines of the figure.`,
  reference: { paper: 'Geifman20', equations: ['laplace-match', 'sphere-spectrum'] },
  run: async (settings: BelferSettings, context: StudyContext): Promise<Outcome> => {
    const { dimensions, degrees, samples } = settings;
    const measured: Measurement[] = [];
    const charts: Chart[] = [];
    const quotients: number[] = [];
    const apart: string[] = [];
    for (const d of dimensions) {
      const rule = zonalRule(Math.max(400, 4 * degrees), d);
      for (const network of networks) {
        const { label, spec } = network;
        const curve = normalised(spec, rule.angles, 'ntk');
        const fit = fitLaplace(curve, rule.angles, rule.weights);
        const match = rule.angles.map((angle) => laplaceAt(fit, angle));
        const difference = Math.sqrt(
          curve.reduce((sum, value, i) => sum + (rule.weights[i] as number) * (value - (match[i] as number)) ** 2, 0),
        );
        const own = await spectrumOf(spec, d, degrees, context);
        const theirs = zonalCoefficients(match, rule, d, degrees);
        const named = (what: string) => `${what}, ${label}, d = ${d}`;
        const errors = await compareErrors(spec, fit, d, samples, context);
        quotients.push(errors);
        if (difference > within) apart.push(`${label}, d = ${d} (corner ${endSlopes(spec).cusp.toFixed(2)})`);
        measured.push(
          atMost(named(`difference of the kernels, c = ${fit.width.toFixed(3)}`), difference, within),
          near(
            named('slope of the NTK less that of the Laplace kernel'),
            slopeOf(own, d) - slopeOf(theirs, d),
            0,
            0.05,
          ),
          near(named('test error of the NTK over that of the Laplace kernel'), errors, 1, alike),
        );
        if (d === dimensions.at(-1)) charts.push(chartOf(network, d, rule.angles, curve, match, fit));
      }
    }
    const [least, most] = [Math.min(...quotients), Math.max(...quotients)];
    return {
      measured,
      remarks: [
        ...(apart.length > 0
          ? [
              `A Laplace kernel has a corner at equal inputs; kernels as round there as those of ${apart.join(', ')} are met less closely than by ${within}.`,
            ]
          : []),
        ...(least < 1 - alike || most > 1 + alike
          ? [
              `From the same points the tangent kernels leave ${least.toFixed(2)} to ${most.toFixed(2)} times the error of the Laplace kernels fitted to them: the rate of the eigenvalues is one, ` +
                'and what is left of the targets depends on the first of them, in which the two differ.',
            ]
          : []),
      ],
      charts,
    };
  },
};

function slopeOf(values: Float64Array, d: number): number {
  const even = [...values.keys()].filter((k) => k >= 20 && k % 2 === 0);
  return logSlope(
    even.map((k) => k + (d - 2) / 2),
    even.map((k) => values[k] as number),
  );
}

/** The quotient of the root mean squared errors over all draws. */
async function compareErrors(
  spec: PresetSpec,
  fit: Laplace,
  d: number,
  samples: number,
  context: StudyContext,
): Promise<number> {
  const job = context.job(`d = ${d}`);
  const squares: { ntk: number[]; laplace: number[] } = { ntk: [], laplace: [] };
  const kernel = compile(spec);
  try {
    for (let draw = 0; draw < 10; draw++) {
      const random = createRandom(context.seed, 900 + draw);
      const x = normalPoints(random, samples, d);
      const z = normalPoints(random, tests, d);
      const axes = normalPoints(random, 3, d);
      const target = (point: Float64Array) => {
        const [a, b, c] = axes.map((axis) => axis.reduce((sum, value, i) => sum + value * (point[i] as number), 0));
        // A kink off the equator has frequencies of both parities.
        return (a as number) * (b as number) + Math.abs((c as number) + 0.3);
      };
      const y = Float64Array.from(x, target);
      const own = await gram(kernel, x, 'ntk', job);
      const between = await cross(kernel, z, x, 'ntk', job);
      const scale = Math.exp(between.logScale - own.logScale);
      // The kernel of that width alone: with a negative constant the sum need not be one.
      const alone = { ...fit, factor: 1, constant: 0 };
      const laplaceOf = (a: Float64Array, b: Float64Array) => laplaceAt(alone, angleOf(a, b));
      const values = new Float64Array(samples * samples);
      for (const [i, point] of x.entries()) {
        // Of thousands of samples this takes seconds, in which a run can be stopped.
        await new Promise((resolve) => setImmediate(resolve));
        job.signal?.throwIfAborted();
        for (let j = 0; j <= i; j++) {
          const value = laplaceOf(point, x[j] as Float64Array);
          values[i * samples + j] = value;
          values[j * samples + i] = value;
        }
      }
      const other: Gram = { ...own, values, logScale: 0 };
      const error = async (matrix: Gram, entry: (i: number, j: number) => number) => {
        const diagonal = matrix.values[0] as number;
        const { x: coefficients } = await solve(matrix, y, { ...job, ridge: ridge * diagonal, precision: 'float64' });
        return meanOf(
          z.map((point, i) => {
            const value = y.reduce((sum, _y, j) => sum + entry(i, j) * (coefficients.data[j] as number), 0);
            return (value - target(point)) ** 2;
          }),
        );
      };
      squares.ntk.push(await error(own, (i, j) => (between.data[i * samples + j] as number) * scale));
      squares.laplace.push(await error(other, (i, j) => laplaceOf(z[i] as Float64Array, x[j] as Float64Array)));
    }
  } finally {
    kernel.dispose();
  }
  return Math.sqrt(meanOf(squares.ntk) / meanOf(squares.laplace));
}

/** By the half-angle, which loses nothing at its ends. */
function angleOf(a: Float64Array, b: Float64Array): number {
  let [apart, together] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    apart += ((a[i] as number) - (b[i] as number)) ** 2;
    together += ((a[i] as number) + (b[i] as number)) ** 2;
  }
  return 2 * Math.atan2(Math.sqrt(apart), Math.sqrt(together));
}

function chartOf(
  { id, label, family }: (typeof networks)[number],
  d: number,
  angles: Float64Array,
  curve: Float64Array,
  match: Float64Array,
  fit: Laplace,
): Chart {
  const some = [...angles.keys()].filter((i) => i % Math.ceil(angles.length / 100) === 0);
  const line = (values: Float64Array) => some.map((i) => ({ x: angles[i] as number, y: values[i] as number }));
  const series: ChartSeries[] = [
    { id: 'ntk', label: 'NTK', family, points: line(curve) },
    { id: 'laplace', label: 'Laplace', family: 'reference', points: line(match) },
  ];
  return {
    name: `belfer-laplace-${id}`,
    title: `A Laplace kernel beside the tangent kernel, ${label}`,
    caption: `${fit.factor.toFixed(3)} · exp(−${fit.width.toFixed(3)} ‖x − z‖) ${fit.constant < 0 ? '−' : '+'} ${Math.abs(fit.constant).toFixed(3)}, fitted over the sphere in ${d} dimensions, and the normalised tangent kernel.`,
    x: { label: 'Angle between the inputs (radians)', scale: 'linear' },
    y: { label: 'Kernel', scale: 'linear' },
    series,
  };
}
