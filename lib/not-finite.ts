/** How a number that is NaN or infinite is located: in rows and columns, or in the image that it stands in. */

import { KernelError } from './errors.js';
import { show } from './options.js';

const axes: Readonly<Record<number, string>> = {
  3: '[signal, position, channel]',
  4: '[image, row, column, channel]',
};

/** ERR_NOT_FINITE for the number at `index` of row-major numbers with this shape. */
export function notFinite(what: string, index: number, shape: readonly number[], value: unknown): KernelError {
  const columns = shape.slice(1).reduce((product, size) => product * size, 1);
  const row = Math.floor(index / columns);
  const column = index % columns;
  const details = { row, column };
  if (shape.length <= 2) {
    const place = columns === 1 ? `row ${row}` : `row ${row}, column ${column}`;
    return new KernelError('ERR_NOT_FINITE', `${what}: ${place} is ${show(value)}; expected finite numbers`, details);
  }
  const at: number[] = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  const named = axes[shape.length] === undefined ? '' : `${axes[shape.length]} = `;
  return new KernelError(
    'ERR_NOT_FINITE',
    `${what}: ${named}[${at.join(', ')}] is ${show(value)}; expected finite numbers`,
    { ...details, index: at },
  );
}
