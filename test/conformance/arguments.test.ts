// Whatever is passed to whatever is exported: a KernelError with a code that says what was expected, never an error of the
// engine, never a result.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadWithSchema } from '../../lib/data/load.js';
import { fitModel } from '../../lib/fitting/fit.js';
import * as resgram from '../../lib/index.js';

const { compile, KernelError, metrics, sync } = resgram;

const kernel = compile({ preset: 'mlp', depth: 1 });
const x = [
  [1, 0],
  [0, 1],
];
const one = sync.gram(kernel, x, 'ntk');
const images = { data: Float64Array.of(1, 2, 3, 4), shape: [1, 2, 2, 1] };
const layer = resgram.dense();
const family = { preset: 'mlp' };
const kernelFamily = { preset: 'mlp', depth: 1 } as const;
const metric = { ...metrics[0] };
const both = sync.gram(kernel, x, ['nngp', 'ntk']);
const kernels = { train: both, cross: sync.cross(kernel, x, x, ['nngp', 'ntk']), test: sync.gram(kernel, x, 'nngp') };
const regressor = sync.regress(kernel, x, [1, 2]);
const classifier = sync.classify(kernel, x, ['a', 'b']);
const machine = sync.svm(one, ['a', 'b']);
const finite = sync.sample(kernelFamily, { width: 3, shape: 2 });
const tensors = sync.hierarchy(finite, x, { order: 2 });
const folder = mkdtempSync(join(tmpdir(), 'resgram-arguments-'));
const columned = await columnedModel();

/** A model that remembers the columns of its table, as those of `resgram fit` do. */
async function columnedModel(): Promise<resgram.Regressor | resgram.Classifier> {
  const table = join(folder, 'table.csv');
  writeFileSync(table, `a,b,y\n${Array.from({ length: 12 }, (_, i) => `${i % 5},${i % 3},${i * i + 0.5}\n`).join('')}`);
  const { data, schema } = await loadWithSchema(table, { target: 'y' });
  const { model, notes } = await fitModel(data, schema, { depths: [1], learningCurve: false }, {});
  await model.save(join(folder, 'columned.model'), { notes });
  return resgram.loadModel(join(folder, 'columned.model'));
}

const prediction = { mean: { data: Float64Array.of(1, 2), shape: [2, 1] }, std: Float64Array.of(1, 1) };

/** Arguments of which each is replaced in turn by what is none; of exports that are not here, the first is tried. */
const calls: Readonly<Record<string, readonly unknown[]>> = {
  activation: ['relu'],
  barzilai: [{ depth: 1, alpha: 1, head: 'pool' }],
  belfer: [{ depth: 1, alpha: 1 }],
  calibration: [prediction, [1, 2]],
  classify: [kernel, x, ['a', 'b']],
  cntk: [{ depth: 1, head: 'pool' }],
  compare: [{}],
  compile: [family],
  conditionNumber: [one],
  conv: [3],
  cross: [kernel, x, x, 'ntk'],
  crossSweep: [family, [1], x, x, 'ntk'],
  defineMetric: [metric],
  dense: [],
  diagonal: [kernel, x, 'ntk'],
  dynamics: [one, [1, 2], { times: [1] }],
  empirical: [finite, x, 'ntk'],
  empiricalCross: [finite, x, x, 'ntk'],
  empiricalMean: [kernelFamily, x, 'ntk', { width: 3, networks: 2 }],
  empiricalOutputs: [finite, x],
  ensemble: [kernels, [1, 2], { times: [1] }],
  encodeRows: [columned, [{ a: 1, b: 2 }]],
  extremeEigenvalues: [one],
  gradient: [kernel, x, x, 'ntk'],
  gram: [kernel, x, 'ntk'],
  gramSweep: [family, [1], x, 'ntk'],
  head: ['pool'],
  hierarchy: [finite, x],
  hessian: [kernel, x, x, 'ntk'],
  huang: [{ depth: 1, alpha: 1 }],
  imagesOf: [{ x: images, image: {} }],
  li: [{ depth: 1 }],
  loadDataset: ['nowhere.csv'],
  kernelProduct: [finite, x, [1, 2]],
  loadModel: ['nowhere.safetensors'],
  loadNetwork: ['nowhere.safetensors'],
  loadPair: ['nowhere.csv', 'nowhere.csv'],
  loadPoints: ['nowhere.csv'],
  lower: [layer],
  mlp: [{ depth: 1 }],
  multiply: [one, x],
  network: [family],
  parseNetwork: [family],
  parseNetworkText: ['{}'],
  pool: [2],
  predictAtWidth: [kernelFamily, x, [1, 2], x, { width: 3, times: [1], networks: 2, order: 2 }],
  preserving: [resgram.activation('relu')],
  profile: [kernel, [0, 1], 'ntk'],
  regress: [kernel, x, [1, 2]],
  repeat: [2, layer],
  repair: [x, [1, 2]],
  residual: [layer],
  ridgePath: [one, [1, 2], [0.1]],
  rowFormat: [regressor],
  sample: [kernelFamily, { width: 3, shape: 2 }],
  scale: [2],
  search: [x, [1, 2], { networks: [{ preset: 'mlp', depth: 1 }] }],
  serial: [layer],
  smoothness: [resgram.study(kernel, x), 'ntk', metrics],
  solve: [one, [1, 2]],
  spectrum: [one],
  sphereSpectrum: [kernel, 'ntk', { dimension: 3 }],
  study: [kernel, x],
  svm: [one, ['a', 'b']],
  svmFolds: [one, ['a', 'b'], [{ train: [0, 1], test: [0] }]],
  sweep: [family, [1]],
  tabulate: [Math.tanh],
  tabulated: [[{ from: -1, to: 1, coefficients: [1] }]],
  tirer: [{ depth: 1, alpha: 1 }],
  train: [finite, x, [1, 2], { times: [1] }],
  truncatedFlow: [tensors, [1, 2], { times: [1] }],
  unitPixels: [images],
  vary: [family, { depth: [1, 2] }],
  widthConvergence: [kernelFamily, x, 'ntk', { widths: [2, 3], networks: 2 }],
  'finite.forward': [x],
  'finite.jvp': [x, Array.from({ length: finite.parameters }, () => 1)],
  'finite.save': ['nowhere/to/be/found.safetensors'],
  'finite.vjp': [x, [1, 2]],
  'finite.withWeights': [finite.weights()],
  'classifier.append': [x, ['a', 'b']],
  'classifier.leaveOneOut': [],
  'classifier.predict': [x],
  'classifier.save': [join(folder, 'classifier.model')],
  'classifier.withRidge': [0.1],
  'machine.classify': [one],
  'machine.decide': [one],
  'regressor.append': [x, [1, 2]],
  'regressor.covariance': [x],
  'regressor.leaveOneOut': [],
  'regressor.predict': [x],
  'regressor.save': [join(folder, 'regressor.model')],
  'regressor.withRidge': [0.1],
};

const promise = Promise.resolve(one);
const wrong: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  'an empty object': {},
  'a number': 7.5,
  'a text': 'x',
  'an empty array': [],
  'a promise': promise,
};

/** What is right after all: options that are absent, the empty list of metrics, nothing to vary. */
const right = new Set([
  'finite.save 0 a text',
  'scale 0 a number',
  'smoothness 2 an empty array',
  'loadDataset 0 a text',
  'loadPair 0 a text',
  'loadPair 1 a text',
  'classifier.withRidge 0 a number',
  'classifier.save 0 a text',
  'regressor.save 0 a text',
  'regressor.withRidge 0 a number',
  'vary 1 an empty object',
]);

type Call = (...args: readonly unknown[]) => unknown;

async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return { resolved: await call() };
  } catch (error) {
    return error;
  }
}

const functions = Object.entries(resgram).filter(([, value]) => typeof value === 'function' && value !== KernelError);
const withoutArguments = ['info', 'imageFolder'];
const direct = Object.entries(sync).map(([name, call]) => [`sync.${name}`, call] as const);
const models: Readonly<Record<string, object>> = { regressor, classifier, machine, finite };
const methods = Object.keys(calls)
  .filter((name) => name.includes('.'))
  .map((name) => {
    const [owner = '', method = ''] = name.split('.');
    return [name, Reflect.get(models[owner] ?? {}, method)] as const;
  });

describe.each([...functions.filter(([name]) => !withoutArguments.includes(name)), ...direct, ...methods] as [
  string,
  Call,
][])('%s', (name, call) => {
  const bare = name.replace('sync.', '');
  const args = calls[bare] ?? [undefined];
  const tries = args.flatMap((_, at) => Object.entries(wrong).map(([what, value]) => [at, what, value] as const));

  test('refuses what is not its arguments', async () => {
    for (const [at, what, value] of tries) {
      if (right.has(`${bare} ${at} ${what}`)) continue;
      const error = await outcome(() => call(...args.toSpliced(at, 1, value)));
      const where = `${name}, argument ${at}: ${what}`;
      expect(error, where).toBeInstanceOf(KernelError);
      const { code, message } = error as InstanceType<typeof KernelError>;
      expect(code, `${where}: ${message}`).not.toBe('ERR_INTERNAL');
      expect(message, where).not.toMatch(/is not a function|is not iterable|cannot read prop/i);
      if (value === promise && bare in calls) expect(message, where).toMatch(/a Promise; await it first/);
    }
  });

  test('refuses options that are none', { timeout: 60_000 }, async () => {
    for (const value of [null, 7, 'x', [], promise]) {
      if (['serial', 'head', 'smoothness', 'defineMetric'].includes(bare)) continue;
      const error = await outcome(() => call(...args, value));
      if (typeof error === 'object' && error !== null && 'resolved' in error) {
        // A function without options ignores what comes after its arguments, as any does.
        expect(call.length, `${name}: ${String(value)}`).toBeLessThanOrEqual(args.length);
        continue;
      }
      expect(error, `${name}, options ${String(value)}`).toBeInstanceOf(KernelError);
      expect((error as InstanceType<typeof KernelError>).code).not.toBe('ERR_INTERNAL');
    }
  });
});

test('a refused save leaves nothing behind', () => {
  expect(readdirSync(folder).sort()).toEqual(['columned.model', 'table.csv']);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));
