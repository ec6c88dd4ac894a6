// @ts-check
// What a file of results must look like before anything is compared with it or drawn from it.

const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
const isText = (value) => typeof value === 'string' && value !== '';
const units = ['×', 'ns', 'µs', 'ms', 's', 'MiB'];

/** The first thing wrong with it and where, or undefined. */
export function flaw(value) {
  try {
    checkResults(value);
    return undefined;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message;
  }
}

/**
 * @param {string} text
 * @param {string} file named in the message
 * @returns {import('./vocabulary.js').Results}
 */
export function parseResults(text, file) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TypeError(`${file}: expected JSON`);
  }
  const wrong = flaw(value);
  if (wrong !== undefined) throw new TypeError(`${file}: ${wrong}`);
  return value;
}

function demand(holds, where, expected) {
  if (!holds) throw new TypeError(`${where}: expected ${expected}`);
}

function checkResults(value) {
  demand(isRecord(value), 'results', 'an object');
  demand(value.schema === 1, 'schema', `1, got ${JSON.stringify(value.schema)}`);
  demand(!Number.isNaN(Date.parse(value.made)), 'made', 'a date');
  demand(['quick', 'full'].includes(value.mode), 'mode', 'quick or full');
  demand(isNumber(value.seconds), 'seconds', 'a number');
  const { machine, versions } = value;
  demand(isRecord(machine), 'machine', 'an object');
  for (const name of ['cpu', 'platform', 'simd']) demand(isText(machine[name]), `machine.${name}`, 'text');
  for (const name of ['cpus', 'memoryGiB', 'load']) demand(isNumber(machine[name]), `machine.${name}`, 'a number');
  demand(isRecord(versions) && Object.values(versions).every(isText), 'versions', 'texts');
  for (const name of ['commit', 'resgram', 'node']) demand(isText(versions[name]), `versions.${name}`, 'text');
  checkAbsences(value.absent, 'absent');
  demand(Array.isArray(value.suites), 'suites', 'a list');
  unique(value.suites, 'suites');
  for (const suite of value.suites) {
    demand(isText(suite.title) && isText(suite.about), `suites.${suite.name}`, 'a title and what it is about');
    demand(Array.isArray(suite.cases), `suites.${suite.name}.cases`, 'a list');
    unique(suite.cases, `suites.${suite.name}.cases`);
    for (const one of suite.cases) checkCase(one, `${suite.name} / ${one.name}`);
  }
}

function unique(list, where, key = 'name') {
  const names = list.map((one) => one?.[key]);
  demand(names.every(isText), where, `a ${key} each`);
  demand(new Set(names).size === names.length, where, `each ${key} once`);
}

function checkCase(one, where) {
  demand(typeof one.quick === 'boolean', where, 'quick to be true or false');
  demand(Array.isArray(one.contestants), where, 'contestants');
  unique(one.contestants, `${where}: contestants`);
  for (const { name, role, prepare, measures } of one.contestants) {
    demand(['resgram', 'limit', 'peer'].includes(role), `${where} / ${name}`, 'a role');
    demand(isNumber(prepare), `${where} / ${name}`, 'seconds of preparation');
    demand(isRecord(measures), `${where} / ${name}`, 'measures');
    for (const summary of Object.values(measures)) checkSummary(summary, `${where} / ${name}`);
  }
  demand(Array.isArray(one.figures), where, 'figures');
  unique(one.figures, `${where}: figures`, 'id');
  for (const figure of one.figures) {
    const place = `${where} / ${figure.id}`;
    checkSummary(figure, place);
    demand(isText(figure.says), place, 'what it says');
    demand(units.includes(figure.unit), place, `a unit of ${units.join(', ')}`);
    demand(['lower', 'higher'].includes(figure.better), place, 'which direction is better');
    demand((figure.target === undefined) === (figure.met === undefined), place, 'a target with whether it is met');
  }
  checkAbsences(one.absent, where);
}

function checkSummary(summary, where) {
  demand(isRecord(summary), where, 'a summary');
  const { median, q1, q3, count } = summary;
  demand([median, q1, q3].every(isNumber) && q1 <= median && median <= q3, where, 'quartiles about a median');
  demand(Number.isInteger(count) && count > 0, where, 'a number of rounds');
}

function checkAbsences(list, where) {
  demand(
    Array.isArray(list) && list.every((one) => isText(one?.what) && isText(one.why)),
    where,
    'who is absent, and why',
  );
}
