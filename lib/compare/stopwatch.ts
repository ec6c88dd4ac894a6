/** Adds up the seconds of named phases, in the order in which they first ran. */
export interface Stopwatch {
  time<T>(phase: string, work: Promise<T> | (() => Promise<T>)): Promise<T>;
  readonly timings: () => { phase: string; seconds: number }[];
}

export function createStopwatch(): Stopwatch {
  const phases = new Map<string, number>();
  return {
    async time(phase, work) {
      const started = performance.now();
      try {
        return await (typeof work === 'function' ? work() : work);
      } finally {
        phases.set(phase, (phases.get(phase) ?? 0) + (performance.now() - started) / 1000);
      }
    },
    timings: () => Array.from(phases, ([phase, seconds]) => ({ phase, seconds })),
  };
}
