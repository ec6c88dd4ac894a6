// @ts-check
// The work, in pieces of one set, protocol, classifier and group of kernels, in the order in which it is worth most: the
// published protocol first, large sets before small ones, so that nobody waits for a large one at the end.
import { forest } from './forest.mjs';
import { groups } from './kernels.mjs';
import { keyOf } from './store.mjs';

/** @typedef {{ set: string, rows: number, protocol: string, classifier: string, group: string }} Unit */

const stages = [
  ['published', 'svm', 'mlp'],
  ['published', 'svm', 'resnet'],
  ['nested', 'svm', 'mlp'],
  ['published', 'ridge', 'mlp'],
  ['published', 'ridge', 'resnet'],
  ['nested', 'svm', 'resnet'],
  ['nested', 'ridge', 'mlp'],
  ['nested', 'ridge', 'resnet'],
];
/** Beside the stages, where it is asked for. */
const baseline = ['published', 'forest', 'forest'];

const methodsOf = (group) =>
  group === 'forest' ? [forest] : [...new Set(groups[group].flatMap(({ methods }) => methods))];

/**
 * @param {readonly import('./sets.mjs').UciSet[]} sets
 * @param {readonly import('./store.mjs').Line[]} done
 * @param {{ protocol?: string, classifier?: string, forest?: boolean }} [only]
 * @returns {Unit[]} what is left
 */
export function unitsLeft(sets, done, only = {}) {
  const known = new Set(done.map(keyOf));
  return [...stages, ...(only.forest === true ? [baseline] : [])]
    .filter(
      ([protocol, classifier]) =>
        classifier === 'forest' ||
        ((only.protocol ?? protocol) === protocol && (only.classifier ?? classifier) === classifier),
    )
    .flatMap(([protocol, classifier, group]) =>
      sets
        .toSorted((a, b) => b.rows - a.rows)
        .map(({ name, rows }) => ({ set: name, rows, protocol, classifier, group })),
    )
    .filter(({ set, protocol, classifier, group }) =>
      methodsOf(group).some((method) => !known.has(keyOf({ set, protocol, classifier, method }))),
    );
}
