// One child of the fuzz test: runs the cases of seeds [first, first + count) against the built package.
//
//   node test/boundary/fuzz.mjs FIRST COUNT
//
// Ends with 0 if every bad call was refused with a code (or with the reason of its signal), and with 1 and the seed
// otherwise. A crash ends it some other way; the parent then looks for the seed. Prints how often each verb ended how.
import { createRequire } from 'node:module';
import {
  calibration,
  classify,
  compile,
  cross,
  crossSweep,
  diagonal,
  dynamics,
  empirical,
  ensemble,
  errorCodes,
  gram,
  gramSweep,
  info,
  KernelError,
  mlp,
  multiply,
  profile,
  regress,
  repair,
  ridgePath,
  sample,
  search,
  spectrum,
  svm,
  svmFolds,
  sync,
  vary,
} from '../../dist/index.js';
import { anything, array, generator, indices, meddle, options, samples, targets, which } from './hostile.mjs';
import { rawCalls } from './raw.mjs';
import { disposed, gramMatrix, kernels, model, sampled, sides } from './rightful.mjs';

const verbs = {
  // These answer at once.
  calibration: async (...given) => calibration(...given),
  repair: async (...given) => repair(...given),
  vary: async (...given) => vary(...given),
  classify,
  compile,
  cross,
  crossSweep,
  diagonal,
  dynamics,
  empirical,
  ensemble,
  gram,
  gramSweep,
  multiply,
  profile,
  regress,
  ridgePath,
  sample,
  search,
  spectrum,
  svm,
  svmFolds,
  sync,
};
const [first, count] = process.argv.slice(2).map(Number);

let seed = first;
const broken = (what) => {
  console.error(`seed ${seed}: ${what}`);
  process.exit(1);
};
process.on('uncaughtException', (error) => broken(`uncaught ${error?.stack ?? error}`));
process.on('unhandledRejection', (error) => broken(`unhandled ${error?.stack ?? error}`));

function kernel(random) {
  if (!random.bad()) return random.pick(kernels);
  return random.pick([disposed, { ...kernels[0] }, new Proxy(kernels[0], {}), anything(random)]);
}

function matrix(random) {
  if (!random.bad()) return gramMatrix;
  if (random.chance(0.1)) return anything(random);
  const size = random.pick([4, 3, 2, 0, -1, 2 ** 31, 2 ** 53, '4', Number.NaN]);
  return {
    kernel: random.pick(['ntk', 'ntk', 'NTK']),
    size,
    values: array(random, 16),
    logScale: random.pick([0, 0, 1, Number.NaN, '0']),
  };
}

const either = (random, right, wrong) =>
  random.bad() ? random.pick([...wrong, anything(random)]) : random.pick(right);
const preset = (random) =>
  either(
    random,
    [{ preset: 'mlp' }, { preset: 'huang', alpha: 0.1 }, { preset: 'tirer', alpha: { gamma: 0.5 } }],
    [{ preset: 'tirer', alpha: [0.1] }, { preset: 'toString' }, { preset: 'mlp', alpha: 3 }],
  );
const labels = (random, n) => {
  const names = Array.from({ length: n }, (_, i) => (random.chance(0.5) ? 'ab'[i % 2] : i % 2));
  const same = names.map((_, i) => 'ab'[i % 2]);
  return either(random, [same, same.map((name) => name.charCodeAt(0))], [names, same.map(() => 'a'), array(random, n)]);
};
const precision = { precision: () => 'float32' };
const depths = (random) => either(random, [[1, 2], [0]], [[], [2, 1], [1.5], [-1], ['1']]);
const ridges = (random) => either(random, [[0.1, 1], [0], new Float64Array(2)], [[], [-1], [Number.NaN], ['1']]);
const angles = (random) =>
  either(random, [[0, 1], new Float64Array(3)], [[], [4], [Number.NaN], ['1'], array(random, 3)]);

const times = (random) =>
  either(
    random,
    [[0, 2, Infinity], [3], Float64Array.of(1, 1)],
    [[], [-1], [0.5, Number.NaN], ['1'], array(random, 3)],
  );
const training = (random) => ({
  method: () => either(random, ['flow', 'descent'], ['newton']),
  learningRate: () => either(random, [1e-3, 0.1, 10], [0, -1, Infinity]),
  average: () => either(random, ['samples', 'entries'], ['rows']),
  ridge: () => either(random, [0, 0.3], [-1]),
  relativeRidge: () => either(random, [0.1], [Number.NaN]),
  allowUnstable: () => random.chance(0.5),
});
const machine = (random) => ({
  c: () => either(random, [1, [0.1, 10], 1e6], [0, [], [Number.NaN], '1']),
  tolerance: () => either(random, [1e-3, 1e-9], [0, 1]),
  maxIterations: () => either(random, [1000], [1, 0]),
  shrinking: () => random.chance(0.5),
  warmStart: () => random.chance(0.5),
});
/** Times are not a choice. */
const trained = (random, more = {}) => {
  const given = options(random, { ...training(random), ...more });
  return given === undefined || (typeof given === 'object' && given !== null)
    ? (safe(() => Object.defineProperty(given ?? {}, 'times', { value: times(random), enumerable: true })) ?? given)
    : given;
};
const safe = (act) => {
  try {
    return act();
  } catch {
    return undefined;
  }
};

const tally = {};
const ended = (name, how) => {
  tally[name] ??= {};
  tally[name][how] = (tally[name][how] ?? 0) + 1;
};

/** Each returns the verb's name and its arguments. */
const cases = [
  (r) => ['gram', kernel(r), samples(r), which(r), options(r, precision)],
  (r) => ['cross', kernel(r), samples(r, 5, 3), samples(r, r.integer(1, 4), 3), which(r), options(r, precision)],
  (r) => ['diagonal', kernel(r), samples(r), which(r), options(r)],
  (r) => ['profile', kernel(r), angles(r), which(r), either(r, [{ dimension: 3 }], [undefined, { dimension: -1 }])],
  (r) => ['gramSweep', preset(r), depths(r), samples(r), which(r), options(r, precision)],
  (r) => ['crossSweep', preset(r), depths(r), samples(r, 3, 2), samples(r, 2, 2), which(r), options(r, precision)],
  (r) => ['spectrum', matrix(r), options(r, { top: () => r.integer(0, 5), vectors: () => true })],
  (r) => {
    const rows = r.chance(0.5) ? { rows: () => indices(r, 4) } : {};
    const given = options(r, { ...rows, coefficients: () => true });
    return ['ridgePath', matrix(r), targets(r, lengthOf(given, 'rows')), ridges(r), given];
  },
  (r) => {
    const given = options(r, { rows: () => indices(r, 4), columns: () => indices(r, 4) });
    return ['multiply', r.chance(0.5) ? matrix(r) : samples(r, 4, 4), targets(r, lengthOf(given, 'columns')), given];
  },
  (r) => {
    const n = r.integer(1, 6);
    return [
      'regress',
      kernel(r),
      samples(r, n, 2),
      targets(r, n),
      options(r, { ridge: () => either(r, ['auto', 0.1], [0, -1]), which: () => which(r) }),
    ];
  },
  (r) => {
    const cross = () =>
      either(r, [sides.cross.ntk, { data: new Float64Array(8), shape: [2, 4] }], [sides.train.ntk, matrix(r)]);
    const initial = () => either(r, [{}, { train: targets(r, 4) }, { test: targets(r, 2) }], [{ trian: 1 }]);
    const more = { cross, initial, validation: () => targets(r, 2), modes: () => true, coefficients: () => true };
    return ['dynamics', matrix(r), targets(r, 4), trained(r, more)];
  },
  (r) => {
    const part = (key) =>
      r.bad() ? { [key]: r.pick([anything(r), { nngp: matrix(r), ntk: matrix(r) }, matrix(r)]) } : {};
    const kernels = { ...sides, ...part('train'), ...part('cross'), ...part('test') };
    return ['ensemble', kernels, targets(r, 4), trained(r, { trainedBy: () => either(r, ['nngp', 'ntk'], ['gpk']) })];
  },
  (r) => {
    const width = either(r, [1, 3, 17], [0, 1.5, 2 ** 30]);
    const shape = either(r, [2, [2]], [0, [2, 2], 'two', [1, 2, 3, 4]]);
    const given = options(r, { seed: () => either(r, [0, 7], [-1]), outputs: () => either(r, [1, 2], [0]) });
    const asked = typeof given === 'object' && given !== null ? given : {};
    safe(() => Object.defineProperty(asked, 'width', { value: width, enumerable: true }));
    safe(() => Object.defineProperty(asked, 'shape', { value: shape, enumerable: true }));
    return ['sample', either(r, [mlp({ depth: 1 }), preset(r)], [{ preset: 'mlp' }, 3]), asked];
  },
  (r) => [
    'empirical',
    r.bad() ? r.pick([{ ...sampled }, anything(r)]) : sampled,
    samples(r, 3, 2),
    which(r),
    options(r, { maxBytes: () => either(r, [1e6, 1e9], [0, -1, 10]) }),
  ],
  (r) => ['predict', samples(r, 3, 2), options(r, { std: () => true })],
  (r) => ['covariance', samples(r, 3, 2), options(r, { column: () => either(r, [0], [1, -1]), noise: () => true })],
  (r) => ['leaveOneOut', options(r)],
  (r) => {
    const given = { missing: either(r, ['drop'], ['dorp']), duplicates: either(r, ['merge'], ['murge']) };
    return ['repair', samples(r, 4, 2), r.chance(0.5) ? labels(r, 4) : targets(r, 4), given];
  },
  (r) => {
    const n = r.integer(1, 3);
    return ['append', samples(r, n, 2), targets(r, n), options(r)];
  },
  (r) => {
    const n = r.integer(2, 6);
    const given = { ridge: () => either(r, ['auto', 0.1], [-1]), coding: () => either(r, ['signs'], ['sings']) };
    return ['classify', kernel(r), samples(r, n, 2), labels(r, n), options(r, given)];
  },
  (r) => {
    const n = r.integer(2, 6);
    const given = options(r, {
      depths: () => depths(r),
      ridges: () => ridges(r),
      which: () => which(r),
      criterion: () => either(r, ['folds', 'likelihood', 'leave-one-out'], ['luck']),
      folds: () => either(r, [2], [1, 99]),
      seed: () => either(r, [3], [-1, 2 ** 60]),
      centre: () => true,
    });
    // Networks are not a choice.
    const asked = typeof given === 'object' && given !== null ? given : {};
    const networks = either(r, [[preset(r)], [{ preset: 'mlp', depth: 2 }, mlp({ depth: 1 })]], [[], [3], 'mlp']);
    safe(() => Object.defineProperty(asked, 'networks', { value: networks, enumerable: true }));
    return ['search', samples(r, n, 2), r.chance(0.5) ? labels(r, n) : targets(r, n), asked];
  },
  (r) => {
    const rows = r.chance(0.5) ? { rows: () => indices(r, 4) } : {};
    const given = options(r, { ...rows, ...machine(r) });
    return ['svm', matrix(r), labels(r, lengthOf(given, 'rows')), given];
  },
  (r) => {
    const fold = () => either(r, [{ train: [0, 1], test: [2, 3] }], [{}, { train: [0, 2], test: [1] }, { train: [9] }]);
    const folds = either(r, [[fold()], [fold(), { train: indices(r, 4), test: indices(r, 4) }]], [[], {}]);
    return ['svmFolds', matrix(r), labels(r, 4), folds, options(r, machine(r))];
  },
  (r) => {
    const prediction = {
      mean: { data: array(r, 3), shape: [3, 1] },
      std: r.chance(0.7) ? Float64Array.of(1, 2, 3) : array(r, 3),
    };
    return ['calibration', r.bad() ? anything(r) : prediction, targets(r, 3)];
  },
  (r) => [
    'vary',
    preset(r),
    either(r, [{ inputScale: ['1', '1/d'] }, {}], [{ alfa: [1] }, { alpha: 3 }, { alpha: [] }]),
  ],
  (r) => ['withRidge', either(r, [0.2, 0, 'auto'], [-1]), options(r)],
  (r) => [
    'compile',
    either(r, [{ preset: 'mlp', depth: 1 }], [{ preset: 'mlp', depth: r.pick([-1, 1e9, 3n, '3', Number.NaN]) }]),
  ],
  // Large enough to be copied in slices, with something happening in between.
  (r) => ['gram', kernels[0], large(r), 'ntk', options(r)],
];

/** How many samples the option `key` chooses, of the four there are. */
function lengthOf(given, key) {
  try {
    return given[key].length;
  } catch {
    return 4;
  }
}

function large(random) {
  const [n, d] = [3, 2 ** 18];
  const buffer = new ArrayBuffer(n * d * 8, { maxByteLength: n * d * 8 });
  const data = new Float64Array(buffer).fill(0.5);
  const shape = [n, d];
  setImmediate(() => {
    const meanwhile = [
      () => buffer.resize(8),
      () => structuredClone(buffer, { transfer: [buffer] }),
      () => data.fill(Number.NaN, n * d - 1),
      () => {},
    ];
    safely(random.pick(meanwhile));
  });
  return { data, shape };
}

function callable(name, random) {
  if (name in model) return model[name];
  return name in sync && random.chance(0.3) ? sync[name] : verbs[name];
}

async function one() {
  const random = generator(seed);
  // The last case costs as much as fifty others.
  const make = random.chance(0.02) ? cases.at(-1) : random.pick(cases.slice(0, -1));
  const [name, ...given] = make(random);
  try {
    const call = callable(name, random)(...given);
    for (const argument of given) safely(() => meddle(random, argument));
    await call;
    ended(name, 'ok');
  } catch (error) {
    if (isReasonOf(given.at(-1), error)) {
      ended(name, 'aborted');
      return;
    }
    if (!(error instanceof KernelError)) broken(`${name} threw ${error?.stack ?? String(error)}`);
    if (!errorCodes.includes(error.code) || error.code === 'ERR_INTERNAL')
      broken(`${name}: ${error.code} ${error.message}\n${error.cause?.stack ?? ''}`);
    if (error.message === '' || !error.stack.includes(error.message)) broken(`${name}: an error without its message`);
    ended(name, error.code);
  }
}

/** Did the call end because its signal was aborted? */
function isReasonOf(given, error) {
  try {
    const { signal } = given;
    return signal instanceof AbortSignal && signal.aborted && signal.reason === error;
  } catch {
    return false;
  }
}

function safely(act) {
  try {
    act();
  } catch {
    // The argument was meant to be unreadable.
  }
}

const addon = createRequire(import.meta.url)(info().binary);
const raw = rawCalls(addon, kernels[0].program.steps);

for (; seed < first + count; seed++) {
  if (seed % 5 === 4) ended('raw', raw(generator(seed)));
  else await one();
}
console.log(JSON.stringify(tally));
