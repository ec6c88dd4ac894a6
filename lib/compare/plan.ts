import { KernelError } from '../errors.js';
import { bytesOf, requireMemory } from '../memory.js';
import type { Settings } from './settings.js';

/** Operations per n³ of an eigendecomposition with vectors, its check and its back-transformation; measured. */
const eigenWork = 11;
/** What two slow cores do per second in LAPACK's symmetric eigensolver. */
const slowRate = 1e10;
/** Longer than this is a mistake more often than a wish. */
const mostSeconds = 2 * 3600;
/** A time that nobody minds, for the remedy. */
const shortSeconds = 120;

/** Shares of the work, in units of one split's fit. */
export interface Plan {
  readonly perFullFit: number;
  readonly total: number;
}

/** Refuses, before anything is computed, a comparison that will not fit in memory or in a working day. */
export function planComparison(rows: number, features: number, holdoutRows: number, settings: Settings): Plan {
  const { contestants, depths, splits, trainRows, precision } = settings;
  const seconds = secondsFor(rows, settings);
  if (seconds > mostSeconds) {
    throw new KernelError(
      'ERR_RANGE',
      `comparing ${contestants.length} networks at ${depths.length} depths on ${rows} rows: about ${hours(seconds)} of ` +
        `eigendecompositions on two slow cores, more than the ${hours(mostSeconds)} allowed; load fewer rows (a limit ` +
        `of ${rowsFor(shortSeconds, rows, settings)} takes about ${shortSeconds} s), or ask for fewer networks or depths`,
      { rows, seconds },
    );
  }
  const each = bytesOf[precision];
  // One network's Gram matrices live at a time. Fits add copies: of all depths or of all splits while they are small
  // enough to run side by side, else one with its vectors and LAPACK's workspace.
  const sideBySide = Math.max(depths.length * Math.min(rows, 2000) ** 2, splits * Math.min(trainRows, 2000) ** 2);
  const bytes =
    depths.length * rows * (rows + holdoutRows) * each + (4 * rows * rows + sideBySide) * 8 + 3 * rows * features * 8;
  requireMemory(
    `comparing networks at ${depths.length} depths on ${rows} rows`,
    bytes,
    `load fewer rows (a limit of ${Math.min(2000, rowsFor(shortSeconds, rows, settings))}, say) or ask for fewer depths`,
  );
  const perFullFit = Math.max(1, Math.round((rows / trainRows) ** 3));
  return { perFullFit, total: contestants.length * depths.length * (perFullFit + splits) };
}

function secondsFor(rows: number, { contestants, depths, splits, trainRows }: Settings): number {
  const train = Math.min(trainRows, rows);
  return (contestants.length * depths.length * eigenWork * (rows ** 3 + splits * train ** 3)) / slowRate;
}

/** The number of rows, to two digits, whose comparison takes about so long; its training parts shrink with it. */
function rowsFor(seconds: number, rows: number, settings: Settings): number {
  let [low, high] = [10, rows];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const scaled = { ...settings, trainRows: Math.min(settings.trainRows, Math.floor(0.8 * middle)) };
    if (secondsFor(middle, scaled) > seconds) high = middle;
    else low = middle;
  }
  return Number(low.toPrecision(2));
}

function hours(seconds: number): string {
  return seconds < 7200 ? `${Math.round(seconds / 60)} minutes` : `${Number((seconds / 3600).toPrecision(2))} hours`;
}
