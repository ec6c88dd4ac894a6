/** The kernel over the angle between two unit vectors, with its derivatives. */

import { handleOf, type Kernel } from './compile.js';
import { KernelError } from './errors.js';
import { type Emitted, type KernelName, type PerKernel, readWhich, resultsOf, type Which } from './evaluate.js';
import { takesImages } from './fit-grid.js';
import { job, type Task } from './jobs.js';
import { allocate } from './memory.js';
import { called, native } from './native.js';
import { type Constraint, integer, reading, readOptions, unexpected } from './options.js';
import { lengthOf } from './samples.js';
import { requireTangent } from './tangent.js';

/** How many derivatives by the angle: 1 adds the slopes, 2 the curvatures too. */
export type Derivatives = 0 | 1 | 2;

/** The kernel of unit vectors at given angles, times exp(logScale): the curve whose smoothness is studied. */
export interface Profile {
  readonly kernel: KernelName;
  readonly angles: Float64Array;
  readonly values: Float64Array;
  readonly logScale: number;
}

/**
 * κ′(θ), in units of the values per radian. Limits from within at the ends: −slopes at 0 is the cusp slope s₀, the slope
 * at π the antipodal slope e_π (unless divided by κ(0), as smoothness() does). Exact to the last digits for closed forms; from
 * tables (ELU, tanh, softplus, SiLU, a φ of one's own) good to some 1e-12 of κ(0), so that a slope of 0 may come out as
 * 2e-12.                                                                                            [zonal-derivatives]
 */
export interface Slopes {
  readonly slopes: Float64Array;
}

/** κ″(θ), in units of the values per square radian; limits from within at the ends. From tables good to some 1e-11 of κ(0). */
export interface Curvatures {
  readonly curvatures: Float64Array;
}

/** A profile with as many derivatives as were asked for. */
export type ProfileOf<D extends Derivatives> = D extends 0
  ? Profile
  : D extends 1
    ? Profile & Slopes
    : Profile & Slopes & Curvatures;

export interface ProfileOptions<D extends Derivatives = Derivatives> {
  /** The number of inputs; needed where the network divides ⟨x, z⟩ by it. */
  readonly dimension?: number;
  /** Derivatives by the angle. Default 0. */
  readonly derivatives?: D;
}

const profileConstraints: { dimension: Constraint<number>; derivatives: Constraint<Derivatives> } = {
  dimension: integer(1, 2 ** 31 - 1, 'the number of inputs'),
  derivatives: { expected: '0, 1 or 2', accepts: (value): value is Derivatives => [0, 1, 2].includes(value as number) },
};
/** Angles of one profile; it runs on the calling thread. */
const maxAngles = 2 ** 20;
/** Angles times steps of one profile: some seconds. A step with derivatives takes some thirty times as long. */
const maxWork = { 0: 1e9, 1: 3e7, 2: 3e7 } as const;

export function profileTask(
  kernel: Kernel,
  angles: Float64Array | readonly number[],
  which: Which,
  options?: ProfileOptions,
): Task<PerKernel<Profile>> {
  const program = handleOf(kernel);
  const wanted = readWhich(which);
  requireTangent(kernel.network, wanted.names);
  const { dimension, derivatives = 0 } = readOptions('options', options, profileConstraints);
  if (takesImages(kernel.network)) {
    throw new KernelError(
      'ERR_ARGUMENT',
      'a profile is over the angle between two vectors, but this network takes images; take their kernel matrix instead, ' +
        'as gram and cross give it',
    );
  }
  if (dimension === undefined && program.perDimension) {
    throw new KernelError(
      'ERR_ARGUMENT',
      'options.dimension: expected the number of inputs, because this network divides ⟨x, z⟩ by it',
    );
  }
  const checked = readAngles(angles);
  const steps = called(() => program.work);
  const most = maxWork[derivatives];
  if (checked.length * steps > most) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `angles: expected at most ${most} steps of a profile${derivatives > 0 ? ' with derivatives' : ''}, which runs on ` +
        `the calling thread, got ${checked.length} angles × ${steps} steps of this network; use at most ` +
        `${Math.floor(most / steps)} angles, a shallower network, or cross() with points on a circle, which runs in the ` +
        'background',
      { angles: checked.length, steps, most },
    );
  }
  return {
    settings: {},
    steps: (function* () {
      const results = resultsOf(program, wanted.names, checked.length, 'float64');
      const scales = yield* job('profile', () => native().profile(program, checked, dimension ?? 1, results.outputs));
      const derived = wanted.names.map((name) => [name, derivativesOf(checked.length, derivatives)] as const);
      const byName = new Map<KernelName, Partial<Slopes & Curvatures>>(derived);
      if (derivatives > 0) {
        const { slopes: s0 = null, curvatures: c0 = null } = byName.get('nngp') ?? {};
        const { slopes: s1 = null, curvatures: c1 = null } = byName.get('ntk') ?? {};
        yield* job('profile', () => native().profileDerivatives(program, checked, dimension ?? 1, [[s0, c0, s1, c1]]));
      }
      const [profiles] = results.emitted(scales, (kernelName, values, logScale) =>
        Object.freeze({
          kernel: kernelName,
          angles: checked,
          values: values as Float64Array,
          ...byName.get(kernelName),
          logScale,
        }),
      );
      return wanted.shape(profiles as Emitted<Profile>);
    })(),
  };
}

function derivativesOf(length: number, derivatives: Derivatives): Partial<Slopes & Curvatures> {
  if (derivatives === 0) return {};
  const slopes = allocate(length, 'float64') as Float64Array;
  return derivatives === 1 ? { slopes } : { slopes, curvatures: allocate(length, 'float64') as Float64Array };
}

function readAngles(angles: unknown): Float64Array {
  return reading('angles', () => {
    const isTyped = angles instanceof Float64Array;
    if (!isTyped && !Array.isArray(angles)) throw unexpected('angles', 'a Float64Array or an array of numbers', angles);
    const length = isTyped ? lengthOf(angles) : angles.length;
    if (length < 1 || length > maxAngles) throw unexpected('angles', `from 1 to ${maxAngles} angles`, angles);
    const checked = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      const angle: unknown = angles[i];
      if (typeof angle !== 'number' || !(angle >= 0 && angle <= Math.PI)) {
        throw unexpected(`angles[${i}]`, 'an angle in radians, from 0 to π', angle);
      }
      checked[i] = angle;
    }
    return checked;
  });
}
