import { availableParallelism, cpus, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';
import { info } from '../info.js';
import type { CommonOptions } from './options.js';
import type { Session } from './session.js';

export interface PhaseSeconds {
  readonly phase: string;
  readonly seconds: number;
}

/** What differs from run to run, and therefore stands apart from the report. */
export interface RunRecord {
  /** Does work and notes how long it took. */
  time<R>(phase: string, work: () => Promise<R>): Promise<R>;
  /** run.json, with the timings of the comparison between those of reading and writing. */
  finish(timings: readonly PhaseSeconds[]): string;
}

/** run.json. */
export interface RunDocument {
  readonly schema: 1;
  readonly kind: 'run';
  readonly version: string;
  readonly started: string;
  readonly seconds: number;
  readonly phases: readonly PhaseSeconds[];
  /** Of the whole process, in bytes. */
  readonly peakMemory: number;
  readonly threads: number;
  readonly versions: {
    readonly resgram: string;
    readonly node: string;
    readonly blas: string;
    readonly abi: number;
  };
  readonly machine: {
    readonly platform: string;
    readonly simd: string;
    readonly cpu: string;
    readonly cpus: number;
    readonly systemCpus: number;
    readonly memory: number;
  };
  readonly args: readonly string[];
}

export function runRecord(session: Session, options: CommonOptions): RunRecord {
  const started = new Date();
  const start = performance.now();
  const before: PhaseSeconds[] = [];
  const sinceStart = () => round((performance.now() - start) / 1000);
  return {
    async time(phase, work) {
      const from = performance.now();
      const result = await work();
      before.push({ phase, seconds: round((performance.now() - from) / 1000) });
      return result;
    },
    finish(timings) {
      const [reading, ...later] = before;
      const about = info();
      const document: RunDocument = {
        schema: 1,
        kind: 'run',
        version: about.version,
        started: started.toISOString(),
        seconds: sinceStart(),
        phases: [
          ...(reading === undefined ? [] : [reading]),
          ...timings.map(({ phase, seconds }) => ({ phase, seconds: round(seconds) })),
          ...later,
        ],
        // The system counts it in KiB.
        peakMemory: process.resourceUsage().maxRSS * 1024,
        threads: options.threads ?? about.threads,
        versions: { resgram: about.version, node: about.node, blas: about.blas, abi: about.abi },
        machine: {
          platform: about.platform,
          simd: about.simd,
          cpu: cpus()[0]?.model.trim() ?? 'unknown',
          cpus: about.cpus,
          systemCpus: availableParallelism(),
          memory: totalmem(),
        },
        args: session.args,
      };
      return `${JSON.stringify(document, null, 2)}\n`;
    },
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
