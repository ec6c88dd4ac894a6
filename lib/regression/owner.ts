/** Calls on a model that may be disposed of while they run. */

import type { Steps } from '../jobs.js';

/**
 * The steps of a call on a model, whose matrices may go away between any two of them. `alive` throws where the model was
 * disposed of; that is then the reason, and not the matrix that was missed first.
 */
export function* owned<R>(alive: () => void, steps: Steps<R>): Steps<R> {
  try {
    return yield* steps;
  } catch (error) {
    if (isDisposed(error)) alive();
    throw error;
  }
}

/** The same for what is no steps. */
export async function ownedCall<R>(alive: () => void, call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    if (isDisposed(error)) alive();
    throw error;
  }
}

function isDisposed(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === 'ERR_DISPOSED';
}
