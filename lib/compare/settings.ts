import { activationNames, activationRecord, type PlainActivationName } from '../activations.js';
import type { Dataset } from '../data/dataset.js';
import { KernelError, unknownName } from '../errors.js';
import { maxTimes } from '../layer-rules.js';
import type { Bias } from '../layers.js';
import { type Checked, type Constraint, integer, oneOf, readOptions } from '../options.js';
import { atDepth, defaultActivation, network } from '../presets.js';
import { ridgeGrid } from '../ridge-choice.js';
import { requireFiniteSlopes } from '../tangent.js';
import { dataset } from './check-dataset.js';
import { type Contestant, networkList } from './network-list.js';
import type { CompareOptions } from './options.js';
import type { Protocol } from './schema.js';

/** Options with every default filled in. */
export interface Settings {
  readonly contestants: readonly Contestant[];
  readonly convention: string;
  readonly kernel: Protocol['kernel'];
  readonly precision: Protocol['precision'];
  readonly scaling: Protocol['scaling'];
  readonly bias: number;
  readonly activation: PlainActivationName;
  readonly ridge: 'loo' | number;
  /** Relative to the mean diagonal; one entry where the ridge is fixed. */
  readonly ridges: readonly number[];
  readonly depths: readonly number[];
  readonly shownDepth: number;
  readonly splits: number;
  readonly trainRows: number;
  readonly testRows: number;
  /** Rows behind the figures of all rows: all of them, or as many as are sampled. */
  readonly allRows: number;
  readonly seed: number;
}

export const defaultDepths: readonly number[] = [1, 2, 3, 5, 10, 20, 50];
/** Training rows of a split beyond which eigendecompositions would take most of the time. */
export const mostTrainRows = 1000;
/** Rows beyond which the figures of all rows are those of a sample; n³ would take hours a little further on. */
export const mostAllRows = 2000;
/** The kernels are told apart best where they are neither alike nor degenerate; five layers is what papers plot. */
const plottedDepth = 5;
const fewestRows = 10;

const depthList: Constraint<readonly number[]> = {
  expected: `ascending integers from 1 to ${maxTimes}`,
  accepts: (value): value is readonly number[] =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (depth, i) => Number.isInteger(depth) && depth >= 1 && depth <= maxTimes && (i === 0 || depth > value[i - 1]),
    ),
};

const anything: Constraint<unknown> = { expected: 'anything', accepts: (_value): _value is unknown => true };

const text: Constraint<string> = { expected: 'a text', accepts: (value): value is string => typeof value === 'string' };

const ridge: Constraint<'loo' | number> = {
  expected: "'loo' or a number ≥ 0, relative to the mean diagonal of the Gram matrix",
  accepts: (value): value is 'loo' | number =>
    value === 'loo' || (typeof value === 'number' && Number.isFinite(value) && value >= 0),
};

const variance: Constraint<number> = {
  expected: 'a variance, a finite number ≥ 0',
  accepts: (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0,
};

const constraints = {
  networks: anything,
  convention: text,
  depths: depthList,
  kernel: oneOf('ntk', 'nngp'),
  precision: oneOf('float64', 'float32'),
  scaling: oneOf('none', 'columns', 'sphere'),
  bias: variance,
  activation: text,
  ridge,
  splits: integer(2, 1000),
  trainRows: integer(2, 2 ** 31 - 1),
  allRows: integer(fewestRows, 2 ** 31 - 1),
  seed: integer(0, Number.MAX_SAFE_INTEGER),
  holdout: dataset,
  command: text,
};

/** Checks the options against each other and the data, and fills in what suits the data. */
export function settingsOf(data: Dataset, options: CompareOptions): Settings {
  const given: Checked<typeof constraints> = readOptions('options', options, constraints);
  const rows = data.x.shape[0];
  if (rows < fewestRows) {
    throw new KernelError(
      'ERR_DATA',
      `${data.name}: expected at least ${fewestRows} rows, so that some can be kept apart and predicted, got ${rows}; ` +
        'a program can fit fewer (regress, classify)',
      { rows },
    );
  }
  const images = data.kind === 'images';
  const scaling = given.scaling ?? (images ? 'sphere' : 'columns');
  const bias = given.bias ?? (images ? 0 : 1);
  const named = given.activation === undefined ? undefined : activationNamed(given.activation);
  const { convention, contestants } = networkList(options.networks, given.convention, {
    activation: named,
    bias: bias === 0 ? null : trainedBias(bias),
    // Rows on the sphere have length 1; standardised ones have a squared length of d.
    inputScale: scaling === 'sphere' ? '1' : '1/d',
  });
  checkHoldout(data, options.holdout);
  const { trainRows, testRows } = splitSizes(data, given.trainRows);
  const depths = given.depths ?? defaultDepths;
  for (const { spec, label } of contestants) {
    requireFiniteSlopes(network(atDepth(spec, depths[depths.length - 1] as number)), `networks: ${label}`);
  }
  return {
    contestants,
    convention,
    kernel: given.kernel ?? 'ntk',
    precision: given.precision ?? 'float64',
    scaling,
    bias,
    activation: named ?? defaultActivation(convention),
    ridge: given.ridge ?? 'loo',
    ridges: typeof given.ridge === 'number' ? [given.ridge] : ridgeGrid,
    depths,
    shownDepth: nearest(depths, plottedDepth),
    splits: given.splits ?? 10,
    trainRows,
    testRows,
    allRows: Math.min(rows, given.allRows ?? mostAllRows),
    seed: given.seed ?? 0,
  };
}

/** Starts at zero, so it is not in the covariance, and trains, so it is in the tangent kernel. */
function trainedBias(variance: number): Bias {
  return { var: variance, init: 'zero', trainable: true };
}

function activationNamed(name: string): PlainActivationName {
  if (!(activationNames as readonly string[]).includes(name)) {
    throw new KernelError('ERR_ARGUMENT', `activation: ${unknownName('activation', name, activationNames)}`, { name });
  }
  const parameters = activationRecord(name as PlainActivationName).parameters;
  if (parameters.length > 0) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `activation: '${name}' needs ${parameters.map((parameter) => parameter.name).join(', ')}; give the networks as JSON`,
      { name },
    );
  }
  return name as PlainActivationName;
}

function checkHoldout(data: Dataset, holdout: Dataset | undefined): void {
  if (holdout === undefined) return;
  const [expected, got] = [data.x.shape[1], holdout.x.shape[1]];
  if (expected !== got) {
    throw new KernelError(
      'ERR_SHAPE',
      `holdout: expected ${expected} features as in ${data.name}, got ${got} in ${holdout.name}`,
      {
        expected,
        got,
      },
    );
  }
  if (data.task !== holdout.task || data.classes?.join('\n') !== holdout.classes?.join('\n')) {
    throw new KernelError(
      'ERR_DATA',
      `holdout: expected the task and classes of ${data.name}; load both with loadPair`,
    );
  }
}

/** Four fifths for training, at most 1000 of them; of the rest a quarter as many for testing, at least 200. */
function splitSizes(data: Dataset, asked: number | undefined): { trainRows: number; testRows: number } {
  const rows = data.x.shape[0];
  if (asked !== undefined && asked > rows - 1) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `trainRows: expected at most ${rows - 1}, one less than the rows, got ${asked}`,
      {
        rows,
        trainRows: asked,
      },
    );
  }
  const trainRows = asked ?? Math.min(mostTrainRows, Math.floor(0.8 * rows));
  // The corrected test pays for test rows beyond a quarter of the training rows; below 200 an error rate is coarse.
  return { trainRows, testRows: Math.min(rows - trainRows, Math.max(200, Math.ceil(trainRows / 4))) };
}

function nearest(depths: readonly number[], wanted: number): number {
  return depths.reduce((best, depth) => (Math.abs(depth - wanted) < Math.abs(best - wanted) ? depth : best));
}
