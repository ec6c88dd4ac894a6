import { KernelError, unknownName } from '../errors.js';
import { show } from '../options.js';
import type { LoadOptions, PairOptions, PointOptions } from './dataset.js';
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
const labelList: Check = {
  expected: 'a list of at least two labels',
  holds: (v) => Array.isArray(v) && v.length >= 2 && v.every((label) => text.holds(label) || Number.isFinite(label)),
};

function oneOf(...values: readonly unknown[]): Check {
  const expected = `one of ${values.map((v) => (typeof v === 'string' ? JSON.stringify(v) : String(v))).join(', ')}`;
  return { expected, holds: (v) => values.includes(v) };
}

const checks: Readonly<Record<keyof PairOptions | 'unitPixels', Check>> = {
  target: column,
  labels: text,
  classes: labelList,
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
  unitPixels: oneOf(true, false),
};

const pairOnly: readonly string[] = ['testLabels', 'testLimit'];
const all = Object.keys(checks).filter((name) => name !== 'unitPixels');
const ofTargets: readonly string[] = ['target', 'labels', 'classes', 'perClassLimit', 'order', 'seed', 'task', 'yKey'];

/** What each reader takes: a data set, a pair of them, or samples without targets. */
const namesOf = {
  pair: all,
  single: all.filter((name) => !pairOnly.includes(name)),
  points: [...all.filter((name) => !(pairOnly.includes(name) || ofTargets.includes(name))), 'unitPixels'],
};

/** Throws ERR_ARGUMENT for an unknown option, with the nearest known one, and for a value that means nothing. */
export function checkOptions(options: LoadOptions | PairOptions | PointOptions, kind: keyof typeof namesOf): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new KernelError('ERR_ARGUMENT', `options: expected an object, got ${shown(options)}`, { option: 'options' });
  }
  const known = new Map(Object.entries(checks).filter(([name]) => namesOf[kind].includes(name)));
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
  const { labels, target }: LoadOptions = kind === 'points' ? {} : options;
  if (labels !== undefined && target !== undefined) {
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

export function maxBytesOf({ maxBytes }: Pick<LoadOptions, 'maxBytes'>): number {
  return maxBytes ?? defaultMaxBytes;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  return typeof value === 'object' || typeof value === 'function' ? typeof value : String(value);
}
