#!/usr/bin/env node
// @ts-check
// Load on the service: node load.mjs [--rate 100] [--connections 50] [--seconds 20] [--n 2000] [--d 50] [--threads 1]
//
// Open loop: requests of one row leave at fixed times, whether or not earlier ones were answered, and latency counts from
// the scheduled time, so that a service that stalls cannot hide it. Then closed loop: every connection asks again as soon
// as it has its answer, which is as much as the service can do.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { compile, loadModel, mlp, regress } from 'resgram';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '100' },
    connections: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '20' },
    n: { type: 'string', default: '2000' },
    d: { type: 'string', default: '50' },
    threads: { type: 'string', default: '1' },
  },
});
const { rate, connections, seconds, n, d, threads } = /** @type {{ [name in keyof typeof values]: number }} */ (
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]))
);

const random = (/** @type {number} */ count) => Float64Array.from({ length: count }, () => Math.random() - 0.5);
/** @param {number[]} times @param {number} p */
const quantile = (times, p) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(p * times.length))];
const ms = (/** @type {number | undefined} */ value) => (value === undefined ? '–' : `${value.toFixed(2)} ms`);
/** @param {number[]} times */
const summary = (times) =>
  [0.5, 0.9, 0.99, 1].map((p) => `${p === 1 ? 'max' : `p${100 * p}`} ${ms(quantile(times, p))}`).join(', ');

/** @param {string} file */
async function makeModel(file) {
  const x = { data: random(n * d), shape: [n, d] };
  const y = Array.from({ length: n }, (_, i) => Math.sin(6 * /** @type {number} */ (x.data[i * d])));
  const model = await regress(compile(mlp({ depth: 3 })), x, y, { which: 'nngp', ridge: 0.1, amplitude: 'auto' });
  await model.save(file);
  model.dispose();
}

/** What the model alone takes for one row, without any network. @param {string} file */
async function inProcess(file) {
  const model = await loadModel(file);
  if (model.task !== 'regress') throw new Error('expected the model that was saved');
  for (const std of [false, true]) {
    const times = [];
    const cpu = [];
    for (let i = 0; i < 200; i++) {
      const z = { data: random(d), shape: [1, d] };
      const used = process.cpuUsage();
      const start = performance.now();
      await model.predict(z, { std, threads });
      times.push(performance.now() - start);
      const { user, system } = process.cpuUsage(used);
      cpu.push((user + system) / 1000);
    }
    console.log(`in process, one row${std ? ', std' : ''}: ${summary(times)}; CPU p50 ${ms(quantile(cpu, 0.5))}`);
  }
  model.dispose();
}

/** @param {string} file @returns {Promise<{ child: import('node:child_process').ChildProcess, url: string }>} */
function start(file) {
  const server = join(import.meta.dirname, 'server.mjs');
  const child = spawn(process.execPath, [server, file, '--port', '0', '--threads', String(threads)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      const url = /listening at (http:\/\/[\d.:]+)/.exec(text)?.[1];
      if (url !== undefined) resolve({ child, url });
    });
  });
}

const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections, scheduling: 'fifo' });

/** @param {string} url @param {object} [body] @returns {Promise<any>} */
function ask(url, body) {
  return new Promise((resolve, reject) => {
    const options = { agent, method: body ? 'POST' : 'GET', headers: { 'content-type': 'application/json' } };
    const sent = request(url, body ? options : { ...options, headers: {} }, async (answer) => {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
      if (answer.statusCode === 200) resolve(JSON.parse(text));
      else reject(new Error(`${answer.statusCode} ${text}`));
    });
    sent.once('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

/** @param {string} url */
async function predictOne(url) {
  const { predictions } = await ask(`${url}/predict`, { rows: [[...random(d)]] });
  const [{ mean, std }] = predictions;
  if (!Number.isFinite(mean[0]) || !(std[0] >= 0)) throw new Error('an answer without numbers');
}

/** @param {string} what @param {() => Promise<unknown>} send */
async function openLoop(what, send) {
  const count = rate * seconds;
  /** @type {number[]} */
  const times = [];
  /** @type {number[]} */
  const lateness = [];
  /** @type {Map<string, number>} */
  const errors = new Map();
  const begin = performance.now() + 50;
  const all = [];
  for (let i = 0; i < count; i++) {
    const due = begin + (1000 * i) / rate;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    // Timers may be early by a fraction of a millisecond.
    const from = Math.min(due, performance.now());
    lateness.push(performance.now() - due);
    all.push(
      send().then(
        () => times.push(performance.now() - from),
        ({ message }) => errors.set(message, (errors.get(message) ?? 0) + 1),
      ),
    );
  }
  await Promise.all(all);
  console.log(`open loop of ${what}, ${rate}/s on ${connections} connections, ${count} requests: ${summary(times)}`);
  console.log(`  of which the generator sent late: ${summary(lateness)}; errors: ${JSON.stringify([...errors])}`);
  if (errors.size > 0) process.exitCode = 1;
}

/** @param {string} url */
async function closedLoop(url) {
  /** @type {number[]} */
  const times = [];
  const begin = performance.now();
  const end = begin + 500 * seconds;
  const before = await ask(`${url}/health`);
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        const start = performance.now();
        await predictOne(url);
        times.push(performance.now() - start);
      }
    }),
  );
  const rates = (1000 * times.length) / (performance.now() - begin);
  const { batches, cpu } = await ask(`${url}/health`);
  const rows = times.length / (batches - before.batches);
  console.log(`closed loop, ${connections} connections: ${rates.toFixed(0)} requests/s, ${summary(times)}`);
  console.log(
    `  ${rows.toFixed(1)} rows per prediction; CPU of the service: ${ms((cpu - before.cpu) / times.length)} per request`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'resgram-load-'));
const file = join(folder, 'model.safetensors');
try {
  console.log(`n = ${n}, d = ${d}; ${cpus().length} CPUs, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`);
  await makeModel(file);
  await inProcess(file);
  const { child, url } = await start(file);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    // Opens all connections, and lets both programs be compiled.
    for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: connections }, () => predictOne(url)));
    const { cpu } = await ask(`${url}/health`);
    await openLoop('predictions', () => predictOne(url));
    const { cpu: later, eventLoop } = await ask(`${url}/health`);
    console.log(`  event loop of the service delayed by: p99 ${ms(eventLoop.p99)}, max ${ms(eventLoop.max)}`);
    console.log(`  CPU of the service: ${ms((later - cpu) / (rate * seconds))} per request`);
    await openLoop('requests without', () => ask(`${url}/model`));
    await closedLoop(url);
  } finally {
    agent.destroy();
    child.kill('SIGTERM');
  }
  console.log(`the service ended with ${await ended}; load ${loadavg()[0]?.toFixed(1)}`);
} finally {
  rmSync(folder, { recursive: true });
}
