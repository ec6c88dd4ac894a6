import { KernelError } from '../errors.js';

/** Below this size an allocation is not compared with the memory that is left. */
const smallEnough = 64 * 2 ** 20;

/** The product of non-negative whole numbers, or undefined where it cannot be an array's length. */
export function checkedProduct(factors: readonly number[]): number | undefined {
  let product = 1;
  for (const factor of factors) {
    // A zero anywhere makes the array empty, but an absurd factor beside it is still refused.
    if (!Number.isSafeInteger(factor) || factor < 0) return undefined;
    product *= factor;
    if (product > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return product;
}

/**
 * Zeroed numbers for `what`. Linux grants memory that it does not have and kills the process later, so a large request
 * is compared with what is left (the limit of a container included) before it is made.
 */
export function allocate(count: number, what: string): Float64Array {
  const bytes = 8 * count;
  const available = process.availableMemory();
  if (bytes > smallEnough && bytes > 0.8 * available) throw outOfMemory(bytes, what, available);
  try {
    return new Float64Array(count);
  } catch (cause) {
    throw outOfMemory(bytes, what, available, cause);
  }
}

function outOfMemory(needed: number, what: string, available: number, cause?: unknown): KernelError {
  return new KernelError(
    'ERR_OUT_OF_MEMORY',
    `${what} need ${megabytes(needed)} of memory, ${megabytes(available)} are available; ` +
      'take fewer rows (limit) or fewer columns (ignore)',
    { needed, available },
    { cause },
  );
}

export function megabytes(bytes: number): string {
  const value = bytes / 2 ** 20;
  return value < 10 ? `${Math.max(0.1, value).toFixed(1)} MiB` : `${Math.ceil(value)} MiB`;
}
