// @ts-check
// The regression guard: figures without a unit of a fresh run against those of the committed one. Times differ from machine
// to machine and from hour to hour; ratios of what ran in turns differ much less.
import { worseBy } from './statistics.mjs';

export const usualSlack = 1.25;

/**
 * @typedef {import('./vocabulary.js').Results} Results
 * @typedef {import('./vocabulary.js').FigureResult} FigureResult
 * @typedef {{ where: string, says: string, better: 'lower' | 'higher', committed: number, fresh: number, factor: number, slack: number }} Change
 */

/** Where a figure stands → the figure, for those that can be compared. @param {Results} results */
function comparable(results) {
  const found = new Map();
  for (const { name: suite, cases } of results.suites) {
    for (const one of cases.filter(({ quick }) => quick)) {
      for (const figure of one.figures.filter(({ unit }) => unit === '×')) {
        found.set(`${suite} / ${one.name} / ${figure.id}`, figure);
      }
    }
  }
  return found;
}

/**
 * Worse is what lies beyond its slack even by its favourable quartile, so that one disturbed round is no regression.
 *
 * @param {Results} fresh
 * @param {Results} committed
 * @param {{ slack?: number, suites?: readonly string[] }} [options] `slack` in the place of the usual one; only these suites
 * @returns {{ worse: Change[], better: Change[], compared: number, gone: string[], added: string[], notes: string[] }}
 */
export function compare(fresh, committed, { slack: usual = usualSlack, suites } = {}) {
  const wanted = (where) => suites === undefined || suites.some((name) => where.startsWith(`${name} / `));
  const now = comparable(fresh);
  const then = comparable(committed);
  const worse = [];
  const better = [];
  let compared = 0;
  for (const [where, before] of then) {
    const after = now.get(where);
    if (after === undefined || !wanted(where)) continue;
    compared++;
    const slack = Math.max(usual, before.slack ?? 0);
    const favourable = before.better === 'lower' ? after.q1 : after.q3;
    const unfavourable = before.better === 'lower' ? after.q3 : after.q1;
    const change = { where, says: before.says, better: before.better, committed: before.median, fresh: after.median };
    const factor = worseBy(before.better, after.median, before.median);
    if (worseBy(before.better, favourable, before.median) > slack) worse.push({ ...change, factor, slack });
    else if (worseBy(before.better, unfavourable, before.median) * slack < 1) better.push({ ...change, factor, slack });
  }
  const byFactor = (a, b) => b.factor - a.factor;
  return {
    worse: worse.toSorted(byFactor),
    better: better.toSorted(byFactor).toReversed(),
    compared,
    gone: [...then.keys()].filter((where) => wanted(where) && !now.has(where)),
    added: [...now.keys()].filter((where) => wanted(where) && !then.has(where)),
    notes: notesOn(fresh, committed),
  };
}

/** Why ratios may differ although nothing became slower. */
function notesOn(fresh, committed) {
  const notes = [];
  for (const what of /** @type {const} */ (['cpu', 'cpus', 'simd'])) {
    const [now, then] = [fresh.machine[what], committed.machine[what]];
    if (now !== then) notes.push(`${what}: ${now} here, ${then} in the committed results; ratios move with it`);
  }
  for (const [what, then] of Object.entries(committed.versions)) {
    const now = fresh.versions[what];
    if (now !== undefined && now !== then && !['commit', 'resgram', 'node', 'simd'].includes(what)) {
      notes.push(`${what}: ${now} here, ${then} in the committed results`);
    }
  }
  if (fresh.machine.load > fresh.machine.cpus / 2) {
    notes.push(`the load was ${fresh.machine.load} before the run: other work shared the caches with it`);
  }
  return notes;
}
