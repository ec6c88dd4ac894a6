/** Refusals of matrices that are not positive definite. */

import { KernelError } from './errors.js';
import type { KernelName } from './evaluate.js';

/** "ntk Gram + 0.1·I: stopped being positive definite at sample 3 …": the error with the name of its matrix. */
export function nameMatrix(error: unknown, kernel: KernelName, ridge: number): unknown {
  if (!(error instanceof KernelError) || error.code !== 'ERR_NOT_POSITIVE_DEFINITE') return error;
  const matrix = ridge === 0 ? `${kernel} Gram` : `${kernel} Gram + ${ridge}·I`;
  return new KernelError(error.code, `${matrix}: ${error.message}`, { ...error.details, kernel, ridge });
}
