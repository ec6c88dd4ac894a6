/** Eigenvalues of kernels on spheres: sphereSpectrum(). lib/sync.ts has the same on the calling thread. */

import { handleOf, type Kernel } from './compile.js';
import { KernelError } from './errors.js';
import { type Emitted, type KernelName, type PerKernel, readWhich, resultsOf, type Which } from './evaluate.js';
import { takesImages } from './fit-grid.js';
import { background, type JobOptions, job, jobConstraints, type Task, threadsOf } from './jobs.js';
import { allocate, requireMemory } from './memory.js';
import { native, type SphereOutputs } from './native.js';
import { integer, readOptions } from './options.js';
import { requireTangent } from './tangent.js';

export interface SphereOptions extends JobOptions {
  /** The number of inputs d ≥ 2: the sphere is that of unit vectors in d dimensions. */
  readonly dimension: number;
  /** The highest degree. Default 100. dimension + degrees may be 20,000. */
  readonly degrees?: number;
}

/**
 * The eigenvalues of a kernel's integral operator over the unit sphere with the uniform probability measure, times
 * exp(logScale). On a sphere the eigenfunctions are the spherical harmonics, so there is one eigenvalue per degree k.
 *                                                                                                   [sphere-spectrum]
 */
export interface SphereSpectrum {
  readonly kernel: KernelName;
  readonly dimension: number;
  /** values[k] belongs to degree k: how fast a target of that frequency is learned. */
  readonly values: Float64Array;
  /**
   * Bounds for the absolute errors of the values: what is smaller than its error is not known. Networks whose activations have
   * closed forms are integrated with 30 digits, others (tanh, softplus, SiLU, ELU, tabulated ones) with 13. The rounding of a
   * value to a double is part of its error; that of the variances of biased and smooth networks, 1e-16 of them, is not.
   */
  readonly errors: Float64Array;
  /** How many harmonics of degree k are linearly independent; Infinity beyond the range of numbers. */
  readonly multiplicities: Float64Array;
  /** The share of the trace κ(0) = Σ multiplicities · values that these degrees have, but for what is not known; 1 if κ(0) is 0. */
  readonly captured: number;
  readonly logScale: number;
}

export type SphereSpectra<K extends KernelName> = { readonly [Name in K]: SphereSpectrum };

/** dimension + degrees, as the core has it. */
const largestSphere = 20_000;

/**
 * The spectrum of a kernel on the sphere of unit vectors in `dimension` dimensions, up to the degree `degrees`. A tenth of a second of
 * CPU time for degree 1000 of a network with tens of layers.
 *
 * Rejects with ERR_ARGUMENT for a network on images or a dimension that does not fit, ERR_NO_CONVERGENCE where the kernel's
 * curve is too sharp to be resolved.                                                                  [sphere-spectrum]
 */
export function sphereSpectrum<K extends KernelName>(
  kernel: Kernel,
  which: K,
  options: SphereOptions,
): Promise<SphereSpectrum>;
export function sphereSpectrum<K extends KernelName>(
  kernel: Kernel,
  which: readonly K[],
  options: SphereOptions,
): Promise<SphereSpectra<K>>;
export function sphereSpectrum(
  kernel: Kernel,
  which: Which,
  options: SphereOptions,
): Promise<PerKernel<SphereSpectrum>> {
  return background(sphereSpectrum, () => sphereSpectrumTask(kernel, which, options));
}

export function sphereSpectrumTask(
  kernel: Kernel,
  which: Which,
  options: SphereOptions,
): Task<PerKernel<SphereSpectrum>> {
  const program = handleOf(kernel);
  const wanted = readWhich(which);
  requireTangent(kernel.network, wanted.names);
  if (takesImages(kernel.network)) {
    throw new KernelError(
      'ERR_ARGUMENT',
      'a spectrum on the sphere is that of a network on vectors, but this network takes images; take the spectrum of their ' +
        'kernel matrix instead, as spectrum(gram) gives it',
    );
  }
  const settings = readOptions('options', options, {
    ...jobConstraints,
    dimension: integer(2, largestSphere, 'the number of inputs'),
    degrees: integer(0, largestSphere, 'the highest degree'),
  });
  const { dimension, degrees = 100 } = settings;
  if (dimension === undefined) {
    throw new KernelError('ERR_ARGUMENT', 'options.dimension: expected the number of inputs, from 2, got nothing');
  }
  if (dimension + degrees > largestSphere) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `options: expected dimension + degrees of at most ${largestSphere}, got ${dimension} + ${degrees}; use fewer degrees`,
      { dimension, degrees, most: largestSphere },
    );
  }
  const threads = threadsOf(settings);
  const curves = wanted.names.length;
  requireMemory(
    `a spectrum of ${degrees + 1} degrees in ${dimension} dimensions on ${threads} threads`,
    native().sphereBytes(dimension, degrees, curves, threads) + 2 * 8 * curves * (degrees + 1),
    'use fewer threads or degrees',
  );
  return {
    settings,
    steps: (function* () {
      const results = resultsOf(program, wanted.names, degrees + 1, 'float64');
      const errors = new Map(wanted.names.map((name) => [name, allocate(degrees + 1, 'float64') as Float64Array]));
      const outputs = results.outputs.map(
        ([nngp, ntk]): SphereOutputs => [
          nngp as Float64Array | null,
          errors.get('nngp') ?? null,
          ntk as Float64Array | null,
          errors.get('ntk') ?? null,
        ],
      );
      const scales = yield* job('sphereSpectrum', () =>
        native().sphereSpectrum(program, dimension, degrees, outputs, threads),
      );
      const traces = resultsOf(program, wanted.names, 1, 'float64');
      yield* job('profile', () => native().profile(program, Float64Array.of(0), dimension, traces.outputs));
      const traceOf = new Map<KernelName, number>();
      traces.emitted(scales, (name, [trace = 0]) => traceOf.set(name, trace));
      const multiplicities = harmonics(dimension, degrees);
      const [spectra] = results.emitted(scales, (name, values, logScale) =>
        Object.freeze({
          kernel: name,
          dimension,
          values: values as Float64Array,
          errors: errors.get(name) as Float64Array,
          multiplicities,
          captured: shareOf(
            { values: values as Float64Array, errors: errors.get(name) as Float64Array, multiplicities },
            traceOf.get(name) as number,
          ),
          logScale,
        }),
      );
      return wanted.shape(spectra as Emitted<SphereSpectrum>);
    })(),
  };
}

/** N(d, k) = (2k + d − 2)/k · C(k + d − 3, d − 2), and N(d, 0) = 1; by ratios, so that nothing overflows early. */
export function harmonics(dimension: number, degrees: number): Float64Array {
  const counts = new Float64Array(degrees + 1);
  counts[0] = 1;
  let choose = 1;
  for (let k = 1; k <= degrees; k++) {
    if (k > 1) choose *= (k + dimension - 3) / (k - 1);
    counts[k] = ((2 * k + dimension - 2) / k) * choose;
    if ((counts[k] as number) < 2 ** 52) counts[k] = Math.round(counts[k] as number);
  }
  return counts;
}

/** The known part of the trace: a value below its error would be multiplied by counts that grow without bounds, and beyond all numbers. */
function shareOf({ values, errors, multiplicities }: Series, trace: number): number {
  if (trace === 0) return 1;
  let sum = 0;
  for (let k = values.length - 1; k >= 0; k--) {
    if (isKnown(values, errors, k) && Number.isFinite(multiplicities[k]))
      sum += (values[k] as number) * (multiplicities[k] as number);
  }
  return sum / trace;
}

type Series = Pick<SphereSpectrum, 'values' | 'errors' | 'multiplicities'>;

function isKnown(values: Float64Array, errors: Float64Array, k: number): boolean {
  return Math.abs(values[k] as number) > (errors[k] as number);
}

/**
 * −d log λ_k/d log(k + (d − 2)/2) over the last octave of the even (parity 0) or odd (1) degrees: d for the NTK of ReLU networks,
 * d + 2 for the NNGP. Null where the octave has fewer than two of them, or values that are not known to be positive.
 *                                                                                                   [sphere-spectrum]
 */
export function localDecay({ values, errors, dimension }: SphereSpectrum, parity: 0 | 1): number | null {
  const top = values.length - 1;
  const last = top - ((top + parity) % 2);
  const half = Math.floor(last / 2);
  const first = half + ((half + parity) % 2);
  const known = [first, last].every((k) => k > 0 && isKnown(values, errors, k) && (values[k] as number) > 0);
  if (first >= last || !known) return null;
  const shift = (dimension - 2) / 2;
  return Math.log((values[first] as number) / (values[last] as number)) / Math.log((last + shift) / (first + shift));
}
