// What two builds are compared by: kernels that between them take every vector step, computed on one thread with the binary of
// RESGRAM_BINARY. Writes the matrices, or with --time the CPU milliseconds of each.
import { writeFileSync } from 'node:fs';
import { compile, gram, mlp, network } from '../../dist/index.js';

/** The same numbers everywhere: a linear congruential generator, its high bits. */
function numbers(count, seed) {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const biased = { bias: { var: 0.5, init: 'normal', trainable: true } };
const cases = {
  relu: { kernel: mlp({ depth: 5 }) },
  'relu with biases': { kernel: mlp({ depth: 5, ...biased }) },
  erf: { kernel: mlp({ depth: 3, activation: 'erf', ...biased }) },
  gelu: { kernel: mlp({ depth: 3, activation: 'gelu' }) },
  tanh: { kernel: mlp({ depth: 2, activation: 'tanh' }) },
  resnet: { kernel: network({ preset: 'huang', depth: 8, alpha: 0.3 }) },
  // An eighth of the rows, as images.
  cntk: { kernel: network({ preset: 'cntk', depth: 3, head: 'pool' }), share: 0.125, sample: [4, 5, 1] },
};

const [, , out, ...words] = process.argv;
const timed = words.includes('--time');
const size = timed ? 1200 : 64;
const result = {};
for (const [name, { kernel: described, share = 1, sample = [20] }] of Object.entries(cases)) {
  const kernel = compile(described);
  const rows = size * share;
  const x = { data: numbers(rows * 20, 7), shape: [rows, ...sample] };
  // The first run compiles tables.
  const compute = () => gram(kernel, x, ['nngp', 'ntk'], { threads: 1, path: 'steps' });
  const first = await compute();
  if (timed) {
    const before = process.cpuUsage();
    await compute();
    const { user, system } = process.cpuUsage(before);
    result[name] = (user + system) / 1000;
  } else {
    for (const which of ['nngp', 'ntk']) result[`${name}, ${which}`] = [...first[which].values];
  }
}
writeFileSync(out, JSON.stringify(result));
