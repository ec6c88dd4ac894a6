// @ts-check
// A run: suites one after another, cases one after another, and what was found as one object.
import { contest } from './contest.mjs';
import { Crews } from './crews.mjs';
import { Data } from './data.mjs';
import { commit, describeMachine, load } from './machine.mjs';

/**
 * @typedef {import('./vocabulary.js').CaseResult} CaseResult
 * @typedef {import('./vocabulary.js').Suite} Suite
 *
 * @param {readonly Suite[]} suites
 * @param {{ mode: 'quick' | 'full', rounds?: number, only?: RegExp, missing?: readonly import('./vocabulary.js').Absence[], tell?: { suite(suite: Suite): void, result(result: CaseResult, seconds: number): void } }} options
 * @returns {Promise<import('./vocabulary.js').Results>}
 */
export async function runSuites(suites, { mode, rounds = 5, only, missing, tell }) {
  const start = performance.now();
  const made = new Date().toISOString();
  const before = load();
  const crews = new Crews(missing);
  const data = new Data(crews);
  const results = [];
  try {
    // The package always takes part: its versions are those of the run.
    await crews.get('resgram');
    for (const suite of suites) {
      const cases = suite.cases.filter(
        (one) => (mode === 'full' || one.quick) && (only === undefined || only.test(one.name)),
      );
      if (cases.length === 0) continue;
      tell?.suite(suite);
      const found = [];
      for (const one of cases) {
        const begun = performance.now();
        found.push(await contest(one, crews, { mode, rounds, data }));
        tell?.result(/** @type {CaseResult} */ (found.at(-1)), (performance.now() - begun) / 1e3);
      }
      const { name, title, about, x } = suite;
      results.push({ name, title, about, ...(x === undefined ? {} : { x }), cases: found });
    }
  } finally {
    await crews.close();
    data.close();
  }
  return {
    schema: 1,
    made,
    mode,
    seconds: Math.round((performance.now() - start) / 1e3),
    machine: { ...describeMachine(crews.versions), load: before },
    versions: { commit: commit(), ...crews.versions },
    absent: crews.absent,
    suites: results,
  };
}
