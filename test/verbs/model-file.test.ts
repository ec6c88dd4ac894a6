/** Models that go to a file and come back. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type Classifier,
  classify,
  cntk,
  compile,
  huang,
  KernelError,
  loadModel,
  type Regressor,
  regress,
  type Samples,
} from '../../lib/index.js';
import { distance, expectSameBytes, numbers, points, refusal } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'resgram-model-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

const kernel = compile(huang({ depth: 3, alpha: 0.5 }));
const n = 30;
const x = points(n, 4);
const y = Array.from({ length: n }, (_, i) => [numbers(n, 7)[i] as number, 3 + 10 * (numbers(n, 8)[i] as number)]);
const z = points(6, 4, 9);
const options = { ridge: 'auto', which: 'nngp', centre: true, amplitude: 'auto', threads: 1 } as const;
const fitted = () => regress(kernel, x, y, options);

async function expectSame(a: Regressor, b: Regressor, at: Samples): Promise<void> {
  const wanted = { std: true, threads: 1 } as const;
  const [p, q] = await Promise.all([a.predict(at, wanted), b.predict(at, wanted)]);
  expectSameBytes(p.mean.data, q.mean.data);
  expectSameBytes(p.std, q.std);
  const [s, t] = await Promise.all([a.covariance(at, { threads: 1 }), b.covariance(at, { threads: 1 })]);
  expectSameBytes(s.covariance.data, t.covariance.data);
}

/** The header, read by nothing of the package. */
function header(bytes: Buffer): { length: number; json: Record<string, never> } {
  const length = Number(bytes.readBigUInt64LE(0));
  return { length, json: JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) };
}

/** With another header; its record gets the checksum that goes with it. */
function edited(bytes: Buffer, edit: (text: string) => string): Buffer {
  const { length } = header(bytes);
  const json = JSON.parse(edit(bytes.subarray(8, 8 + length).toString('utf8')));
  json.__metadata__.checksum = String(crc32(json.__metadata__.model));
  const text = Buffer.from(JSON.stringify(json));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([start, text, bytes.subarray(8 + length)]);
}

describe('a saved model', () => {
  test('predicts the same to the last bit, and knows all that it knew', async () => {
    const model = await fitted();
    await model.save(at('a.model'), { notes: { columns: ['a', 'b'], label: 'µg/l <b>' } });
    const loaded = (await loadModel(at('a.model'))) as Regressor;
    await expectSame(model, loaded, z);
    const { predict, covariance, leaveOneOut, withRidge, append, save, dispose, ...facts } = model;
    expect(loaded).toMatchObject({ ...facts, notes: { columns: ['a', 'b'], label: 'µg/l <b>' } });
    expect(readdirSync(folder)).toEqual(['a.model']);
  });

  test('goes on from there: ridges, samples, files', async () => {
    const model = await fitted();
    await model.save(at('b.model'));
    const loaded = (await loadModel(at('b.model'))) as Regressor;
    await expectSame(await model.withRidge(0.3, { threads: 1 }), await loaded.withRidge(0.3, { threads: 1 }), z);
    const more = [points(3, 4, 20), numbers(6, 21)] as const;
    const right = { data: more[1], shape: [3, 2] };
    const grown = await loaded.append(more[0], right, { threads: 1 });
    await expectSame(await model.append(more[0], right, { threads: 1 }), grown, z);
    await grown.save(at('c.model'));
    await expectSame(grown, (await loadModel(at('c.model'))) as Regressor, z);
    loaded.dispose();
    await refusal(() => loaded.predict(z), 'ERR_DISPOSED');
    await refusal(() => loaded.save(at('d.model')), 'ERR_DISPOSED');
  });

  test('without its factor is small, and makes it again when asked for deviations', async () => {
    const model = await fitted();
    await model.save(at('small.model'), { factor: false });
    await model.save(at('large.model'));
    const [small, large] = ['small.model', 'large.model'].map((name) => readFileSync(at(name)).length) as [
      number,
      number,
    ];
    expect(large - small).toBeGreaterThan(8 * ((n * (n + 1)) / 2));
    await expectSame(model, (await loadModel(at('small.model'))) as Regressor, z);
  });

  test('of images keeps their grid', async () => {
    const images = { data: numbers(5 * 48, 3), shape: [5, 4, 4, 3] };
    const pooled = compile(cntk({ depth: 2, head: 'pool' }));
    const model = await regress(pooled, images, [1, 2, 3, 4, 5], { ridge: 0.1, threads: 1 });
    await model.save(at('images.model'));
    await expectSame(model, (await loadModel(at('images.model'))) as Regressor, {
      data: numbers(96, 4),
      shape: [2, 4, 4, 3],
    });
  });

  test('of images keeps the hours that its fit was allowed, and every call takes its own', async () => {
    const images = (count: number, seed: number) => ({ data: numbers(count * 48, seed), shape: [count, 4, 4, 3] });
    const pooled = compile(cntk({ depth: 2, head: 'pool' }));
    const few = { ridge: 0.1, threads: 1 };
    const short = { threads: 1, maxHours: 1e-300 };
    const allowed = (maxHours: number) => regress(pooled, images(5, 3), [1, 2, 3, 4, 5], { ...few, maxHours });
    const { details } = await refusal(() => allowed(1e-300), 'ERR_ARGUMENT');
    // Enough for the pairs of five images, not for those of five with five others.
    const hours = 1.01 * (details.hours as number);
    const model = await allowed(hours);
    const more = [images(5, 9), [6, 7, 8, 9, 10]] as const;
    const { message } = await refusal(() => model.append(...more, { threads: 1 }), 'ERR_ARGUMENT');
    expect(message).toContain(`more than the ${Number(hours.toPrecision(2))} allowed`);
    expect((await model.append(...more, { threads: 1, maxHours: 1 })).size).toBe(10);
    await refusal(() => model.predict(images(5, 9), { threads: 1 }), 'ERR_ARGUMENT');
    await model.predict(images(5, 9), { threads: 1, maxHours: 1 });

    await model.save(at('hours.model'), { factor: false });
    const loaded = async () => (await loadModel(at('hours.model'))) as Regressor;
    await refusal(async () => (await loaded()).append(...more, { threads: 1 }), 'ERR_ARGUMENT');
    for (const call of [
      async (options: object) => (await loaded()).withRidge(0.2, options),
      async (options: object) => (await loaded()).leaveOneOut(options),
      async (options: object) => (await loaded()).save(at('hours-2.model'), { ...options, force: true }),
      async (options: object) => (await loaded()).append(images(1, 9), [1], options),
    ]) {
      await refusal(() => call(short), 'ERR_ARGUMENT');
      await call({ threads: 1 });
    }
    await (await allowed(Number.POSITIVE_INFINITY)).save(at('hours.model'), { force: true });
    expect((await (await loaded()).append(...more, { threads: 1 })).size).toBe(10);

    const labelled = await classify(pooled, images(5, 3), ['a', 'b', 'a', 'b', 'a'], { ...few, maxHours: hours });
    const labels = ['a', 'b', 'a', 'b', 'a'];
    await refusal(() => labelled.append(more[0], labels, { threads: 1 }), 'ERR_ARGUMENT');
    expect((await labelled.append(more[0], labels, { threads: 1, maxHours: 1 })).size).toBe(10);
  });

  test('that classifies keeps its classes and probabilities', async () => {
    const labels = Array.from({ length: n }, (_, i) => ['no', 'yes', 'µ'][i % 3] as string);
    const model = await classify(kernel, x, labels, { ridge: 0.1, coding: 'signs', threads: 1 });
    await model.save(at('class.model'), { notes: [1, 2] });
    const loaded = (await loadModel(at('class.model'))) as Classifier;
    const { predict, leaveOneOut, withRidge, append, save, dispose, ...facts } = model;
    expect(loaded).toMatchObject({ ...facts, notes: [1, 2] });
    const [p, q] = await Promise.all([model.predict(z, { threads: 1 }), loaded.predict(z, { threads: 1 })]);
    expect(q.labels).toEqual(p.labels);
    expectSameBytes(p.scores.data, q.scores.data);
    expectSameBytes(p.probabilities.data, q.probabilities.data);
    const [r, s] = await Promise.all(
      [model, loaded].map((one) => one.append(z, ['yes', 'no', 'no', 'µ', 'yes', 'no'])),
    );
    expect(s?.sharpness).toBe(r?.sharpness);
  });

  test('is a SafeTensors file', async () => {
    await (await fitted()).save(at('s.model'));
    const bytes = readFileSync(at('s.model'));
    const { length, json } = header(bytes);
    expect(length % 8).toBe(0);
    const { __metadata__: metadata, ...tensors } = json as Record<string, Record<string, unknown>>;
    expect(Object.values(metadata as object).every((value) => typeof value === 'string')).toBe(true);
    expect(Object.keys(tensors)).toEqual(['points', 'targets', 'coefficients', 'factor']);
    const ends = Object.values(tensors).map(({ data_offsets: offsets }) => (offsets as [number, number])[1]);
    expect(ends.at(-1)).toBe(bytes.length - 8 - length);
    const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset + 8 + length, bytes.byteOffset + bytes.length));
    expect(distance(values.slice(0, 4 * n), x.data)).toBe(0);
    expect(distance(values.slice(4 * n, 6 * n), y.flat())).toBe(0);
  });
});

describe('a model that is disposed of while it works', () => {
  test('says that it was, whichever call it was', async () => {
    const calls: [name: string, call: (model: Regressor) => Promise<unknown>][] = [
      ['predict', (model) => model.predict(z, { std: true })],
      ['covariance', (model) => model.covariance(z)],
      ['leaveOneOut', (model) => model.leaveOneOut()],
      ['append', (model) => model.append(z, points(6, 2, 3))],
      ['withRidge', (model) => model.withRidge(0.5)],
      ['save', (model) => model.save(at('gone.model'), { force: true })],
    ];
    for (const [name, call] of calls) {
      const model = await fitted();
      const running = call(model);
      model.dispose();
      const { message } = await refusal(() => running, 'ERR_DISPOSED');
      expect([name, message]).toEqual([name, 'this regressor was disposed of']);
    }
    const labels = x.data.slice(0, n).map((value) => (value > 0 ? 1 : 0));
    const classes = [...labels];
    for (const call of [
      (model: Classifier) => model.predict(z),
      (model: Classifier) => model.save(at('gone.model'), { force: true }),
      (model: Classifier) => model.append(z, [0, 1, 0, 1, 0, 1]),
    ]) {
      const model = await classify(kernel, x, classes, { ridge: 0.1 });
      const running = call(model);
      model.dispose();
      expect((await refusal(() => running, 'ERR_DISPOSED')).message).toBe('this classifier was disposed of');
    }
    expect(readdirSync(folder)).not.toContain('gone.model');
  });
});

describe('files of earlier releases', () => {
  const kept = (name: string) => join(import.meta.dirname, '..', 'fixtures', 'models', name);

  test.each([1])('version %i still loads, and predicts what it did', async (version) => {
    const fit = (await loadModel(kept(`regressor-${version}.model`))) as Regressor;
    const said = fit.notes as { z: number[][]; mean: number[]; std: number[] };
    const { mean, std } = await fit.predict(said.z, { std: true });
    expect(distance(mean.data, said.mean)).toBeLessThan(1e-11);
    expect(distance(std, said.std)).toBeLessThan(1e-11);
    const model = (await loadModel(kept(`classifier-${version}.model`))) as Classifier;
    const told = model.notes as { z: number[][]; labels: string[]; probabilities: number[] };
    const { labels, probabilities } = await model.predict(told.z);
    expect(labels).toEqual(told.labels);
    expect(distance(probabilities.data, told.probabilities)).toBeLessThan(1e-11);
  });
});

describe('files that are no model, or not all of one', () => {
  const refused = async (bytes: Buffer): Promise<string> => {
    writeFileSync(at('bad.model'), bytes);
    return (await refusal(() => loadModel(at('bad.model')), 'ERR_DATA')).message;
  };

  test('are refused wherever they were cut', async () => {
    await (await fitted()).save(at('whole.model'));
    const bytes = readFileSync(at('whole.model'));
    const { length } = header(bytes);
    for (const size of [0, 7, 8, 100, 8 + length, 9 + length, bytes.length - 8, bytes.length - 1]) {
      expect(await refused(bytes.subarray(0, size))).toMatch(size < 8 ? /expected a model file/ : /cut short/);
    }
    expect(await refused(Buffer.concat([bytes, Buffer.from('x')]))).toMatch(/1 bytes too many/);
  });

  test('are refused after any change of a bit', async () => {
    await (await fitted()).save(at('flipped.model'));
    const bytes = readFileSync(at('flipped.model'));
    const { length } = header(bytes);
    for (let k = 8 + length; k < bytes.length; k += 97) {
      const changed = Buffer.from(bytes);
      changed[k] = (changed[k] as number) ^ (1 << (k % 8));
      expect(await refused(changed)).toMatch(/damaged: (the checksum|its factor has a number)/);
    }
  });

  test('are refused after any change of a bit outside the record, names of tensors included', async () => {
    const small = await regress(kernel, points(2, 2), [1, 2], { ridge: 0.1 });
    await small.save(at('names.model'));
    const bytes = readFileSync(at('names.model'));
    const { length } = header(bytes);
    const text = bytes.toString('latin1', 0, 8 + length);
    for (let k = text.indexOf('"checksum"'); k < 8 + length; k++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[k] = (changed[k] as number) ^ (1 << bit);
        await refused(changed);
      }
    }
    const renamed = (name: string) => edited(bytes, (json) => json.replace('"factor":', `"${name}":`));
    expect(await refused(renamed('gactor'))).toMatch(/damaged: 'gactor' is no tensor of a model/);
    const lost = edited(bytes, (json) => json.replace(/,\\"factor\\":\d+/, ''));
    expect(await refused(lost)).toMatch(/it has no checksum of its factor/);
    const extra = edited(bytes, (json) =>
      json.replace(/\\"coefficients\\":(\d+)/, '\\"coefficients\\":$1,\\"more\\":1'),
    );
    expect(await refused(extra)).toMatch(/'more' is no tensor/);
  });

  test('of a later version are named as such, with what helps', async () => {
    await (await fitted()).save(at('later.model'));
    const later = edited(readFileSync(at('later.model')), (text) => text.replace('"version":"1"', '"version":"2"'));
    expect(await refused(later)).toBe(
      'bad.model: expected format version 1, got 2; a later release of resgram wrote it, use that one',
    );
  });

  test('whose record is not what it should be are refused', async () => {
    await (await fitted()).save(at('record.model'));
    const bytes = readFileSync(at('record.model'));
    const cases: [from: string | RegExp, to: string, says: RegExp][] = [
      ['resgram-model', 'other-format!', /does not say that it is one/],
      ['\\"task\\":\\"regress\\"', '\\"task\\":\\"regret\\"', /neither regress nor classify/],
      ['\\"kernel\\":\\"nngp\\"', '\\"kernel\\":\\"rbf\\"', /neither nngp nor ntk/],
      [/\\"ridge\\":[^,]+/, '\\"ridge\\":-1', /its ridge is no number/],
      [/\\"centre\\":\[[^\]]+\]/, '\\"centre\\":[1]', /columns do not agree/],
      [/\\"amplitude\\":\[[^\]]+\]/, '\\"amplitude\\":[0,1]', /its amplitude is no number/],
      [/\\"logScale\\":[^,]+/, '\\"logScale\\":1e6', /its logScale 1000000 is not that of its samples/],
      [/\\"logScale\\":[^,]+/, '\\"logScale\\":-1e6', /its logScale -1000000 is not that of its samples/],
      [/\\"squaredErrors\\":\[[^,]+,/, '\\"squaredErrors\\":[', /ridges and errors of different numbers/],
      [/\\"ridge\\":[^,]+/, '\\"ridge\\":0.123', /its ridge is none of its candidates/],
      ['"dtype":"F64"', '"dtype":"F32"', /describes 'points' wrongly/],
      ['[30,4]', '[60,2]', /shapes do not agree/],
      ['[30,4]', '[30,5]', /describes 'points' wrongly/],
    ];
    for (const [from, to, says] of cases) {
      expect(await refused(edited(bytes, (text) => text.replace(from, to)))).toMatch(says);
    }
    const lost = edited(bytes, (text) => text.replace('\\"kind\\":\\"serial\\"', '\\"kind\\":\\"cereal\\"'));
    writeFileSync(at('bad.model'), lost);
    await refusal(() => loadModel(at('bad.model')), 'ERR_NETWORK');
  });

  test('whose factor is none are refused, though their checksums agree', async () => {
    await (await fitted()).save(at('pivot.model'));
    const bytes = readFileSync(at('pivot.model'));
    const { length, json } = header(bytes);
    const [from, to] = (json as unknown as { factor: { data_offsets: [number, number] } }).factor.data_offsets;
    const start = 8 + length;
    bytes.writeDoubleLE(-1, start + from);
    const sum = String(crc32(bytes.subarray(start + from, start + to)));
    const changed = edited(bytes, (text) => text.replace(/(\\"checksums\\":\{.*?\\"factor\\":)\d+/, `$1${sum}`));
    expect(await refused(changed)).toMatch(/its factor has no positive diagonal/);
  });

  test('are answered or refused whatever bytes of the header are changed', async () => {
    const model = await regress(
      kernel,
      [
        [1, 2],
        [3, 4],
      ],
      [1, 2],
      { ridge: 0.1 },
    );
    await model.save(at('fuzzed.model'));
    const bytes = readFileSync(at('fuzzed.model'));
    const { length } = header(bytes);
    const [places, values] = [numbers(600, 77), numbers(600, 78)];
    const ended = { loaded: 0, refused: 0 };
    for (let k = 0; k < 600; k++) {
      const changed = Buffer.from(bytes);
      const index = Math.floor(((places[k] as number) + 0.5) * (8 + length));
      // Digits and signs of JSON, so that much of it stays readable.
      changed[index] =
        k % 3 === 0 ? Math.floor(((values[k] as number) + 0.5) * 256) : '0123456789-,]}"'.charCodeAt(k % 15);
      writeFileSync(at('bad.model'), changed);
      try {
        const loaded = await loadModel(at('bad.model'));
        await (loaded as Regressor).predict([[1, 1]], { std: true });
        loaded.dispose();
        ended.loaded += 1;
      } catch (error) {
        if (!(error instanceof KernelError) || error.code === 'ERR_INTERNAL') throw error;
        ended.refused += 1;
      }
    }
    // What is left are spaces at the end, and characters that were what they became.
    expect(ended.refused).toBeGreaterThan(550);
  });

  test('are refused by name where they cannot be read, and never overwritten unasked', async () => {
    await refusal(() => loadModel(at('missing.model')), 'ERR_IO');
    await refusal(() => loadModel(folder), 'ERR_IO');
    await refusal(() => loadModel(''), 'ERR_ARGUMENT');
    writeFileSync(at('taken.model'), 'mine');
    const model = await fitted();
    await refusal(() => model.save(at('taken.model')), 'ERR_OUTPUT_EXISTS');
    expect(readFileSync(at('taken.model'), 'utf8')).toBe('mine');
    await model.save(at('taken.model'), { force: true });
    await expectSame(model, (await loadModel(at('taken.model'))) as Regressor, z);
    await refusal(() => model.save(join(folder, 'no', 'such', 'folder')), 'ERR_IO');
    await refusal(() => model.save(at('n.model'), { notes: () => 1 }), 'ERR_ARGUMENT');
    expect(readdirSync(folder).filter((name) => name.startsWith('.') || name === 'n.model')).toEqual([]);
  });

  test('stop when they are aborted, and leave nothing behind', async () => {
    const model = await fitted();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(model.save(at('aborted.model'), { signal })).rejects.toThrow('enough');
    expect(readdirSync(folder)).not.toContain('aborted.model');
    await model.save(at('kept.model'));
    await expect(loadModel(at('kept.model'), { signal })).rejects.toThrow('enough');
  });
});
