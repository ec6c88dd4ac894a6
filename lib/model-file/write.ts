/** A fit as a file. */

import { writeFileAtomic } from '../data/atomic-write.js';
import { gramConstraints } from '../evaluate.js';
import { info } from '../info.js';
import { background, jobConstraints, threadsOf } from '../jobs.js';
import { type Checked, type Constraint, flag, readOptions, unexpected } from '../options.js';
import { type Fitted, factorOf } from '../regression/fit.js';
import { inputShapeOf } from '../regression/problem.js';
import type { SaveOptions } from '../regression/types.js';
import { requireFinite } from '../squares.js';
import { headOf, requireLittleEndian } from './layout.js';
import { plainNotes } from './notes.js';
import { checksumOf, type Part, slicesOf } from './numbers.js';

const anything: Constraint<unknown> = { expected: 'plain data', accepts: (_value): _value is unknown => true };

const saveConstraints = {
  ...jobConstraints,
  maxHours: gramConstraints.maxHours,
  force: flag,
  factor: flag,
  notes: anything,
};

/** What a kind of model adds to the record: its task, and what is not in the fit. */
export interface ModelRecord {
  readonly task: 'regress' | 'classify';
  readonly [key: string]: unknown;
}

/** Writes the model so that `path` only ever shows a complete file. */
export async function writeModel(
  path: string,
  fit: Fitted,
  record: ModelRecord,
  options: SaveOptions | undefined,
  earlierNotes: unknown,
): Promise<void> {
  if (typeof path !== 'string' || path === '') throw unexpected('path', 'the name of a file', path);
  requireLittleEndian();
  const settings = readOptions('options', options, saveConstraints);
  const { signal, force = false } = settings;
  const given = settings.notes === undefined ? earlierNotes : settings.notes;
  const notes = given === undefined || given === null ? undefined : plainNotes(given);
  const parts = await partsOf(fit, settings);
  const checksums: Record<string, number> = {};
  for (const [name, part] of parts) checksums[name] = await checksumOf(part, signal);
  const { problem, candidates } = fit;
  const model = {
    ...record,
    writtenBy: `resgram ${info().version}`,
    kernel: problem.which,
    network: problem.network,
    ridge: fit.ridge,
    reading: fit.reading,
    centre: [...fit.centre],
    amplitude: [...fit.amplitude],
    logScale: problem.logScale,
    // JSON has no infinity.
    ...(problem.maxHours === undefined ? {} : { maxHours: Math.min(problem.maxHours, Number.MAX_VALUE) }),
    rkhsNorm: [...fit.rkhsNorm],
    backwardError: fit.backwardError,
    logLikelihood: fit.logLikelihood,
    ...(candidates === undefined
      ? {}
      : { candidates: { ridges: [...candidates.ridges], squaredErrors: [...candidates.squaredErrors] } }),
    checksums,
    ...(notes === undefined ? {} : { notes }),
  };
  requireSavable(fit);
  const head = headOf(model, new Map([...parts].map(([name, { shape }]) => [name, shape])));
  const content = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    for (const part of parts.values()) yield* slicesOf(part, signal);
  };
  await writeFileAtomic(path, content(), { force, ...(signal === undefined ? {} : { signal }) });
}

/** What is no finite number would come back from JSON as null, and the file could not be read. */
function requireSavable({ candidates, ...fit }: Fitted): void {
  for (const key of ['centre', 'amplitude', 'rkhsNorm'] as const) requireFinite(`the model's ${key}`, fit[key]);
  for (const key of ['ridge', 'backwardError', 'logLikelihood'] as const)
    requireFinite(`the model's ${key}`, [fit[key]]);
  if (candidates === undefined) return;
  requireFinite("the ridges of the model's candidates", candidates.ridges);
  requireFinite("the squared errors of the model's candidates", candidates.squaredErrors);
}

async function partsOf(fit: Fitted, settings: Checked<typeof saveConstraints>): Promise<Map<string, Part>> {
  const { points, targets } = fit.problem;
  const { rows: n, columns } = fit.weights;
  const shape = [n, ...inputShapeOf(fit.problem)];
  const parts = new Map<string, Part>([
    ['points', { shape, matrix: points, triangle: false }],
    ['targets', { shape: [n, columns], matrix: targets, triangle: false }],
    ['coefficients', { shape: [n, columns], matrix: fit.weights, triangle: false }],
  ]);
  if (settings.factor === false) return parts;
  const matrix = await background(partsOf, () => ({
    settings,
    steps: factorOf(fit, threadsOf(settings), settings.maxHours),
  }));
  return parts.set('factor', { shape: [(n * (n + 1)) / 2], matrix, triangle: true });
}
