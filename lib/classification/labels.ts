/** Labels as classes, and classes as numbers. */

import { KernelError } from '../errors.js';
import { reading, show, unexpected } from '../options.js';

export type Label = string | number;
export type Labels = readonly Label[] | Float64Array | Float32Array | Int32Array | Uint8Array | Uint32Array;

/**
 * What one column per class holds. 'centred': 1 − 1/C in the own class and −1/C elsewhere, so that each row adds up to 0.
 * 'signs': 1 and −1. [class-coding]
 */
export type ClassCoding = 'centred' | 'signs';

/** A checked copy of labels: all strings or all numbers, none missing. */
export function readLabels(labels: unknown): Label[] {
  return reading('labels', () => {
    if (!Array.isArray(labels) && !(ArrayBuffer.isView(labels) && !(labels instanceof DataView))) {
      throw unexpected('labels', 'a list of strings or of numbers, one for each sample', labels);
    }
    const list = Array.from(labels as ArrayLike<unknown>);
    list.forEach((label, row) => {
      if (label === null || label === undefined || label === '' || Number.isNaN(label)) {
        throw new KernelError(
          'ERR_DATA',
          `labels: row ${row} is missing (${show(label)}); leave such rows out, as repair() does`,
          {
            row,
          },
        );
      }
      if (typeof label === 'string' ? true : typeof label === 'number' && Number.isFinite(label)) return;
      throw new KernelError(
        'ERR_DATA',
        `labels: row ${row}: expected a string or a finite number, got ${show(label)}`,
        {
          row,
        },
      );
    });
    const other = list.findIndex((label) => typeof label !== typeof list[0]);
    if (other > 0) {
      throw new KernelError(
        'ERR_DATA',
        `labels: expected all strings or all numbers, got ${show(list[0])} in row 0 and ${show(list[other])} in row ${other}`,
        { row: other },
      );
    }
    // −0 and 0 are one class.
    return list.map((label) => (label === 0 ? 0 : label)) as Label[];
  });
}

/** The distinct labels: numbers ascending, strings by their code units, whatever the order of the rows. */
export function classesOf(labels: readonly Label[]): readonly Label[] {
  const classes = [...new Set(labels)].sort((a, b) => (a < b ? -1 : 1));
  if (classes.length < 2) {
    const only = classes.length === 1 ? `only ${show(classes[0])}` : 'no labels';
    throw new KernelError('ERR_DATA', `labels: expected at least two classes, got ${only}`, { classes });
  }
  return Object.freeze(classes);
}

/** The place of each label among the classes; refuses (ERR_DATA) one that is not there. */
export function indicesOf(labels: readonly Label[], classes: readonly Label[]): Uint32Array {
  const places = new Map(classes.map((label, index) => [label, index]));
  return Uint32Array.from(labels, (label, row) => {
    const index = places.get(label);
    if (index !== undefined) return index;
    const known = classes.slice(0, 10).map(show).join(', ');
    throw new KernelError(
      'ERR_DATA',
      `labels: row ${row} is ${show(label)}, which no sample of the fit has; known: ${known}${classes.length > 10 ? ' …' : ''}`,
      { row, label, classes: classes.slice(0, 10) },
    );
  });
}

/** One column for each class. [class-coding] */
export function encoded(indices: Uint32Array, classes: number, coding: ClassCoding): Float64Array {
  const [own, other] = coding === 'signs' ? [1, -1] : [1 - 1 / classes, -1 / classes];
  const targets = new Float64Array(indices.length * classes).fill(other);
  indices.forEach((index, row) => {
    targets[row * classes + index] = own;
  });
  return targets;
}
