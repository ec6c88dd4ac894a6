/** A file as a fit. */

import type { FileHandle } from 'node:fs/promises';
import { compile, handleOf, type Kernel } from '../compile.js';
import { type KernelName, kernelNames } from '../evaluate.js';
import { background, job, type Steps } from '../jobs.js';
import { allocate, requireMemory } from '../memory.js';
import { called, type NativeMatrix, type NativeProgram, native } from '../native.js';
import { parseNetwork } from '../parse-network.js';
import { isRecord } from '../place.js';
import { readPoints } from '../points.js';
import type { Network } from '../presets.js';
import type { Fitted } from '../regression/fit.js';
import { only, type Problem, scaleOf } from '../regression/problem.js';
import { readTargets } from '../samples.js';
import { requireTangent } from '../tangent.js';
import type { Tensor } from '../tensor.js';
import { numbersIn, type OpenFile, withFile } from './bytes.js';
import { countOf, damaged, type Layout, modelFormat, type TensorPlace } from './layout.js';
import { Filler } from './numbers.js';

/** A model as read: its fit, and the record with what its kind keeps beside. */
export interface ReadModel {
  readonly fit: Fitted;
  readonly record: Readonly<Record<string, unknown>>;
  /** Refuses (ERR_DATA) a record that lacks what it should have. */
  readonly refuse: (why: string) => never;
}

/** Reads and checks a whole file: sizes, checksums, and every number. */
export async function readModel(path: string, signal: AbortSignal | undefined): Promise<ReadModel> {
  return withFile(path, modelFormat, (file) => assembled(file, signal));
}

async function assembled(
  { file, name, layout: { model, tensors } }: OpenFile,
  signal: AbortSignal | undefined,
): Promise<ReadModel> {
  const refuse = (why: string): never => {
    throw damaged(name, why);
  };
  const known = knownOf(model, refuse);
  const checksums = isRecord(model.checksums) ? model.checksums : refuse('its record has no checksums');
  requireNames([...tensors.keys()], Object.keys(checksums), refuse);
  const { points, targets, coefficients, factor } = placesOf(tensors, known.columns, refuse);
  const source = { file, name, checksums, signal };
  const x = await arrayOf(source, 'points', points);
  const y = await arrayOf(source, 'targets', targets);
  const a = await arrayOf(source, 'coefficients', coefficients);
  const held: NativeMatrix[] = [];
  try {
    if (factor !== undefined) held.push(await triangleOf(source, factor, targets.shape[0] as number));
    const fit = await background(readModel, () => ({
      settings: signal === undefined ? {} : { signal },
      steps: (function* () {
        const samples = readPoints('points', x, known.kernel.network);
        const right = readTargets('targets', y, samples.rows);
        const matrices: NativeMatrix[] = [];
        try {
          for (const rows of [samples, right, readTargets('coefficients', a, samples.rows)])
            matrices.push(yield* rows.copy());
          const [native0, native1, weights] = matrices as [NativeMatrix, NativeMatrix, NativeMatrix];
          const problem: Problem = {
            program: known.program,
            network: known.kernel.network,
            which: known.which,
            points: native0,
            grid: samples.grid,
            axes: samples.axes,
            targets: native1,
            gram: undefined,
            prepared: undefined,
            logScale: known.logScale,
            maxHours: known.maxHours,
            users: 1,
          };
          const made: Fitted = {
            problem,
            reading: known.reading,
            ridge: known.ridge,
            centre: known.centre,
            amplitude: known.amplitude,
            coefficients: Object.freeze({ data: a.data, shape: Object.freeze([...a.shape]) }),
            weights,
            factor: held[0],
            rkhsNorm: known.rkhsNorm,
            backwardError: known.backwardError,
            logLikelihood: known.logLikelihood,
            ...(known.candidates === undefined ? {} : { candidates: known.candidates }),
          };
          yield* requireUnit(problem, refuse);
          for (const matrix of [...matrices, ...held]) called(() => matrix.keep());
          return made;
        } catch (error) {
          for (const matrix of matrices) matrix.dispose();
          throw error;
        }
      })(),
    }));
    return { fit, record: model, refuse };
  } catch (error) {
    for (const matrix of held) matrix.dispose();
    throw error;
  }
}

/** Enough to know the unit of a kernel by. */
const fewImages = 4;

/**
 * Refuses a unit of K in which the kernel of its own samples would be 0 or infinite. It need not be what a fit would take
 * today: samples that were appended may be longer than those before.
 */
function* requireUnit(problem: Problem, refuse: (why: string) => never): Steps<void> {
  const { program, points, which, grid, logScale } = problem;
  // Of vectors a value takes next to no time, of pooled images as long as a pair.
  const rows = grid === undefined ? points.rows : Math.min(points.rows, fewImages);
  const diagonal = allocate(rows, 'float64');
  const scales = yield* job('diagonal', () => native().diagonal(program, points, only(which, diagonal), 0, rows, grid));
  const largest = diagonal.reduce((most, value) => Math.max(most, value), 0);
  if (largest === 0) return;
  const unit = Math.exp(Math.log(largest) + scaleOf(scales, which) - logScale);
  if (!(unit > 0 && Number.isFinite(unit))) refuse(`its logScale ${logScale} is not that of its samples`);
}

/** A list that goes with another, number by number. */
function requireCandidates(
  { ridges, squaredErrors }: { readonly ridges: Float64Array; readonly squaredErrors: Float64Array },
  ridge: number,
  refuse: (why: string) => never,
): void {
  if (ridges.length !== squaredErrors.length) refuse('its candidates have ridges and errors of different numbers');
  if (!ridges.includes(ridge)) refuse('its ridge is none of its candidates');
}

/** What every record holds. */
function knownOf(model: Readonly<Record<string, unknown>>, refuse: (why: string) => never) {
  const number = (value: unknown, what: string, least = Number.NEGATIVE_INFINITY): number =>
    typeof value === 'number' && Number.isFinite(value) && value >= least ? value : refuse(`its ${what} is no number`);
  const numbers = (value: unknown, what: string, least?: number): Float64Array =>
    Array.isArray(value) && value.length > 0
      ? Float64Array.from(value, (one) => number(one, what, least))
      : refuse(`its ${what} is no list of numbers`);
  const which = model.kernel as KernelName;
  if (!kernelNames.includes(which)) refuse('its kernel is neither nngp nor ntk');
  const kernel: Kernel = compile(parseNetwork(model.network) as Network);
  requireTangent(kernel.network, [which]);
  const amplitude = numbers(model.amplitude, 'amplitude', Number.MIN_VALUE);
  const centre = numbers(model.centre, 'centre');
  const rkhsNorm = numbers(model.rkhsNorm, 'norm', 0);
  if (centre.length !== amplitude.length || rkhsNorm.length !== amplitude.length) refuse('its columns do not agree');
  const { reading, candidates } = model;
  const ridge = number(model.ridge, 'ridge', 0);
  if (!isRecord(reading) || typeof reading.centre !== 'boolean') refuse('it does not say how targets were read');
  const { centre: centred, amplitude: scale } = reading as { centre: boolean; amplitude: unknown };
  const candidatesOf = (one: Readonly<Record<string, unknown>>) => {
    const ridges = numbers(one.ridges, 'list of ridges', 0);
    const squaredErrors = numbers(one.squaredErrors, 'list of errors', 0);
    requireCandidates({ ridges, squaredErrors }, ridge, refuse);
    return Object.freeze({ ridges, squaredErrors });
  };
  return {
    kernel,
    program: handleOf(kernel) as NativeProgram,
    which,
    columns: amplitude.length,
    amplitude,
    centre,
    rkhsNorm,
    reading: {
      centre: centred,
      amplitude: scale === 'auto' ? scale : number(scale, 'amplitude', Number.MIN_VALUE),
    } as const,
    ridge,
    logScale: number(model.logScale, 'logScale'),
    maxHours: model.maxHours === undefined ? undefined : number(model.maxHours, 'maxHours', Number.MIN_VALUE),
    backwardError: number(model.backwardError, 'backward error', 0),
    logLikelihood: number(model.logLikelihood, 'likelihood'),
    candidates: isRecord(candidates) ? candidatesOf(candidates) : undefined,
  };
}

const tensorNames: readonly string[] = ['points', 'targets', 'coefficients', 'factor'];

/** The header's names have no checksum of their own: those of the record say which tensors there must be. */
function requireNames(got: readonly string[], expected: readonly string[], refuse: (why: string) => never): void {
  const short = (key: string): string => `'${key.slice(0, 40)}'`;
  const strange = [...got, ...expected].find((key) => !tensorNames.includes(key));
  if (strange !== undefined) refuse(`${short(strange)} is no tensor of a model`);
  const missing = expected.find((key) => !got.includes(key));
  if (missing !== undefined) refuse(`its record names the tensor ${short(missing)}, which its header does not have`);
  const unnamed = got.find((key) => !expected.includes(key));
  if (unnamed !== undefined) refuse(`it has no checksum of its ${unnamed}`);
}

function placesOf(tensors: Layout['tensors'], columns: number, refuse: (why: string) => never) {
  const get = (key: string): TensorPlace => tensors.get(key) ?? refuse(`it has no ${key}`);
  const [points, targets, coefficients] = [get('points'), get('targets'), get('coefficients')];
  const factor = tensors.get('factor');
  const n = points.shape[0] as number;
  for (const { shape } of [targets, coefficients]) {
    if (shape.length !== 2 || shape[0] !== n || shape[1] !== columns) refuse('its shapes do not agree');
  }
  if (points.shape.length < 2) refuse('its points are no samples');
  if (factor !== undefined && countOf(factor.shape) !== (n * (n + 1)) / 2) refuse('its factor has another size');
  return { points, targets, coefficients, factor };
}

interface Source {
  readonly file: FileHandle;
  readonly name: string;
  readonly checksums: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal | undefined;
}

async function arrayOf(source: Source, key: string, place: TensorPlace): Promise<Tensor & { data: Float64Array }> {
  requireMemory(`${source.name}: ${key}`, 2 * place.bytes, 'load it where there is more memory');
  const data = allocate(countOf(place.shape), 'float64');
  let at = 0;
  for await (const slice of stretchOf(source, key, place)) {
    data.set(slice, at);
    at += slice.length;
  }
  return { data, shape: place.shape };
}

async function triangleOf(source: Source, place: TensorPlace, n: number): Promise<NativeMatrix> {
  requireMemory(`${source.name}: the factor of ${n} samples`, 8 * n * n, 'load it where there is more memory');
  const { Matrix } = native();
  const matrix = called(() => new Matrix(n, n));
  try {
    const filler = new Filler({ matrix, triangle: true, shape: place.shape });
    for await (const slice of stretchOf(source, 'factor', place)) {
      if (!filler.take(slice)) throw damaged(source.name, 'its factor has a number that is not finite');
    }
    requirePivots(matrix, source.name);
    return matrix;
  } catch (error) {
    matrix.dispose();
    throw error;
  }
}

function requirePivots(factor: NativeMatrix, name: string): void {
  try {
    native().logDeterminant(factor);
  } catch {
    throw damaged(name, 'its factor has no positive diagonal');
  }
}

function stretchOf({ checksums, ...source }: Source, what: string, place: TensorPlace): AsyncGenerator<Float64Array> {
  return numbersIn({ ...source, what, place, checksum: checksums[what] });
}
