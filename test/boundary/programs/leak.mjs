// Growth of resident memory, less that of the engine's heap, per round of calls of every kind. Run with --expose-gc.
import { compile, cross, gram, mlp, regress, ridgePath, spectrum } from '../../../dist/index.js';

const x = { data: new Float64Array(2000).map((_, i) => Math.sin(i * i)), shape: [100, 20] };
const y = x.data.subarray(0, 100);

async function round() {
  const kernel = compile(mlp({ depth: 1 }));
  const ntk = await gram(kernel, x, 'ntk');
  await cross(kernel, x, x, 'ntk');
  await spectrum(ntk, { top: 3 });
  await ridgePath(ntk, y, [0.1]);
  const model = await regress(kernel, x, y, { ridge: 0.1 });
  await model.predict(x, { std: true });
  // Every other one is left to the collector.
  if (Math.random() < 0.5) model.dispose();
  await gram(kernel, [[Number.NaN]], 'ntk').catch(() => {});
  await gram(kernel, x, 'ntk', { signal: AbortSignal.abort() }).catch(() => {});
  await regress(kernel, [[1], [1]], [1, 2]).catch(() => {});
}

async function resident(rounds) {
  for (let i = 0; i < rounds; i++) await round();
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rss, heapTotal } = process.memoryUsage();
  return rss - heapTotal;
}

// Until code and heap have grown to what they stay at.
await resident(500);
const before = await resident(10);
const rounds = 150;
const after = await resident(rounds);
console.log(JSON.stringify({ perRound: (after - before) / rounds }));
