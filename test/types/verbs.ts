/** Lines about the verbs that must not compile, beside those that must. */

import {
  type ConditionNumber,
  calibration,
  classify,
  compile,
  conditionNumber,
  cross,
  type Dynamics,
  dynamics,
  type Ensemble,
  ensemble,
  type Gram,
  gram,
  gramSweep,
  loadModel,
  mlp,
  profile,
  regress,
  ridgePath,
  type SupportVectorMachine,
  search,
  solve,
  spectrum,
  svm,
  sync,
  vary,
} from '../../lib/index.js';

const kernel = compile(mlp({ depth: 2 }));
const x = [[1, 2]];

// What is right compiles.
const one: Gram = await gram(kernel, x, 'ntk');
const both = await gram(kernel, { data: new Float32Array(2), shape: [1, 2] }, ['nngp', 'ntk'], {
  precision: 'float32',
});
const condition: ConditionNumber = await conditionNumber(one, { ridge: 1, rows: [0] });
export const answers: readonly (number | null)[] = [condition.value, (await solve(one, [1])).backwardError];
// A condition number may be none.
// @ts-expect-error
export const certain: number = condition.value;
// There is no answer in single precision.
// @ts-expect-error
await solve(one, [1], { precision: 'float32' });
const run: Dynamics = await dynamics(one, [1], {
  times: [0, Number.POSITIVE_INFINITY],
  method: 'descent',
  learningRate: 0.1,
});
const crosses = await cross(kernel, x, x, ['nngp', 'ntk']);
const trained: Ensemble = await ensemble({ train: both, cross: crosses, test: both.nngp }, [1], { times: [1] });
export const losses: readonly Float64Array[] = [run.trainLoss, trained.times];
// Without test points there is nothing to predict there.
// @ts-expect-error
export const predicted: Dynamics['train'] = run.test;
// @ts-expect-error
await dynamics(one, [1], { method: 'flow' });
// @ts-expect-error
await dynamics(one, [1], { times: [1], method: 'newton' });
// A spectrum without vectors cannot train.
// @ts-expect-error
await dynamics(await spectrum(one), [1], { times: [1] });
// @ts-expect-error
await ensemble({ train: both, cross: crosses, test: x }, [1], { times: [1] });
export const right: readonly Gram[] = [
  one,
  both.nngp,
  both.ntk,
  ...(await gramSweep({ preset: 'mlp' }, [1, 2], x, 'ntk')),
];
export const numbers: readonly number[] = [
  (await spectrum(one, { vectors: true })).vectors.shape.length,
  (await ridgePath(one, [1], [0.1], { coefficients: true })).coefficients.data.length,
  (await regress(kernel, x, new Float64Array(1), { ridge: 'auto' })).rkhsNorm.length,
  profile(kernel, [0, 1], 'nngp').values.length,
  profile(kernel, [0, 1], 'nngp', { derivatives: 1 }).slopes.length,
  profile(kernel, [0, 1], ['ntk'], { derivatives: 2 }).ntk.curvatures.length,
  sync.cross(kernel, x, x, ['ntk']).ntk.shape.length,
];
const loaded = await loadModel('file');
export const models: readonly number[] = [
  loaded.task === 'classify' ? loaded.classes.length : loaded.columns,
  calibration(await (await classify(kernel, x, ['a'])).predict(x), ['a']).brier,
  calibration(await (await regress(kernel, x, [1])).predict(x, { std: true }), [1]).crps,
  (await search(x, [1], { networks: vary({ preset: 'huang' }, { alpha: [1, { gamma: 0.5 }] }), depths: [1] })).best
    .ridge,
];
// One price gives one machine, a list of them a list.
const machine: SupportVectorMachine = await svm(one, ['a'], { c: 2 });
export const machines: readonly SupportVectorMachine[] = await svm(one, [1], { c: [1, 2] });
export const names: readonly (string | number)[] = await machine.classify(one);
// @ts-expect-error labels are of one kind of thing, text or numbers
await svm(one, [true]);
kernel[Symbol.dispose]();

// Results that were not asked for.
// @ts-expect-error the vectors were not computed
(await spectrum(one)).vectors.data;
// @ts-expect-error the slopes were not asked for
profile(kernel, [0, 1], 'nngp').slopes.length;
// @ts-expect-error the curvatures were not asked for
profile(kernel, [0, 1], 'nngp', { derivatives: 1 }).curvatures.length;
// @ts-expect-error only the NTK was requested
(await gram(kernel, x, ['ntk'])).nngp;
// @ts-expect-error a single kernel is no record
(await gram(kernel, x, 'ntk')).ntk;
// @ts-expect-error coefficients were not computed
(await ridgePath(one, [1], [0.1])).coefficients.data;
// @ts-expect-error deviations were not computed
(await (await regress(kernel, x, [1])).predict(x)).std.length;

// @ts-expect-error a regressor has no classes
(await loadModel('file')).classes.length;
// @ts-expect-error deviations were not computed
calibration(await (await regress(kernel, x, [1])).predict(x), [1]);

// Misspelt and misplaced arguments.
// @ts-expect-error an option of another preset
vary({ preset: 'mlp' }, { alpha: [1] });
// @ts-expect-error a value that the option does not take
vary({ preset: 'mlp' }, { convention: ['yacot'] });
// @ts-expect-error no networks
search(x, [1], { depths: [1] });
// @ts-expect-error classes have no amplitude
classify(kernel, x, [1], { amplitude: 2 });
// @ts-expect-error misspelt kernel
gram(kernel, x, 'nkt');
// @ts-expect-error misspelt option
gram(kernel, x, 'ntk', { thread: 2 });
// @ts-expect-error no such precision
gram(kernel, x, 'ntk', { precision: 'float16' });
// @ts-expect-error a network must be compiled
gram(mlp({ depth: 2 }), x, 'ntk');
// @ts-expect-error a typed array has no shape
gram(kernel, new Float64Array(2), 'ntk');
// @ts-expect-error integers are no samples
gram(kernel, { data: new Int32Array(2), shape: [1, 2] }, 'ntk');
// @ts-expect-error the second set is missing
cross(kernel, x, 'ntk');
// @ts-expect-error a Gram matrix, not its values
spectrum(one.values);
// @ts-expect-error a ridge is a number or 'auto'
regress(kernel, x, [1], { ridge: 'loo' });
// @ts-expect-error what runs on the calling thread cannot be aborted
sync.gram(kernel, x, 'ntk', { signal: AbortSignal.abort() });
// @ts-expect-error results are read-only
one.size = 3;
// @ts-expect-error depths are asked for apart
gramSweep({ preset: 'mlp', depth: 3 }, x, 'ntk');
