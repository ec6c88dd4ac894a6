// @ts-check
// Native pieces by themselves: one benchmark of resgram_bench at a time, each in its own process, which says how long
// a pair takes, or one turn.
import { spawnSync } from 'node:child_process';
import { serve } from './node.mjs';

const [program] = process.argv.slice(2);
const units = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 };

/** CPU seconds out of what Google Benchmark tells of a benchmark; the rates of its counters are by CPU time, too. */
const readings = {
  'per pair': ({ pairs }) => 1 / pairs,
  'per turn': ({ cpu_time, time_unit }) => cpu_time * units[time_unit],
};

const operation =
  (read) =>
  ({ bench }) => {
    const words = [`--benchmark_filter=^${bench}$`, '--benchmark_format=json', '--benchmark_min_time=0.1'];
    let seconds;
    return {
      run() {
        const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
        if (status !== 0) throw new Error(`${bench}: ${stderr.trim().split('\n').at(-1)}`);
        const [found] = stdout.includes('{') ? JSON.parse(stdout.slice(stdout.indexOf('{'))).benchmarks : [];
        seconds = found === undefined || found.error_occurred ? Number.NaN : read(found);
        if (!(seconds > 0)) throw new Error(`no benchmark '${bench}' in this version`);
      },
      extra: () => ({ wall: undefined, cpu: seconds, peak: undefined }),
    };
  };

serve({}, Object.fromEntries(Object.entries(readings).map(([name, read]) => [name, operation(read)])));
