// Leaves while a job runs: by process.exit, by an uncaught error, from a worker_thread. The argument says how.
import { isMainThread, Worker } from 'node:worker_threads';
import { compile, gram, huang } from '../../../dist/index.js';

const slow = compile(huang({ depth: 100_000, alpha: 0.01 }));
const x = { data: new Float64Array(3000).map((_, i) => Math.sin(i * i)), shape: [1000, 3] };
const [, , how] = process.argv;

if (how === 'worker' && isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { argv: [how] });
  worker.once('exit', (code) => process.exit(code));
} else {
  gram(slow, x, 'ntk');
  setTimeout(() => {
    console.log('leaving');
    if (how === 'throw') throw new Error('leaving');
    process.exit(3);
  }, 150);
}
