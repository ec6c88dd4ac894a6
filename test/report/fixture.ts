import type {
  CompareReport,
  DepthResult,
  NetworkResult,
  PairedTest,
  SpectrumSummary,
} from '../../lib/compare/schema.js';
import { cuspSlope, eigenvalues, gaussian, kernelAt, type Network, solve, uniforms } from './kernels.js';

const depths = [1, 2, 5, 10, 20, 50];
const shownDepth = 5;
const splitCount = 10;

interface Contestant {
  readonly id: string;
  readonly label: string;
  readonly alpha: string;
  readonly at: (depth: number) => Network;
  /** How the invented test error bends with depth. */
  readonly error: (depth: number) => number;
}

const contestants: readonly Contestant[] = [
  { id: 'mlp', label: 'MLP', alpha: '', at: () => ({ alpha: null }), error: (l) => 0.012 + 0.0021 * (l - 1) ** 0.8 },
  {
    id: 'resnet-g1',
    label: 'ResNet, α = 1/L',
    alpha: 'α = 1/L',
    at: (l) => ({ alpha: 1 / l }),
    error: (l) => 0.0118 + 0.0004 / l,
  },
  {
    id: 'resnet-g0.5',
    label: 'ResNet, α = 1/√L',
    alpha: 'α = 1/√L',
    at: (l) => ({ alpha: 1 / Math.sqrt(l) }),
    error: (l) => 0.0109 + 0.0006 / l,
  },
  {
    id: 'resnet-a0.1',
    label: 'ResNet, α = 0.1',
    alpha: 'α = 0.1',
    at: () => ({ alpha: 0.1 }),
    error: (l) => 0.0122 - 0.00001 * l,
  },
  {
    id: 'resnet-a1',
    label: 'ResNet, α = 1',
    alpha: 'α = 1',
    at: () => ({ alpha: 1 }),
    error: (l) => 0.0115 + 0.0011 * (l - 1) ** 0.72,
  },
];

/** A report with real kernels, spectra and interpolants of small inputs, and invented but plausible test errors. */
export function fixture(): CompareReport {
  const networks = contestants.map(networkResult);
  const best = networks.reduce((a, b) => (b.nested.mean < a.nested.mean ? b : a));
  const tests = pairedTests(networks, best);
  const ties = tests.filter((test) => test.a === best.id && test.pAdjusted > 0.05).map((test) => test.b);
  return {
    schema: 1,
    kind: 'compare',
    version: '0.1.0',
    data: {
      name: 'digits 3 and 8',
      kind: 'images',
      image: { height: 28, width: 28, channels: 1 },
      task: 'classify',
      target: 'label',
      classes: [
        { label: '3', count: 1021 },
        { label: '8', count: 979 },
      ],
      rows: 2000,
      features: 784,
      holdoutRows: 1000,
      sources: [
        {
          role: 'features',
          name: 'images-idx3-ubyte.gz',
          bytes: 9_912_422,
          sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
          licence: null,
        },
        {
          role: 'labels',
          name: 'labels-idx1-ubyte.gz',
          bytes: 28_881,
          sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
          licence: null,
        },
      ],
      notes: ['2 rows repeat another row.', '112 of 784 pixels are 0 in every image.'],
    },
    protocol: {
      convention: 'huang',
      kernel: 'ntk',
      precision: 'float64',
      scaling: 'sphere',
      bias: 0,
      activation: 'relu',
      ridge: 'loo',
      ridgeGrid: Array.from({ length: 25 }, (_, i) => 10 ** (-10 + i / 2)),
      depths,
      allRows: 2000,
      splits: { count: splitCount, trainRows: 1000, testRows: 1000, seed: 1 },
      metric: 'error rate',
      selection:
        'In every split, depth and ridge are those of the lowest leave-one-out squared error on the training rows.',
      shownDepth,
    },
    baseline: { label: 'largest class', error: over(perturbed(0.4895, 0.011, 9)), holdoutError: 0.492 },
    networks,
    metrics: [
      {
        name: 'cuspSlope',
        title: 'Cusp slope of the kernel',
        meaning: 'Slope with which the normalised kernel leaves its peak at angle 0.',
        smootherWhen: 'smaller',
        caution: 'Zero for every NNGP kernel of ReLU networks; it tells tangent kernels apart only.',
        reference: 'cusp-slope',
      },
      {
        name: 'largestJump',
        title: 'Largest derivative jump',
        meaning: 'Largest jump of the slope of the interpolant of the real targets along a path through the data.',
        smootherWhen: 'smaller',
        caution: 'An interpolant that under-shoots jumps less.',
        reference: 'derivative-jump',
      },
      {
        name: 'spectralTail',
        title: 'Spectral tail',
        meaning: 'Share of the trace that lies beyond the first tenth of the eigenvalues.',
        smootherWhen: 'smaller',
        caution: 'Depends on the inputs as much as on the network.',
        reference: 'spectral-tail',
      },
      {
        name: 'rkhsNorm',
        title: 'RKHS norm of the fit',
        meaning: 'Norm of the interpolant of the targets in the space of the normalised kernel.',
        smootherWhen: 'smaller',
        caution: 'Norms of different spaces are compared; read it with the test error.',
        reference: 'rkhs-norm',
      },
      {
        name: 'decayExponent',
        title: 'Eigenvalue decay exponent',
        meaning: 'Power of the rank with which eigenvalues fall over the middle ranks.',
        smootherWhen: 'larger',
        caution: 'A fit over a finite range; its standard error is in the spectrum table.',
        reference: 'decay-exponent',
      },
    ],
    curves: curves(),
    circle: circle(),
    verdict: {
      headline: `${best.label} at depth ${best.chosenDepth} has the lowest test error (${(100 * best.nested.mean).toFixed(2)} %), but ${ties.length} networks tie with it.`,
      best: { id: best.id, depth: best.chosenDepth, error: best.nested.mean },
      ties,
      answers: [
        {
          question: 'MLP or ResNet?',
          answer: 'ResNet: the best one is 0.21 points below the MLP at its own best depth (p = 0.004).',
        },
        {
          question: 'How deep?',
          answer: 'Depth 5; from 2 to 50 the error of the best network changes by less than its spread over splits.',
        },
        {
          question: 'Which alpha?',
          answer: 'α = 1/√L has the lowest error; 1/L, 0.1 and 1 cannot be told from it.',
        },
        {
          question: 'How smooth?',
          answer: 'At depth 5 the cusp slope is 0.27 per radian against 0.80 for the MLP: about a third.',
        },
      ],
      caveats: [
        'The differences between the ResNets are smaller than what ten splits can resolve.',
        'These are networks of infinite width trained to the end: no feature learning.',
      ],
      tests,
    },
    provenance: {
      seed: 1,
      blas: 'OpenBLAS 0.3.31, 64-bit integers off',
      simd: 'avx2',
      threads: 2,
      platform: 'linux-x64',
      node: 'v20.20.2',
      command:
        'resgram compare images-idx3-ubyte.gz --labels labels-idx1-ubyte.gz --classes 3,8 --limit 2000 --seed 1 --out report',
    },
  };
}

function networkResult(contestant: Contestant, index: number): NetworkResult {
  const results = depths.map((depth, k) => depthResult(contestant, depth, 100 * index + k));
  const chosen = results.reduce((a, b) => (b.error.mean < a.error.mean ? b : a));
  return {
    id: contestant.id,
    label: contestant.label,
    family: contestant.alpha === '' ? 'mlp' : 'resnet',
    alpha: contestant.alpha,
    spec: contestant.alpha === '' ? { preset: 'mlp', convention: 'huang' } : { preset: 'huang', alpha: 1 },
    nested: {
      ...over(chosen.error.perSplit.map((error, i) => error + 0.0003 * (i % 3))),
      chosenDepths: Array.from({ length: splitCount }, (_, i) => (i % 4 === 3 ? 10 : chosen.depth)),
    },
    chosenDepth: chosen.depth,
    depths: results,
  };
}

function depthResult(contestant: Contestant, depth: number, seed: number): DepthResult {
  const error = contestant.error(depth);
  const network = contestant.at(depth);
  const spectrum = spectrumOf(network, depth);
  return {
    depth,
    error: over(perturbed(error, 0.0028, seed)),
    holdoutError: Math.round(1000 * error * 1.04) / 1000,
    looError: error * 0.98,
    ridge: 3.16e-7,
    ridgeAllRows: 1e-7,
    spectrum,
    smoothness: {
      cuspSlope: cuspSlope(network, depth),
      largestJump: 3.1 + 2 * cuspSlope(network, depth) ** 0.5,
      spectralTail: spectrum.values.slice(10).reduce((a, b) => a + b, 0) / spectrum.values.reduce((a, b) => a + b, 0),
      rkhsNorm: depth > 40 && contestant.alpha === '' ? null : 11 + 3 / (0.2 + cuspSlope(network, depth)),
      decayExponent: spectrum.decayExponent,
    },
  };
}

/** Gram matrix of 80 points on a sphere of dimension 5, some of them close together. */
const angles = (() => {
  const uniform = uniforms(5);
  const points = Array.from({ length: 80 }, () => {
    const x = Array.from({ length: 5 }, () => gaussian(uniform));
    const norm = Math.hypot(...x);
    return x.map((v) => v / norm);
  });
  return points.map((x) => points.map((z) => (x === z ? 0 : Math.acos(Math.min(1, Math.max(-1, dot(x, z)))))));
})();

function spectrumOf(network: Network, depth: number): SpectrumSummary {
  const values = eigenvalues(angles.map((row) => row.map((angle) => kernelAt(network, depth, angle))));
  const smallest = values.at(-1) as number;
  const middle = values.map((value, i) => [Math.log(i + 1), Math.log(value)] as const).slice(7, 56);
  const meanX = middle.reduce((sum, [x]) => sum + x, 0) / middle.length;
  const meanY = middle.reduce((sum, [, y]) => sum + y, 0) / middle.length;
  const covariance = middle.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = middle.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const conditionNumber = (values[0] as number) / smallest;
  return {
    ranks: values.map((_, i) => i + 1),
    values,
    conditionNumber: null,
    conditionNumberDistinct: conditionNumber,
    smallest,
    decayExponent: -covariance / variance,
    decayStandardError: 0.04,
    residual: 3.1e-15,
  };
}

function curves(): CompareReport['curves'] {
  const angles = [
    0,
    ...Array.from({ length: 40 }, (_, i) => 1e-4 * 10 ** (i / 16)),
    ...Array.from({ length: 180 }, (_, i) => ((i + 1) * Math.PI) / 180),
  ].sort((a, b) => a - b);
  return {
    depth: shownDepth,
    angles,
    series: contestants.map(({ id, at }) => ({
      id,
      values: angles.map((angle) => kernelAt(at(shownDepth), shownDepth, angle)),
      cuspSlope: cuspSlope(at(shownDepth), shownDepth),
    })),
  };
}

function circle(): CompareReport['circle'] {
  const target = (t: number) => 0.5 * Math.cos(t) + Math.sin(4 * t);
  const sampleAngles = Array.from({ length: 9 }, (_, i) => -Math.PI + ((i + 0.5) * 2 * Math.PI) / 9);
  const grid = Array.from({ length: 721 }, (_, i) => -Math.PI + (i * Math.PI) / 360);
  const distance = (s: number, t: number) => Math.abs(Math.atan2(Math.sin(s - t), Math.cos(s - t)));
  return {
    depth: shownDepth,
    target: '0.5 cos t + sin 4t',
    sampleAngles,
    sampleValues: sampleAngles.map(target),
    angles: grid,
    truth: grid.map(target),
    series: contestants.map(({ id, at }) => {
      const kernel = (angle: number) => kernelAt(at(shownDepth), shownDepth, angle);
      const matrix = sampleAngles.map((s) => sampleAngles.map((t) => kernel(distance(s, t)) + (s === t ? 1e-12 : 0)));
      const weights = solve(matrix, sampleAngles.map(target));
      const values = grid.map((t) =>
        sampleAngles.reduce((sum, s, i) => sum + (weights[i] as number) * kernel(distance(s, t)), 0),
      );
      const jumps = weights.map((weight) => 2 * cuspSlope(at(shownDepth), shownDepth) * Math.abs(weight));
      return {
        id,
        values,
        largestJump: Math.max(...jumps),
        totalJump: jumps.reduce((a, b) => a + b, 0),
        spectralTail: 0.014 + 0.01 * cuspSlope(at(shownDepth), shownDepth),
        rmsError: Math.sqrt(
          grid.reduce((sum, t, i) => sum + ((values[i] as number) - target(t)) ** 2, 0) / grid.length,
        ),
      };
    }),
  };
}

/** Every pair, the better network first, those with the best one before all others. */
function pairedTests(networks: readonly NetworkResult[], best: NetworkResult): readonly PairedTest[] {
  const ranked = [...networks].sort((a, b) => a.nested.mean - b.nested.mean);
  const pairs = ranked.flatMap((a, i) => ranked.slice(i + 1).map((b) => pairedTest(a, b, ranked.length)));
  return [...pairs.filter((test) => test.a === best.id), ...pairs.filter((test) => test.a !== best.id)];
}

function pairedTest(a: NetworkResult, b: NetworkResult, networks: number): PairedTest {
  const difference = b.nested.mean - a.nested.mean;
  const half = 0.0014;
  const p = Math.min(1, Math.exp(-2.4 * (difference / half) ** 2 - 0.2));
  return {
    a: a.id,
    b: b.id,
    depthA: a.chosenDepth,
    depthB: b.chosenDepth,
    difference,
    interval: [difference - half, difference + half],
    p,
    pAdjusted: Math.min(1, ((networks * (networks - 1)) / 2) * p),
  };
}

function perturbed(mean: number, sd: number, seed: number): number[] {
  const uniform = uniforms(100 + seed);
  return Array.from(
    { length: splitCount },
    () => Math.max(0, Math.round(1000 * (mean + sd * gaussian(uniform)))) / 1000,
  );
}

function over(perSplit: readonly number[]) {
  const mean = perSplit.reduce((a, b) => a + b, 0) / perSplit.length;
  const sd = Math.sqrt(perSplit.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (perSplit.length - 1));
  return { mean, sd, perSplit };
}

function dot(x: readonly number[], z: readonly number[]): number {
  return x.reduce((sum, v, i) => sum + v * (z[i] as number), 0);
}
