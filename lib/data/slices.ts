import { setImmediate } from 'node:timers/promises';

/** Lets other events of the process run, then stops if the caller has aborted. */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/** Calls `work` on consecutive parts of [0, total), with room for other events between two parts. */
export async function inSlices(
  total: number,
  slice: number,
  work: (from: number, to: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  for (let from = 0; from < total; from += slice) {
    if (from > 0) await breathe(signal);
    work(from, Math.min(total, from + slice));
  }
}

/** Rows of `d` numbers that keep the event loop free: a slice costs a few milliseconds. */
export function rowsPerSlice(d: number): number {
  return Math.max(1, Math.floor(200_000 / Math.max(1, d)));
}
