/**
 * One listener per signal, however many calls share it: Node takes more than ten for a leak and prints a warning.
 */

const callbacks = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `callback` once when the signal aborts. The returned function takes it back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let waiting = callbacks.get(signal);
  if (waiting === undefined) {
    const all = new Set<() => void>();
    const fire = (): void => {
      callbacks.delete(signal);
      for (const each of [...all]) each();
    };
    listeners.set(all, fire);
    signal.addEventListener('abort', fire, { once: true });
    callbacks.set(signal, all);
    waiting = all;
  }
  const mine = waiting;
  mine.add(callback);
  return () => {
    mine.delete(callback);
    if (mine.size > 0 || callbacks.get(signal) !== mine) return;
    callbacks.delete(signal);
    signal.removeEventListener('abort', listeners.get(mine) as () => void);
  };
}

/** The listener that serves a set of callbacks. */
const listeners = new WeakMap<Set<() => void>, () => void>();
