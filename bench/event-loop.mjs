// Question: how long must everything else in the process wait while a large Gram matrix is computed?
//
//   node bench/event-loop.mjs [--rows 4000] [--dimension 784] [--seconds 3] [--json]
//
// Compares the delay of the event loop (monitorEventLoopDelay, 1 ms resolution) while each verb runs with that of an
// idle loop, measured before and after. Ends with 1 if any p99 lies more than 10 ms above the idle one.
import { cpus, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { compile, gram, info, mlp, spectrum } from '../dist/index.js';

const limit = 10;
const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '4000' },
    dimension: { type: 'string', default: '784' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const [rows, dimension, seconds] = [options.rows, options.dimension, options.seconds].map(Number);

/** Milliseconds by which timers were late while `work` went on. */
async function during(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const start = performance.now();
  delay.enable();
  await work();
  delay.disable();
  const ms = (nanoseconds) => nanoseconds / 1e6;
  return {
    seconds: (performance.now() - start) / 1000,
    mean: ms(delay.mean),
    p50: ms(delay.percentile(50)),
    p99: ms(delay.percentile(99)),
    max: ms(delay.max),
  };
}

/** The minimal standard generator: the same points in every run. */
function points(count) {
  const data = new Float64Array(count);
  let state = 1;
  for (let i = 0; i < count; i++) {
    state = (state * 48271) % 2147483647;
    data[i] = state / 2147483647 - 0.5;
  }
  return data;
}

const x = { data: points(rows * dimension), shape: [rows, dimension] };
const nested = Array.from({ length: rows }, (_, i) => [...x.data.subarray(i * dimension, (i + 1) * dimension)]);
const kernel = compile(mlp({ depth: 5 }));
await gram(kernel, { data: x.data.subarray(0, 100 * dimension), shape: [100, dimension] }, 'ntk');

const idle = () => during(() => sleep(seconds * 1000));
let ntk;
const rounds = {
  'idle before': await idle(),
  'gram, typed array': await during(async () => {
    ntk = await gram(kernel, x, 'ntk');
  }),
  'gram, nested arrays': await during(() => gram(kernel, nested, 'ntk')),
  'gram, both kernels': await during(() => gram(kernel, x, ['nngp', 'ntk'])),
  'spectrum, top 10': await during(() => spectrum(ntk, { top: 10 })),
  'idle after': await idle(),
};

const base = Math.max(rounds['idle before'].p99, rounds['idle after'].p99);
const worst = Math.max(...Object.values(rounds).map(({ p99 }) => p99 - base));
const { version, blas, simd, threads } = info();
const machine = {
  node: process.versions.node,
  version,
  blas,
  simd,
  threads,
  cpu: cpus()[0]?.model,
  load: loadavg()[0],
};
if (options.json) {
  console.log(JSON.stringify({ rows, dimension, machine, rounds, worstAboveIdle: worst, limit }, null, 2));
} else {
  console.log(
    `event loop delay in ms, n = ${rows}, d = ${dimension}, ${threads} threads, load ${machine.load?.toFixed(1)}`,
  );
  for (const [name, { seconds: took, mean, p50, p99, max }] of Object.entries(rounds)) {
    const figures = [mean, p50, p99, max].map((figure) => figure.toFixed(2).padStart(8)).join('');
    console.log(`${name.padEnd(20)}${took.toFixed(1).padStart(7)} s   mean, p50, p99, max${figures}`);
  }
  console.log(`worst p99 above idle: ${worst.toFixed(2)} ms (limit ${limit})`);
}
process.exitCode = worst <= limit ? 0 : 1;
