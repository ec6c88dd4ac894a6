// A small file of results, and changes to it.
import type { FigureResult, Results } from '../../bench/harness/vocabulary.js';

const summary = (median: number) => ({ median, q1: 0.98 * median, q3: 1.02 * median, count: 5 });

/** A ratio to a limit: lower is better. */
export function ratio(median: number, more: Partial<FigureResult> = {}): FigureResult {
  return {
    id: 'over dsyrk',
    says: 'times dsyrk',
    measure: 'cpu',
    unit: '×',
    better: 'lower',
    ...summary(median),
    ...more,
  };
}

/** One suite with a quick case of these figures and a case of the full run. */
export function resultsWith(figures: readonly FigureResult[], machine: Partial<Results['machine']> = {}): Results {
  const contestant = {
    name: 'resgram',
    role: 'resgram',
    crew: 'resgram',
    prepare: 0.1,
    measures: { cpu: summary(0.01), wall: summary(0.011) },
  } as const;
  return {
    schema: 1,
    made: '2026-01-02T03:04:05.000Z',
    mode: 'full',
    seconds: 600,
    machine: { cpu: 'A CPU', cpus: 8, memoryGiB: 16, platform: 'linux x64', simd: 'avx2', load: 0, ...machine },
    versions: { commit: '0123456789ab', resgram: '0.1.0', node: '20.19.0', numpy: '2.4.6' },
    absent: [],
    suites: [
      {
        name: 'gram',
        title: 'Gram matrices',
        about: 'What they cost.',
        cases: [
          { name: 'n = 1000', quick: true, contestants: [contestant], figures, absent: [] },
          { name: 'n = 4000', quick: false, contestants: [contestant], figures: [ratio(1.1)], absent: [] },
        ],
      },
    ],
  };
}
