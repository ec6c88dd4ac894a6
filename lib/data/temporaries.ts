import { rmdirSync, rmSync } from 'node:fs';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Each with the folders that were made to hold it, the innermost first. */
const outstanding = new Map<string, readonly string[]>();
let watching = false;

/**
 * Notes a temporary file or folder, so that it is removed if the process ends before `forgetTemporary`, and with it the
 * folders that were made to hold it, as far as they are empty then.
 */
export function rememberTemporary(path: string, parents: readonly string[] = []): void {
  outstanding.set(path, parents);
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
  for (const [path, parents] of outstanding) {
    try {
      // A write that is under way in the thread pool may add a file while its folder is being removed.
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 10 });
      for (const folder of parents) rmdirSync(folder);
    } catch {
      // Someone else put something into a folder, or the system refuses: the process is ending, nobody is left to tell.
    }
  }
}
