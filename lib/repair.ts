/** Samples that no fit takes as they are, made fit on request, with a record of what was done. */

import { types } from 'node:util';
import type { Label } from './classification/labels.js';
import { KernelError } from './errors.js';
import { flag, oneOf, reading, readOptions, show, unexpected } from './options.js';
import { isRecord } from './place.js';
import type { Samples, Targets, Tensor } from './tensor.js';

export interface RepairOptions {
  /** 'drop' leaves out rows with NaN, null or undefined among their numbers, or such a target or label. Default 'refuse'. */
  readonly missing?: 'refuse' | 'drop';
  /**
   * 'merge' makes one of rows of x with the same numbers: targets are averaged, of labels the most frequent is taken (of
   * equally frequent ones the first). Such rows make K singular. A mean of m targets then counts as one: with a ridge this is
   * not the fit to all of them, which K + λI allows; without one it is the fit of least squares. Default 'keep'.
   */
  readonly duplicates?: 'keep' | 'merge';
}

export interface Repaired<Y> {
  readonly x: Tensor;
  readonly y: Y;
  /** The row that each row of x was, or the first of those that it was made of. */
  readonly rows: readonly number[];
  /** Rows that were left out. */
  readonly dropped: readonly number[];
  /** Rows that were made one, the first of each first. */
  readonly merged: readonly (readonly number[])[];
}

type Missing = null | undefined;
/** Targets in which numbers may be missing. */
export type LooseTargets = Targets | readonly (number | Missing)[] | readonly (readonly (number | Missing)[])[];
export type LooseSamples = Samples | readonly (readonly (number | Missing)[])[];

const constraints = { missing: oneOf('refuse', 'drop'), duplicates: oneOf('keep', 'merge'), labels: flag };

/**
 * Leaves out rows with missing numbers and merges equal rows, as asked for and not otherwise. Labels are lists of strings,
 * or of numbers with `labels: true`.
 */
export function repair(
  x: LooseSamples,
  labels: readonly (string | Missing)[],
  options?: RepairOptions,
): Repaired<readonly Label[]>;
export function repair(
  x: LooseSamples,
  labels: readonly (Label | Missing)[],
  options: RepairOptions & { readonly labels: true },
): Repaired<readonly Label[]>;
export function repair(x: LooseSamples, y: LooseTargets, options?: RepairOptions): Repaired<Tensor>;
export function repair(
  x: unknown,
  y: unknown,
  options?: RepairOptions & { readonly labels?: boolean },
): Repaired<Tensor | readonly Label[]> {
  return reading('x and y', () => {
    const { missing = 'refuse', duplicates = 'keep', labels } = readOptions('options', options, constraints);
    const points = numbersOf('x', x);
    const asLabels = labels ?? (Array.isArray(y) && y.some((label) => typeof label === 'string'));
    const targets = asLabels ? labelsOf(y) : numbersOf('y', y);
    const found = asLabels ? (targets as readonly unknown[]).length : (targets as Numbers).rows;
    if (found !== points.rows) {
      throw new KernelError('ERR_SHAPE', `y: expected ${points.rows} rows, one per sample, got ${found}`, {
        expected: points.rows,
        got: found,
      });
    }
    const dropped: number[] = [];
    const kept: number[] = [];
    for (let row = 0; row < points.rows; row++) {
      const gaps =
        lacks(points, row) || (asLabels ? lacking((targets as unknown[])[row]) : lacks(targets as Numbers, row));
      if (gaps && missing === 'refuse') {
        throw new KernelError(
          'ERR_DATA',
          `row ${row} has a missing ${lacks(points, row) ? 'number' : asLabels ? 'label' : 'target'}; leave such rows out (missing: 'drop')`,
          { row },
        );
      }
      (gaps ? dropped : kept).push(row);
    }
    if (kept.length === 0) throw new KernelError('ERR_DATA', `of ${points.rows} rows none is complete`);
    const groups = duplicates === 'merge' ? groupsOf(points, kept) : kept.map((row) => [row]);
    const rows = groups.map((group) => group[0] as number);
    const result = {
      x: gathered(points, rows),
      rows: Object.freeze(rows),
      dropped: Object.freeze(dropped),
      merged: Object.freeze(groups.filter(({ length }) => length > 1).map((group) => Object.freeze(group))),
    };
    const right = asLabels
      ? Object.freeze(groups.map((group) => mostFrequent(group.map((row) => (targets as Label[])[row] as Label))))
      : averaged(targets as Numbers, groups);
    return Object.freeze({ ...result, y: right });
  });
}

interface Numbers {
  readonly rows: number;
  readonly width: number;
  /** NaN where one is missing. */
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

function numbersOf(what: string, value: unknown): Numbers {
  if (types.isFloat64Array(value)) return shaped(what, Float64Array.from(value), [value.length]);
  if (isRecord(value)) {
    const { data, shape } = value as { data?: unknown; shape?: unknown };
    if (!types.isFloat64Array(data) && !types.isFloat32Array(data)) {
      throw unexpected(`${what}.data`, 'a Float64Array or Float32Array', data);
    }
    if (!Array.isArray(shape)) throw unexpected(`${what}.shape`, 'an array of sizes', shape);
    return shaped(what, Float64Array.from(data), [...(shape as number[])]);
  }
  if (!Array.isArray(value) || value.length === 0) throw unexpected(what, 'at least one row', value);
  if (!value.some(Array.isArray))
    return shaped(
      what,
      Float64Array.from(value, (one) => numberOf(what, one)),
      [value.length],
    );
  const width = (value.find(Array.isArray) as unknown[]).length;
  const data = value.flatMap((row: unknown, i) => {
    if (!Array.isArray(row) || row.length !== width) {
      throw new KernelError('ERR_SHAPE', `${what}: row ${i}: expected ${width} numbers, got ${show(row)}`, { row: i });
    }
    return row.map((one) => numberOf(what, one));
  });
  return shaped(what, Float64Array.from(data), [value.length, width]);
}

function numberOf(what: string, value: unknown): number {
  if (value === null || value === undefined) return Number.NaN;
  if (typeof value !== 'number') throw unexpected(what, 'numbers', value);
  return value;
}

function shaped(what: string, data: Float64Array, shape: readonly number[]): Numbers {
  const count = shape.reduce((product, size) => product * size, 1);
  if (shape.length < 1 || !shape.every((size) => Number.isSafeInteger(size) && size >= 1) || count !== data.length) {
    throw new KernelError(
      'ERR_SHAPE',
      `${what}: expected as many numbers as [${shape.map(show).join(', ')}] says, got ${data.length}`,
    );
  }
  const rows = shape[0] as number;
  return { rows, width: count / rows, data, shape };
}

function labelsOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) && !types.isTypedArray(value)) throw unexpected('y', 'a list of labels', value);
  return Array.from(value as ArrayLike<unknown>);
}

const lacking = (label: unknown): boolean =>
  label === null || label === undefined || label === '' || Number.isNaN(label);

function lacks({ data, width }: Numbers, row: number): boolean {
  for (let k = row * width; k < (row + 1) * width; k++) if (Number.isNaN(data[k])) return true;
  return false;
}

/** Rows with equal numbers together, in the order of their first; −0 equals 0. */
function groupsOf({ data, width }: Numbers, rows: readonly number[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const row of rows) {
    const plain = data.slice(row * width, (row + 1) * width).map((value) => value + 0);
    const key = Buffer.from(plain.buffer).toString('latin1');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function gathered({ data, width, shape }: Numbers, rows: readonly number[]): Tensor {
  const chosen = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    chosen.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return Object.freeze({ data: chosen, shape: Object.freeze([rows.length, ...shape.slice(1)]) });
}

function averaged({ data, width, shape }: Numbers, groups: readonly (readonly number[])[]): Tensor {
  const means = new Float64Array(groups.length * width);
  groups.forEach((group, i) => {
    for (let c = 0; c < width; c++) {
      const sum = group.reduce((all, row) => all + (data[row * width + c] as number), 0);
      means[i * width + c] = sum / group.length;
    }
  });
  return Object.freeze({ data: means, shape: Object.freeze([groups.length, ...shape.slice(1)]) });
}

function mostFrequent(labels: readonly Label[]): Label {
  const counts = new Map<Label, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}
