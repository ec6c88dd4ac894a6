import { rmSync } from 'node:fs';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const outstanding = new Set<string>();
let watching = false;

/** Notes a temporary file or folder, so that it is removed if the process ends before `forgetTemporary`. */
export function rememberTemporary(path: string): void {
  outstanding.add(path);
  if (watching) return;
  watching = true;
  process.on('exit', sweep);
  for (const signal of signals) process.on(signal, onSignal);
}

export function forgetTemporary(path: string): void {
  outstanding.delete(path);
  if (outstanding.size > 0 || !watching) return;
  watching = false;
  process.off('exit', sweep);
  for (const signal of signals) process.off(signal, onSignal);
}

/**
 * A program with a handler of its own ends in its own way, and `sweep` runs on exit. Without one, listening here has
 * switched the default off: sweep, then let the signal do what it would have done.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  sweep();
  process.off(signal, onSignal);
  process.kill(process.pid, signal);
}

/** Removes what is outstanding, at once. For a program that ends by other ways than `exit`. */
export function sweep(): void {
  for (const path of outstanding) {
    try {
      // A write that is under way in the thread pool may add a file while its folder is being removed.
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 10 });
    } catch {
      // The process is ending; there is nobody left to tell.
    }
  }
}
