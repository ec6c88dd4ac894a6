// @ts-check
// One case: everyone prepares, then takes turns round by round, and figures are formed from rounds.
import { CrewError } from './crew.mjs';
import { figurePerRound, meets, relativeDifference, summarise } from './statistics.mjs';

/** A sample lasts at least so many seconds, so that clocks and interruptions do not show. */
const sampleSeconds = { quick: 0.06, full: 0.15 };
const mostCalls = 20_000;

const measures = /** @type {const} */ (['wall', 'cpu', 'late', 'peak']);

/**
 * @typedef {import('./vocabulary.js').Contestant} Contestant
 * @typedef {import('./vocabulary.js').Sample} Sample
 * @typedef {{ contestant: Contestant, times: number, answer: any, samples: Sample[] }} Entrant
 */

/**
 * @param {import('./vocabulary.js').Case} one
 * @param {import('./crews.mjs').Crews} crews
 * @param {{ mode: 'quick' | 'full', rounds: number, data: import('./data.mjs').Data }} settings
 * @returns {Promise<import('./vocabulary.js').CaseResult>}
 */
export async function contest(one, crews, { mode, rounds: usual, data }) {
  const rounds = one.rounds ?? usual;
  /** @type {import('./vocabulary.js').Absence[]} */
  const absent = [];
  /** @type {Entrant[]} */
  const entrants = [];
  const out = (contestant, error) => {
    if (!(error instanceof CrewError)) throw error;
    absent.push({ what: contestant.name, why: error.message });
  };
  for (const contestant of one.contestants) {
    try {
      entrants.push(await prepare(contestant, one, crews, mode, data));
    } catch (error) {
      if (error instanceof CrewError && error.ended) await crews.drop(contestant.crew);
      out(contestant, error);
    }
  }
  for (let round = 0; round < rounds; round++) {
    // Turned round each time, so that none always follows the same one.
    const order = round % 2 === 0 ? [...entrants] : entrants.toReversed();
    for (const entrant of order.filter(({ contestant }) => round < (contestant.rounds ?? rounds))) {
      if (!entrants.includes(entrant)) continue;
      try {
        entrant.samples.push(await run(entrant, one, crews));
      } catch (error) {
        const { crew, isolated } = entrant.contestant;
        const all = error instanceof CrewError && error.ended && !isolated;
        if (all) await crews.drop(crew);
        // With a process go all who were prepared in it.
        for (const gone of entrants.filter((each) => each === entrant || (all && each.contestant.crew === crew))) {
          entrants.splice(entrants.indexOf(gone), 1);
          out(gone.contestant, error);
        }
      }
    }
  }
  for (const { contestant } of entrants.filter(({ contestant }) => !contestant.isolated)) {
    const crew = await crews.get(contestant.crew);
    await crew.ask({ do: 'forget', key: keyOf(one, contestant) });
  }
  return resultOf(one, entrants, absent);
}

const keyOf = (one, contestant) => `${one.name}/${contestant.name}`.replaceAll(/\s+/g, '_');

async function prepare(contestant, one, crews, mode, data) {
  const { op, crew: name, isolated, times, atMost } = contestant;
  const args = await data.resolve(contestant.args);
  if (isolated) return { contestant: { ...contestant, args }, times: 1, answer: { prepare: 0 }, samples: [] };
  const crew = await crews.get(name);
  if (atMost !== undefined) await predict(op, args, crew, atMost);
  const answer = await crew.ask({ do: 'prepare', key: keyOf(one, contestant), op, args });
  const calls = Math.ceil(sampleSeconds[mode] / Math.max(answer.first, 1e-9));
  return { contestant, times: times ?? Math.min(mostCalls, Math.max(1, calls)), answer, samples: [] };
}

/** From a quarter of the rows to all of them: sixteen times the pairs. */
async function predict(op, args, crew, atMost) {
  const [rows, ...rest] = args.x.shape;
  const part = { ...args, x: { ...args.x, shape: [Math.ceil(rows / 4), ...rest] } };
  const key = 'pilot';
  const { first } = await crew.ask({ do: 'prepare', key, op, args: part });
  await crew.ask({ do: 'forget', key });
  if (16 * first > atMost) {
    const seconds = Math.round(16 * first);
    throw new CrewError(
      `a call would take about ${seconds} s by what a quarter of the rows took; the limit is ${atMost} s`,
    );
  }
}

async function run({ contestant, times }, one, crews) {
  const key = keyOf(one, contestant);
  if (!contestant.isolated) return (await crews.get(contestant.crew)).ask({ do: 'run', key, times });
  const crew = await crews.fresh(contestant.crew);
  try {
    await crew.ask({ do: 'prepare', key, op: contestant.op, args: contestant.args, warm: false });
    return await crew.ask({ do: 'run', key, times: contestant.times ?? 1 });
  } finally {
    await crew.close();
  }
}

/**
 * @param {import('./vocabulary.js').Case} one
 * @param {Entrant[]} entrants
 * @param {import('./vocabulary.js').Absence[]} absent
 * @returns {import('./vocabulary.js').CaseResult}
 */
function resultOf(one, entrants, absent) {
  const samples = new Map(entrants.map(({ contestant, samples }) => [contestant.name, samples]));
  const contestants = entrants.map(({ contestant, answer, samples }) => ({
    name: contestant.name,
    role: contestant.role,
    crew: contestant.crew,
    prepare: answer.prepare,
    ...(answer.compile === undefined ? {} : { compile: answer.compile }),
    ...(answer.note ? { note: answer.note } : {}),
    measures: Object.fromEntries(
      measures.flatMap((measure) => {
        // A process that has worked before grows less: peaks of those say nothing.
        const counted = measure !== 'peak' || contestant.isolated;
        const values = counted ? samples.flatMap((sample) => sample[measure] ?? []) : [];
        return values.length === 0 ? [] : [[measure, summarise(values)]];
      }),
    ),
  }));
  const figures = one.figures.flatMap((rule) => {
    const { id, says, measure, unit, better, target, slack, of, minus, over } = rule;
    const missing = [of, minus, over].filter((name) => name !== undefined && !samples.has(name));
    const values = missing.length > 0 ? [] : figurePerRound(rule, samples);
    if (values.length === 0) {
      const why = missing.length > 0 ? `without ${missing.join(' and ')}` : `${measure} is not measured on this system`;
      absent.push({ what: says, why });
      return [];
    }
    const summary = summarise(values);
    const judged = target === undefined ? {} : { target, met: meets(better, summary.median, target) };
    return [{ id, says, measure, unit, better, ...summary, ...judged, ...(slack === undefined ? {} : { slack }) }];
  });
  return {
    name: one.name,
    quick: one.quick,
    ...(one.group === undefined ? {} : { group: one.group }),
    ...(one.x === undefined ? {} : { x: one.x }),
    contestants,
    figures,
    absent,
    ...agreement(one, entrants),
  };
}

/** Those who computed other numbers than the first compare different things: the run fails. */
function agreement(/** @type {import('./vocabulary.js').Case} */ { agreement: allowed }, entrants) {
  if (allowed === undefined) return {};
  const [first, ...others] = entrants.filter(({ answer }) => answer.probe !== undefined);
  if (others.length === 0) return {};
  const found = others.map(({ contestant, answer }) => ({
    what: contestant.name,
    difference: relativeDifference(first.answer.probe, answer.probe),
  }));
  const disagreements = found
    .filter(({ difference }) => !(difference <= allowed))
    .map(({ what, difference }) => {
      const why = `differs by ${difference.toExponential(1)} from ${first.contestant.name}; ${allowed} is allowed`;
      return { what, why };
    });
  return {
    difference: Math.max(...found.map(({ difference }) => difference)),
    ...(disagreements.length === 0 ? {} : { disagreements }),
  };
}
