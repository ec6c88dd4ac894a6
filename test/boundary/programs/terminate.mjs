// Terminates worker_threads that have jobs in flight, in line or being copied, a few times each; prints the slowest.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { compile, gram, huang, mlp } from '../../../dist/index.js';

const slow = compile(huang({ depth: 100_000, alpha: 0.01 }));
const x = { data: new Float64Array(3000).map((_, i) => Math.sin(i * i)), shape: [1000, 3] };
const large = { data: new Float64Array(2 ** 22).fill(0.5), shape: [4, 2 ** 20] };

if (isMainThread) {
  const times = {};
  for (const situation of ['in flight', 'in line', 'copying', 'idle']) {
    times[situation] = 0;
    for (let round = 0; round < 4; round++) {
      const worker = new Worker(new URL(import.meta.url), { workerData: situation });
      await new Promise((resolve) => worker.once('message', resolve));
      await new Promise((resolve) => setTimeout(resolve, round * 40));
      const start = performance.now();
      await worker.terminate();
      times[situation] = Math.max(times[situation], performance.now() - start);
    }
  }
  // The process lives on, and so does the addon.
  const { size } = await gram(compile(mlp({ depth: 1 })), [[1, 2]], 'ntk');
  console.log(JSON.stringify({ times, size }));
} else {
  if (workerData === 'in flight') gram(slow, x, 'ntk');
  if (workerData === 'in line') for (let i = 0; i < 5; i++) gram(slow, x, 'ntk');
  if (workerData === 'copying') for (let i = 0; i < 5; i++) gram(slow, large, 'ntk');
  parentPort.postMessage('ready');
  setInterval(() => {}, 1000);
}
