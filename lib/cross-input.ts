/** Kernels between training points and others: that they are of the kernel that was trained with, and in which unit. */

import { KernelError } from './errors.js';
import type { KernelName } from './evaluate.js';
import { readProduct } from './gram-input.js';
import { reading, show, unexpected } from './options.js';
import type { Rows } from './samples.js';

export interface CrossInput {
  readonly rows: Rows;
  readonly logScale: number;
  /** Test points. */
  readonly points: number;
}

/** A cross matrix [test points, training points] of the kernel that training was with, or a tensor without a name. */
export function readCross(
  what: string,
  value: unknown,
  { kernel, size }: { readonly kernel: KernelName | undefined; readonly size: number },
): CrossInput {
  const scale = readScale(what, value);
  const rows = readProduct(what, value);
  if (rows.columns !== size) {
    throw new KernelError(
      'ERR_SHAPE',
      `${what}: expected [test points, ${size} training points], as cross(kernel, test, training) returns it, got ` +
        `[${rows.rows}, ${rows.columns}]`,
      { expected: size, got: rows.columns },
    );
  }
  return { rows, logScale: scale.of(kernel, 0), points: rows.rows };
}

interface Scale {
  /** Refuses another kernel than that of the Gram matrix, where both are known. `otherwise` is for those without a scale. */
  of(kernel: KernelName | undefined, otherwise: number): number;
}

/** The kernel and the logScale that a matrix says it has, read at once and judged by `of`. */
export function readScale(what: string, value: unknown): Scale {
  const given = reading(what, () => {
    const { kernel, logScale } = (value ?? {}) as { readonly kernel?: unknown; readonly logScale?: unknown };
    return { kernel, logScale };
  });
  return {
    of(kernel, otherwise) {
      if (given.kernel !== undefined && kernel !== undefined && given.kernel !== kernel) {
        throw new KernelError(
          'ERR_ARGUMENT',
          `${what}: expected the ${kernel}, as the Gram is, got ${show(given.kernel)}`,
          { option: what },
        );
      }
      const { logScale = otherwise } = given;
      if (typeof logScale === 'number' && Number.isFinite(logScale)) return logScale;
      throw unexpected(`${what}.logScale`, 'a finite number', logScale);
    },
  };
}

/** exp(difference of logarithmic scales), which must be a number to multiply with. */
export function ratioOfScales(what: string, difference: number): number {
  const ratio = Math.exp(difference);
  if (ratio > 0 && Number.isFinite(ratio)) return ratio;
  throw new KernelError(
    'ERR_RANGE',
    `${what}: its logScale is ${short(difference)} from what the Gram's asks for, beyond the range of doubles`,
    { difference },
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
