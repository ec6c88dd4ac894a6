import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Set by whoever has something to remove when the process is told to stop. */
const cleanups = new Set<() => void>();

/** Registers work to do before a signal ends the process; it must be synchronous. Returns the way to take it back. */
export function onInterrupt(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

/**
 * Makes Ctrl-C (and SIGTERM, SIGHUP) abort the returned signal, run the clean-ups and end the process at once.
 *
 * note: the process ends by the signal itself, so the shell sees 130 and stops a loop around the command. Leaving through
 * process.exit would wait for the thread that is inside LAPACK, which nothing can interrupt.
 */
export function endOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of signals) {
    process.once(name, () => {
      controller.abort(new Error(`interrupted by ${name}`));
      for (const cleanup of cleanups) {
        try {
          cleanup();
        } catch {
          // Nothing more can be done for this one; the others still deserve their turn.
        }
      }
      process.removeAllListeners(name);
      process.kill(process.pid, name);
      // Only the first process of a container outlives its own signal.
      process.exit(128 + constants.signals[name]);
    });
  }
  return controller.signal;
}
