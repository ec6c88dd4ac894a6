// @ts-check
// How long everything else in the process waits while a verb works in the background.
import { own, points } from './contestants.mjs';

const all = ['gram, typed array', 'gram, nested arrays', 'gram, both kernels', 'spectrum, top 10'];

/** @returns {import('../harness/vocabulary.js').FigureRule} */
const above = (verb) => ({
  id: verb,
  says: `${verb}: lateness above an idle loop`,
  measure: 'late',
  of: verb,
  minus: 'idle',
  per: 1e-3,
  unit: 'ms',
  better: 'lower',
  target: 10,
});

/** @returns {import('../harness/vocabulary.js').Case} */
function waiting(rows, seconds, quick) {
  const verbs = quick ? all.slice(0, 2) : all;
  const args = { network: 'mlp', depth: 5, x: points(rows, 784), seconds };
  const during = (verb) =>
    own('late', { ...args, verb }, { name: verb, role: verb === 'idle' ? 'limit' : 'resgram', times: 1 });
  return {
    name: `n = ${rows}, d = 784`,
    quick,
    rounds: 3,
    contestants: ['idle', ...verbs].map(during),
    figures: [
      {
        id: 'over idle',
        says: `${verbs[0]}: lateness over that of an idle loop`,
        measure: 'late',
        of: verbs[0],
        over: 'idle',
        unit: '×',
        better: 'lower',
        slack: 4,
      },
      ...verbs.map(above),
    ],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const eventLoop = {
  name: 'event-loop',
  title: 'Event loop',
  about:
    'By how much timers of 1 ms come late (99th percentile, monitorEventLoopDelay) while a verb works in the background, above the same of an idle loop. All threads that the process may use compute meanwhile.',
  cases: [waiting(2000, 0.5, true), waiting(4000, 2, false)],
};
