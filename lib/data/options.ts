import { KernelError, unknownName } from '../errors.js';
import { show } from '../options.js';
import type { LoadOptions, PairOptions } from './dataset.js';
import { defaultMaxBytes } from './files.js';

type Check = { readonly expected: string; readonly holds: (value: unknown) => boolean };

const text: Check = { expected: 'a non-empty string', holds: (v) => typeof v === 'string' && v !== '' };
const count: Check = { expected: 'a whole number from 1', holds: (v) => Number.isSafeInteger(v) && (v as number) >= 1 };
const isColumn = (v: unknown) => count.holds(v) || text.holds(v);
const column: Check = { expected: 'the name of a column or its number, from 1', holds: isColumn };
const columns: Check = {
  expected: 'a list of names of columns or their numbers, from 1',
  holds: (v) => Array.isArray(v) && v.every(isColumn),
};
const labels: Check = {
  expected: 'a list of at least two labels',
  holds: (v) => Array.isArray(v) && v.length >= 2 && v.every((label) => text.holds(label) || Number.isFinite(label)),
};

function oneOf(...values: readonly unknown[]): Check {
  const expected = `one of ${values.map((v) => (typeof v === 'string' ? JSON.stringify(v) : String(v))).join(', ')}`;
  return { expected, holds: (v) => values.includes(v) };
}

const checks: Readonly<Record<keyof PairOptions, Check>> = {
  target: column,
  labels: text,
  classes: labels,
  limit: count,
  perClassLimit: count,
  order: oneOf('file', 'random'),
  seed: { expected: 'a whole number from 0', holds: (v) => Number.isSafeInteger(v) && (v as number) >= 0 },
  task: oneOf('auto', 'classify', 'regress'),
  missing: oneOf('refuse', 'drop-rows', 'mean'),
  delimiter: oneOf(',', ';', '\t', '|'),
  header: oneOf('auto', true, false),
  oneHot: oneOf('auto', true, false),
  ignore: columns,
  xKey: text,
  yKey: text,
  maxBytes: {
    expected: `a whole number from 1 to ${2 ** 32}`,
    holds: (v) => count.holds(v) && (v as number) <= 2 ** 32,
  },
  licence: text,
  signal: { expected: 'an AbortSignal', holds: (v) => v instanceof AbortSignal },
  testLabels: text,
  testLimit: count,
};

const pairOnly: readonly string[] = ['testLabels', 'testLimit'];

/** Throws ERR_ARGUMENT for an unknown option, with the nearest known one, and for a value that means nothing. */
export function checkOptions(options: LoadOptions | PairOptions, kind: 'single' | 'pair'): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new KernelError('ERR_ARGUMENT', `options: expected an object, got ${shown(options)}`, { option: 'options' });
  }
  const known = new Map(Object.entries(checks).filter(([name]) => kind === 'pair' || !pairOnly.includes(name)));
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = known.get(name);
    if (check === undefined) {
      throw new KernelError('ERR_ARGUMENT', unknownName('option', name, [...known.keys()]), { option: name });
    }
    if (!check.holds(value)) {
      throw new KernelError('ERR_ARGUMENT', `option ${name}: expected ${check.expected}, got ${shown(value)}`, {
        option: name,
      });
    }
  }
  if (options.labels !== undefined && options.target !== undefined) {
    throw new KernelError('ERR_ARGUMENT', 'target and labels exclude each other: give the column or the file', {
      option: 'labels',
    });
  }
}

/** Throws ERR_ARGUMENT for a path that is not a text. */
export function checkPath(what: string, path: unknown): void {
  if (text.holds(path)) return;
  throw new KernelError('ERR_ARGUMENT', `${what}: expected the path of a file, ${text.expected}, got ${show(path)}`, {
    option: what,
  });
}

export function maxBytesOf({ maxBytes }: LoadOptions): number {
  return maxBytes ?? defaultMaxBytes;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  return typeof value === 'object' || typeof value === 'function' ? typeof value : String(value);
}
