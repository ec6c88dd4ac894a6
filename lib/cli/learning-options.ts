/** Options of the commands that learn from data: fit, compare and dynamics. One that reads the same is the same. */

import { Option } from 'commander';
import { activationNames, activationRecord } from '../activations.js';
import { conventionNames } from '../compare/network-list.js';
import { decimal, integer, oneOf } from './options.js';

const scalings = ['auto', 'columns', 'sphere', 'none'] as const;

/** How features are scaled, as the command line says it. */
export type Standardize = (typeof scalings)[number];

/** Those that a name alone describes and that can be compared; others are given with their parameters in JSON presets. */
const plainActivations = activationNames.filter((name) => {
  const { parameters, noTangent } = activationRecord(name);
  return parameters.length === 0 && noTangent === null;
});

export const notNegative = (value: number): boolean => value >= 0;
export const positive = (value: number): boolean => value > 0;

export function conventionOption(
  which = 'huang (default), tirer, jacot (MLPs only) or li (one-matrix ResNets)',
): Option {
  return new Option('--convention <name>', `whose constants and trained layers: ${which}`).argParser(
    oneOf('--convention', conventionNames),
  );
}

export function activationOption(): Option {
  return new Option('--activation <name>', `${plainActivations.join(', ')}; default relu, with li gelu`).argParser(
    oneOf('--activation', plainActivations),
  );
}

export function biasOption(): Option {
  return new Option(
    '--bias <variance>',
    'variance of a trained bias; default 1 for tables, 0 (none) for images',
  ).argParser(decimal('--bias', 'a variance, at least 0', notNegative));
}

export function standardizeOption(): Option {
  return new Option(
    '--standardize <how>',
    'columns (on the training rows), sphere, none or auto (default: columns for tables, sphere for images)',
  ).argParser(oneOf('--standardize', scalings));
}

/** `what` it is the seed of. */
export function seedOption(what: string): Option {
  return new Option('--seed <n>', `of ${what}; default 0`).argParser(integer('--seed', 0));
}

/** The scaling as the library takes it, which finds its own where none is given. */
export function scalingOf({ standardize }: { readonly standardize?: Standardize }): {
  readonly scaling?: Exclude<Standardize, 'auto'>;
} {
  return standardize === undefined || standardize === 'auto' ? {} : { scaling: standardize };
}
