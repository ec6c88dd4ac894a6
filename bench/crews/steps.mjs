// @ts-check
// The native vector steps by themselves: one benchmark of resgram_bench at a time, each in its own process, which says how
// many pairs a second one core gets through.
import { spawnSync } from 'node:child_process';
import { serve } from './node.mjs';

const [program] = process.argv.slice(2);

function perPair({ bench }) {
  const words = [`--benchmark_filter=^${bench}$`, '--benchmark_format=json', '--benchmark_min_time=0.1'];
  let seconds;
  return {
    run() {
      const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1));
      const [found] = stdout.includes('{') ? JSON.parse(stdout.slice(stdout.indexOf('{'))).benchmarks : [];
      if (!(found?.pairs > 0)) throw new Error(`no benchmark '${bench}' that counts pairs`);
      seconds = 1 / found.pairs;
    },
    // The rate that Google Benchmark tells is by CPU time.
    extra: () => ({ wall: undefined, cpu: seconds }),
  };
}

serve({}, { 'per pair': perPair });
