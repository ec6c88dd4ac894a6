#!/usr/bin/env node
// @ts-check
// The benches: npm run bench -- [--quick] [--suite NAME]… [--case PATTERN] [--rounds 5] [--json FILE] [--no-page]
//
// Runs the suites of bench/suites with whoever is there, says who is not, and writes docs/benchmarks (results, page and
// figures) after a full run of all suites, or the results alone where --json says.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { prepareNative } from './harness/build.mjs';
import { at } from './harness/paths.mjs';
import { caseLines } from './harness/print.mjs';
import { runSuites } from './harness/run-suites.mjs';
import { suites } from './suites/index.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    suite: { type: 'string', multiple: true },
    case: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    page: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const unknown = options.suite?.filter((name) => !suites.some((suite) => suite.name === name)) ?? [];
const rounds = Number(options.rounds);
if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  const why =
    unknown.length > 0
      ? `no suite '${unknown[0]}'; there are ${suites.map(({ name }) => name).join(', ')}`
      : '--rounds: expected a whole number above 0';
  console.error(why);
  process.exit(2);
}

const missing = prepareNative();
const chosen = suites.filter(({ name }) => options.suite === undefined || options.suite.includes(name));
const results = await runSuites(chosen, {
  mode: options.quick ? 'quick' : 'full',
  rounds,
  missing,
  only: options.case === undefined ? undefined : new RegExp(options.case),
  tell: {
    suite: ({ title }) => console.log(`\n${title}`),
    result: (result, seconds) => console.log(caseLines(result, seconds).join('\n')),
  },
});

console.log(`\n${results.mode} run in ${results.seconds} s, load ${results.machine.load} before it`);
for (const { what, why } of results.absent) console.log(`  – ${what} took no part: ${why}`);
const judged = results.suites
  .flatMap(({ cases }) => cases.flatMap(({ figures }) => figures))
  .filter(({ met }) => met !== undefined);
console.log(`${judged.filter(({ met }) => met).length} of ${judged.length} targets met`);

const whole = !options.quick && options.suite === undefined && options.case === undefined;
const text = `${JSON.stringify(results, null, 1)}\n`;
if (options.json !== undefined) {
  mkdirSync(path.dirname(path.resolve(options.json)), { recursive: true });
  writeFileSync(options.json, text);
  console.log(`results: ${options.json}`);
} else if (whole) {
  mkdirSync(at('docs', 'benchmarks'), { recursive: true });
  writeFileSync(at('docs', 'benchmarks', 'results.json'), text);
  if (options.page) {
    const { writePage } = await import('./page/write.mjs');
    writePage(results, at('docs', 'benchmarks'));
  }
  console.log('results: docs/benchmarks/results.json; page: docs/benchmarks/index.html');
}
const disagreements = results.suites.flatMap(({ cases }) => cases.flatMap((one) => one.disagreements ?? []));
process.exitCode = disagreements.length === 0 ? 0 : 1;
