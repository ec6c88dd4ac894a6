// @ts-check
// Native pieces by themselves: one benchmark of resgram_bench at a time, each in its own process, which says how long
// a pair takes, or one turn.
import { spawnSync } from 'node:child_process';
import { serve } from './node.mjs';

const [program] = process.argv.slice(2);
const units = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 };

/** CPU seconds out of what Google Benchmark tells of a benchmark; the rates of its counters are by CPU time, too. */
const readings = {
  'per pair': ({ pair, pairs }) => pair ?? 1 / pairs,
  'per turn': ({ cpu_time, time_unit }) => cpu_time * units[time_unit],
};

/** Benchmarks of the instruction sets that this machine has, and the widest of them by its own name. */
const known = new Set(spawnSync(program, ['--benchmark_list_tests'], { encoding: 'utf8' }).stdout?.split('\n'));
const sets = ['avx512', 'avx2', 'neon', 'baseline'];
const named = (bench) =>
  sets.map((set) => bench.replace(/^widest\//, `${set}/`)).find((name) => known.has(name)) ?? bench;

const operation =
  (read) =>
  ({ bench: asked }) => {
    const bench = named(asked);
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
