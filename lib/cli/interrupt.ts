import { constants } from 'node:os';
import { sweep } from '../data/temporaries.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Makes Ctrl-C (and SIGTERM, SIGHUP) abort the returned signal, remove temporary files and end the process at once.
 *
 * note: the process ends by the signal itself, so the shell sees 130 and stops a loop around the command. Leaving through
 * process.exit would wait for the thread that is inside LAPACK, which nothing can interrupt.
 */
export function endOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of signals) {
    process.on(name, () => {
      controller.abort(new Error(`interrupted by ${name}`));
      sweep();
      process.removeAllListeners(name);
      process.kill(process.pid, name);
      // Only the first process of a container outlives its own signal.
      process.exit(128 + constants.signals[name]);
    });
  }
  return controller.signal;
}
