import { KernelError } from '../errors.js';
import { bytesOf, requireMemory } from '../memory.js';
import { bytesOfFits } from './fit.js';
import type { Settings } from './settings.js';

/**
 * Operations per n³ of a fit with 25 ridges by all eigenpairs, counted as those of matrix products that take as long: 5 to 8
 * were measured on one thread at n = 1000 and 2000; eigenpairs alone at n = 4000 are in docs/adr/0016.
 */
const eigenWork = 8;
/** What two slow cores are taken to do per second in matrix products; one AMD Zen 4 core did 3e10 to 4e10 beside other work. */
const slowRate = 2e10;
/** Nobody waits longer than a day without having meant something else. */
const mostSeconds = 24 * 3600;

/** Shares of the work, in units of one split's fit. */
export interface Plan {
  readonly perFullFit: number;
  readonly total: number;
}

/**
 * Refuses, before anything is computed, a comparison that will not fit in memory or in a day. With the default numbers of
 * rows neither happens: they bound both, however long the table is.
 */
export function planComparison(rows: number, features: number, holdoutRows: number, settings: Settings): Plan {
  const { contestants, depths, splits, trainRows, testRows, allRows, precision } = settings;
  const seconds = secondsFor(settings);
  if (seconds > mostSeconds) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `comparing ${contestants.length} networks at ${depths.length} depths on ${allRows} rows and ${splits} splits of ` +
        `${trainRows}: about ${days(seconds)} of eigendecompositions on two slow cores, more than the day allowed; ` +
        'time grows with the cube of the rows under spectra (allRows) and in a split (trainRows): 2000 and 1000 are the ' +
        'defaults; or ask for fewer splits, depths or networks',
      { allRows, trainRows, seconds },
    );
  }
  const each = bytesOf[precision];
  // One network's Gram matrices live at a time: of all rows, or of one split; and so do the fits to them.
  const gramCells = depths.length * Math.max(allRows * (allRows + holdoutRows), (trainRows + testRows) ** 2);
  const fits = Math.max(bytesOfFits(depths.length, allRows), bytesOfFits(splits, trainRows));
  requireMemory(
    `comparing networks at ${depths.length} depths on ${allRows} rows`,
    gramCells * each + fits + 3 * rows * features * 8,
    'lower allRows, trainRows or the rows of the test set, or ask for fewer depths',
  );
  const perFullFit = Math.max(1, Math.round((allRows / trainRows) ** 3));
  return { perFullFit, total: contestants.length * depths.length * (perFullFit + splits) };
}

function secondsFor({ contestants, depths, splits, trainRows, allRows }: Settings): number {
  return (contestants.length * depths.length * eigenWork * (allRows ** 3 + splits * trainRows ** 3)) / slowRate;
}

function days(seconds: number): string {
  return `${Number((seconds / (24 * 3600)).toPrecision(2))} days`;
}
