// Eight environments at once, each with several verbs; prints whether all agree with the main thread.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { compile, gram, mlp, regress, spectrum, sync } from '../../../dist/index.js';

const x = { data: new Float64Array(600).map((_, i) => Math.sin(i * i)), shape: [200, 3] };
const y = x.data.subarray(0, 200);

async function answers() {
  const kernel = compile(mlp({ depth: 3 }));
  const [ntk, model] = await Promise.all([gram(kernel, x, 'ntk'), regress(kernel, x, y, { ridge: 0.1 })]);
  const { values } = await spectrum(ntk);
  const here = sync.gram(kernel, x, 'ntk');
  const { mean } = await model.predict(x);
  return [ntk.values, here.values, values, mean.data].map((array) => Buffer.from(array.buffer).toString('base64'));
}

if (isMainThread) {
  const expected = await answers();
  const results = await Promise.all(
    Array.from({ length: 8 }, () => {
      const worker = new Worker(new URL(import.meta.url));
      return new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    }),
  );
  console.log(results.every((result) => result.every((text, i) => text === expected[i])));
} else {
  parentPort.postMessage(await answers());
}
