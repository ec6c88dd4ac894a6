#!/usr/bin/env node
// @ts-check
// The regression guard: npm run bench:check -- [--suite NAME]… [--slack 1.25] [--results FILE] [--against FILE]
//
// Makes a quick run (or takes FILE for it) and compares its figures without a unit with the committed ones. Says what
// became worse by more than the slack, and ends with 1 if anything did. Not part of the tests.
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { prepareNative } from './harness/build.mjs';
import { compare, usualSlack } from './harness/guard.mjs';
import { committed as usualFile } from './harness/paths.mjs';
import { runSuites } from './harness/run-suites.mjs';
import { parseResults } from './harness/schema.mjs';
import { suites } from './suites/index.mjs';

const { values: options } = parseArgs({
  options: {
    suite: { type: 'string', multiple: true },
    slack: { type: 'string', default: String(usualSlack) },
    results: { type: 'string' },
    against: { type: 'string', default: usualFile },
  },
});

function read(file) {
  if (!existsSync(file)) throw new TypeError(`${file}: no such file; a full run of npm run bench makes it`);
  return parseResults(readFileSync(file, 'utf8'), file);
}

async function run() {
  const chosen = suites.filter(({ name }) => options.suite === undefined || options.suite.includes(name));
  return runSuites(chosen, {
    mode: 'quick',
    missing: prepareNative(),
    tell: { suite: ({ title }) => console.log(`  · ${title}`), result: () => {} },
  });
}

const digits = (value) => Number(value.toPrecision(3));
const line = ({ where, says, committed, fresh, factor, slack }) =>
  `  ${where}: ${says}: ${digits(fresh)}, was ${digits(committed)} (worse by ${digits(factor)}, ${slack} is allowed)`;

try {
  const slack = Number(options.slack);
  if (!(slack >= 1)) throw new TypeError(`--slack: expected a factor of at least 1, got ${options.slack}`);
  const unknown = options.suite?.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined)
    throw new TypeError(`no suite '${unknown}'; there are ${suites.map(({ name }) => name).join(', ')}`);
  const against = read(options.against);
  const fresh = options.results === undefined ? await run() : read(options.results);
  const { worse, better, compared, gone, added, notes } = compare(fresh, against, { slack, suites: options.suite });
  for (const note of notes) console.log(`  – ${note}`);
  for (const where of gone) console.log(`  – not measured this time: ${where}`);
  for (const where of added) console.log(`  – new: ${where}`);
  for (const { where, committed, fresh: now } of better)
    console.log(`  ✓ ${where}: ${digits(now)}, was ${digits(committed)}`);
  console.log(
    `\n${compared} ratios compared with those of ${against.versions.commit}: ${worse.length} worse, ${better.length} better`,
  );
  if (worse.length > 0) console.log(worse.map(line).join('\n'));
  process.exitCode = worse.length > 0 || compared === 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
