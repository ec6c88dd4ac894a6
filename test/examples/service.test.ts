// The service of examples/service: as an application in process, and as programs in a folder of their own.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { classify, cntk, compile, KernelError, mlp, type Regressor, regress, type Samples } from '../../lib/index.js';
import { numbers, points } from '../verbs/support.js';

const root = path.resolve(import.meta.dirname, '..', '..');
const source = path.join(root, 'examples', 'service');
const n = 40;
const d = 3;
const kernel = compile(mlp({ depth: 2 }));
const x = points(n, d);
const y = Array.from({ length: n }, (_, i) => [numbers(n, 7)[i] as number, 10 * (numbers(n, 8)[i] as number)]);
const options = { ridge: 0.1, which: 'nngp', amplitude: 'auto', threads: 1 } as const;
const rows = Array.from({ length: 30 }, (_, i) => [...numbers(d, 100 + i)]);
/** A row that the kernel refuses, together with whatever comes with it. */
const poison = [666, 0, 0];

let model: Regressor;
// biome-ignore lint/suspicious/noExplicitAny: the example is JavaScript
let service: (model: any, options?: object) => any;
beforeAll(async () => {
  model = await regress(kernel, x, y, options);
  ({ service } = await import(path.join(source, 'app.mjs')));
});
afterAll(() => model.dispose());

// biome-ignore lint/suspicious/noExplicitAny: as above
const open: any[] = [];
afterEach(() => Promise.all(open.splice(0).map((app) => app.close())));

/** A service over a model that outlives it, whose predictions wait at a gate and are counted. */
async function gated(settings: object = {}, shown: object = {}) {
  const calls: { rows: number; signal: AbortSignal | undefined }[] = [];
  let gate = Promise.resolve();
  let lift = () => {};
  const predict = async (z: { data: Float64Array; shape: number[] }, job: { signal?: AbortSignal }) => {
    calls.push({ rows: z.shape[0] as number, signal: job.signal });
    await gate;
    if (z.data.includes(poison[0] as number)) throw new KernelError('ERR_RANGE', 'too far away');
    return model.predict(z as unknown as Samples, job as { std: true });
  };
  const app = service({ ...model, ...shown, predict, dispose() {} }, settings);
  open.push(app);
  await app.ready();
  calls.length = 0;
  const shut = () => {
    gate = new Promise((resolve) => {
      lift = resolve;
    });
  };
  const ask = (body: unknown) => app.inject({ method: 'POST', url: '/predict', payload: body });
  return { app, ask, calls, shut, lift: () => lift() };
}

const turns = async (until: () => boolean) => {
  while (!until()) await new Promise((resolve) => setImmediate(resolve));
};

describe('answers', () => {
  test('are those of the model', async () => {
    const { ask } = await gated();
    const answer = await ask({ rows });
    expect(answer.statusCode).toBe(200);
    const { mean, std } = await model.predict(rows, { std: true, noise: true, threads: 1 });
    const { predictions } = answer.json();
    expect(predictions.flatMap((one: { mean: number[] }) => one.mean)).toEqual([...mean.data]);
    expect(predictions.flatMap((one: { std: number[] }) => one.std)).toEqual([...std]);
  });

  test('come by name where the model has names', async () => {
    const { ask, app } = await gated({ noise: false }, { notes: { columns: ['a', 'b', 'c'] } });
    const [[a, b, c]] = rows as [number[]];
    const { predictions } = (await ask({ rows: [{ c, a, b }] })).json();
    const { mean, std } = await model.predict([[a, b, c] as number[]], { std: true, threads: 1 });
    expect(predictions).toEqual([{ mean: [...mean.data], std: [...std] }]);
    expect((await app.inject('/model')).json()).toMatchObject({
      task: 'regress',
      columns: ['a', 'b', 'c'],
      samples: n,
    });
    for (const [row, message] of [
      [{ a, b }, "body/rows/0 must have required property 'c'"],
      [{ a, b, c, z: 1 }, "body/rows/0 must NOT have additional properties: 'z'"],
      [[a, b, c], 'body/rows/0 must be object'],
    ]) {
      const answer = await ask({ rows: [row] });
      expect([answer.statusCode, answer.json().message]).toEqual([400, message]);
    }
  });

  test('of a classifier are labels and probabilities', async () => {
    const labels = Array.from({ length: n }, (_, i) => 'abc'[i % 3] as string);
    const classifier = await classify(kernel, x, labels, { ridge: 0.1, threads: 1 });
    const { labels: expected, probabilities } = await classifier.predict(rows, { threads: 1 });
    const app = service(classifier);
    open.push(app);
    const { classes, predictions } = (await app.inject({ method: 'POST', url: '/predict', payload: { rows } })).json();
    expect(classes).toEqual(['a', 'b', 'c']);
    expect(predictions.map(({ label }: { label: string }) => label)).toEqual(expected);
    expect(predictions.flatMap((one: { probabilities: number[] }) => one.probabilities)).toEqual([
      ...probabilities.data,
    ]);
  });

  test('images are nested arrays', async () => {
    const shape = [12, 4, 4, 2];
    const images = { data: numbers(12 * 32, 5), shape };
    const targets = Array.from({ length: 12 }, (_, i) => i);
    const convolutional = compile(cntk({ depth: 2, head: 'trace' }));
    const fit = await regress(convolutional, images, targets, { ...options, which: 'ntk' });
    const { mean, std } = await fit.predict(
      { data: images.data.subarray(0, 32), shape: [1, 4, 4, 2] },
      {
        std: true,
        noise: true,
        threads: 1,
      },
    );
    const app = service(fit);
    open.push(app);
    const image = Array.from({ length: 4 }, (_, i) =>
      Array.from({ length: 4 }, (_, j) => [...images.data.subarray(8 * i + 2 * j, 8 * i + 2 * j + 2)]),
    );
    const ask = (row: unknown) => app.inject({ method: 'POST', url: '/predict', payload: { rows: [row] } });
    expect((await ask(image)).json().predictions).toEqual([{ mean: [...mean.data], std: [...std] }]);
    expect((await ask(image.slice(1))).json().message).toBe('body/rows/0 must NOT have fewer than 4 items');
    expect((await app.inject('/model')).json().inputShape).toEqual([4, 4, 2]);
  });

  test('a model that asks for scaled inputs is not served', () => {
    expect(() => service({ ...model, notes: { scaling: { kind: 'columns' } } })).toThrow('scaled inputs');
  });
});

describe('requests at the same time', () => {
  test('share predictions, and each gets its own answer', async () => {
    const { ask, calls, shut, lift } = await gated();
    shut();
    const first = ask({ rows: rows.slice(0, 1) });
    await turns(() => calls.length === 1);
    const others = rows.slice(1).map((row) => ask({ rows: [row] }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(calls).toHaveLength(1);
    lift();
    const answers = await Promise.all([first, ...others]);
    expect(calls.map((call) => call.rows)).toEqual([1, 29]);
    const { mean } = await model.predict(rows, { threads: 1 });
    answers.forEach((answer, i) => {
      const [{ mean: got }] = answer.json().predictions;
      expect(got).toEqual([...mean.data.slice(2 * i, 2 * i + 2)]);
    });
  });

  test('go in batches that are bounded', async () => {
    const { ask, calls, shut, lift } = await gated({ maxBatch: 8 });
    shut();
    const all = [ask({ rows: rows.slice(0, 1) })];
    await turns(() => calls.length === 1);
    for (const count of [5, 3, 4, 20, 1]) all.push(ask({ rows: rows.slice(0, count) }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    lift();
    await Promise.all(all);
    expect(calls.map((call) => call.rows)).toEqual([1, 8, 4, 20, 1]);
  });

  test('are turned away beyond the bound, and told when to come again', async () => {
    const { app, ask, calls, shut, lift } = await gated({ maxWaiting: 4 });
    shut();
    const taken = [ask({ rows: rows.slice(0, 1) })];
    await turns(() => calls.length === 1);
    taken.push(ask({ rows: rows.slice(0, 3) }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await app.inject('/health')).json()).toMatchObject({ status: 'ok', waiting: 3 });
    const answer = await ask({ rows: rows.slice(0, 2) });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
    lift();
    expect((await Promise.all(taken)).map((one) => one.statusCode)).toEqual([200, 200]);
  });

  test('one that fails leaves its neighbours alone', async () => {
    const { ask, calls, shut, lift } = await gated();
    shut();
    const first = ask({ rows: rows.slice(0, 1) });
    await turns(() => calls.length === 1);
    const others = [rows[1], poison, rows[2]].map((row) => ask({ rows: [row] }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    lift();
    const answers = await Promise.all([first, ...others]);
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 400, 200]);
    expect(answers[2]?.json()).toEqual({ error: 'ERR_RANGE', message: 'too far away' });
    expect(calls.map((call) => call.rows)).toEqual([1, 3, 1, 1, 1]);
  });
});

test('what is no row of the model is refused with its place', async () => {
  const { app, ask, calls } = await gated({ maxRows: 2 });
  const row = rows[0] as number[];
  for (const [body, message] of [
    [{}, "body must have required property 'rows'"],
    [{ rows: [] }, 'body/rows must NOT have fewer than 1 items'],
    [{ rows: [row, row, row] }, 'body/rows must NOT have more than 2 items'],
    [{ rows: [row, row.slice(1)] }, 'body/rows/1 must NOT have fewer than 3 items'],
    [{ rows: [[...row, 1]] }, 'body/rows/0 must NOT have more than 3 items'],
    [{ rows: [[1, null, 2]] }, 'body/rows/0/1 must be number'],
    [{ rows: [[1, 1e101, 2]] }, 'body/rows/0/1 must be <= 1e+100'],
    [{ rows: [[1, '2', 3]] }, 'body/rows/0/1 must be number'],
    [{ rows: [{ a: 1 }] }, 'body/rows/0 must be array'],
    [{ rows: [row], std: true }, "body must NOT have additional properties: 'std'"],
  ] as const) {
    const answer = await ask(body);
    expect([answer.statusCode, answer.json().message], JSON.stringify(body)).toEqual([400, message]);
  }
  for (const payload of ['{"rows": [[1, NaN, 2]]}', '{"rows": [[1, 1e999, 2]]}', '{"rows": [[1, 2']) {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: '/predict', payload, headers });
    expect(answer.statusCode, payload).toBe(400);
  }
  expect(calls).toEqual([]);
});

test('a client that leaves ends its prediction, or its place in the queue', async () => {
  const { app, calls, shut, lift } = await gated();
  const url = await app.listen({ port: 0 });
  shut();
  const headers = { 'content-type': 'application/json' };
  const ask = (signal: AbortSignal) =>
    fetch(`${url}/predict`, { method: 'POST', headers, signal, body: JSON.stringify({ rows: rows.slice(0, 2) }) }).then(
      (answer) => answer.status,
      (error) => error.name,
    );
  const [a, b, c] = [new AbortController(), new AbortController(), new AbortController()];
  const answers = [ask(a.signal)];
  await turns(() => calls.length === 1);
  answers.push(ask(b.signal), ask(c.signal));
  const waiting = async () => (await app.inject('/health')).json().waiting;
  while ((await waiting()) !== 4) await new Promise((resolve) => setTimeout(resolve, 5));
  b.abort();
  while ((await waiting()) !== 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(calls[0]?.signal?.aborted).toBe(false);
  a.abort();
  await turns(() => calls[0]?.signal?.aborted === true);
  // Connections that clients keep open do not hold it up.
  const start = performance.now();
  const closed = app.close();
  lift();
  expect(await Promise.all(answers)).toEqual(['AbortError', 'AbortError', 200]);
  expect(calls.map((call) => call.rows)).toEqual([2, 2]);
  await closed;
  expect(performance.now() - start).toBeLessThan(3000);
});

describe('the programs, in a folder of their own', () => {
  let folder: string;
  const env = {
    ...process.env,
    RESGRAM_BINARY: process.env.RESGRAM_BINARY ?? path.join(root, 'build/Release/resgram.node'),
  };
  const run = (...words: string[]) => {
    const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { child, ended, text: () => text };
  };
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'resgram-service-'));
    for (const name of ['app', 'gather', 'server', 'load']) {
      cpSync(path.join(source, `${name}.mjs`), path.join(folder, `${name}.mjs`));
    }
    mkdirSync(path.join(folder, 'node_modules'));
    symlinkSync(root, path.join(folder, 'node_modules', 'resgram'));
    const fastify = path.dirname(createRequire(import.meta.url).resolve('fastify/package.json'));
    symlinkSync(fastify, path.join(folder, 'node_modules', 'fastify'));
    await model.save(path.join(folder, 'model.safetensors'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('on SIGTERM what was accepted is answered, and the server ends by itself', async () => {
    const server = run('server.mjs', 'model.safetensors', '--port', '0');
    let url: string | undefined;
    while (url === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      url = /listening at (http:\/\/[\d.:]+)/.exec(server.text())?.[1];
      expect(server.child.exitCode, server.text()).toBe(null);
    }
    const body = JSON.stringify({ rows });
    const headers = { 'content-type': 'application/json' };
    const ask = () =>
      fetch(`${url}/predict`, { method: 'POST', headers, body }).then(
        (answer) => answer.json() as Promise<{ predictions: { mean: number[] }[] }>,
      );
    const { mean } = await model.predict(rows, { threads: 1 });
    const { predictions } = await ask();
    expect(predictions.flatMap((one) => one.mean)).toEqual([...mean.data]);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    // Accepted is what the server has begun to read: the head of this request, before the signal.
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let got = '';
    socket.on('data', (chunk) => (got += chunk));
    socket.write(`POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`);
    socket.write(`content-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`);
    while (!got.includes('100 Continue')) await new Promise((resolve) => setTimeout(resolve, 5));
    server.child.kill('SIGTERM');
    while (!server.text().includes('draining')) await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(fetch(`${url}/health`, { headers: { connection: 'close' } })).rejects.toThrow();
    socket.write(body);
    expect(await server.ended, server.text()).toBe(0);
    expect(got).toContain('HTTP/1.1 200 OK');
    expect(JSON.parse(got.slice(got.lastIndexOf('\r\n\r\n')))).toEqual({ predictions });
  });

  test('the load generator finds no error', async () => {
    const words = ['--n', '50', '--d', '3', '--rate', '50', '--seconds', '1', '--connections', '5'];
    const load = run('load.mjs', ...words);
    expect(await load.ended, load.text()).toBe(0);
    expect(load.text()).toMatch(
      /open loop of predictions, 50\/s on 5 connections, 50 requests: p50 .* errors: \[\]\n.* event loop/s,
    );
    expect(load.text()).toMatch(/closed loop, 5 connections: \d+ requests\/s/);
  });
});
