import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { compile, gram, mlp, sync } from 'resgram';
import { check, rows } from './values.mjs';

// The addon is loaded once for the process and set up once for each thread; both threads compute.
const kernel = compile(mlp({ depth: 2 }));
const { values } = await gram(kernel, rows, 'ntk');
check(values);
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const said = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  if (!said.every((value, i) => value === values[i])) throw new Error(`another thread computed ${said}, not ${values}`);
  await worker.terminate();
  console.log('computed');
} else {
  parentPort.postMessage([...sync.gram(kernel, rows, 'ntk').values]);
}
