#!/usr/bin/env node
// @ts-check
// The 90-set UCI table: npm run bench:uci -- [--only NAME,NAME…] [--protocol published|nested] [--classifier svm|ridge]
//   [--forest] [--jobs 2] [--fresh] [--page]
//
// Goes on from where the last run stopped (.cache/uci/results.jsonl); --fresh begins anew. Writes docs/uci once every set has
// every result, or with --page from what there is. --forest adds the baseline.
import { existsSync, renameSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { info } from '../../dist/index.js';
import { at } from '../harness/paths.mjs';
import { classifiers } from './classifiers.mjs';
import { workOff } from './crew.mjs';
import { forestMissing } from './forest.mjs';
import { families } from './kernels.mjs';
import { protocols } from './protocols.mjs';
import { archiveFile, readSets } from './sets.mjs';
import { append, readLines, scheme } from './store.mjs';
import { unitsLeft } from './units.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    protocol: { type: 'string' },
    classifier: { type: 'string' },
    forest: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(Math.min(2, info().cpus)) },
    fresh: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});
const refuse = (why) => {
  console.error(why);
  process.exit(2);
};
const jobs = Number(options.jobs);
if (!Number.isInteger(jobs) || jobs < 1) refuse(`--jobs: expected a whole number above 0, got ${options.jobs}`);
for (const [flag, known] of /** @type {[string, readonly string[]][]} */ ([
  ['protocol', protocols],
  ['classifier', Object.keys(classifiers)],
])) {
  const given = /** @type {any} */ (options)[flag];
  if (given !== undefined && !known.includes(given)) refuse(`--${flag}: expected ${known.join(' or ')}, got ${given}`);
}
const lacking = options.forest ? forestMissing() : undefined;
if (lacking !== undefined) refuse(`--forest: ${lacking}`);
const found = archiveFile();
if (found.file === undefined) refuse(found.missing);
const file = /** @type {string} */ (found.file);
const all = readSets(file);
const names = options.only?.flatMap((one) => one.split(','));
const unknown = names?.find((name) => !all.some((set) => set.name === name));
if (unknown !== undefined) refuse(`--only: no set '${unknown}'; there are ${all.map(({ name }) => name).join(', ')}`);
const sets = all.filter(({ name }) => names === undefined || names.includes(name));

const results = at('.cache', 'uci', 'results.jsonl');
if (options.fresh && existsSync(results)) renameSync(results, `${results}.old`);
const units = unitsLeft(sets, readLines(results), options);
const controller = new AbortController();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => controller.abort(new Error(signal)));
}

const start = performance.now();
let finished = 0;
console.log(`${units.length} pieces of work are left, for ${jobs} processes`);
if (!options.page) {
  await workOff(units, {
    file,
    jobs,
    signal: controller.signal,
    done({ unit, outcomes, seconds, cpu }) {
      const { set, rows, protocol, classifier } = unit;
      append(
        results,
        outcomes.map((outcome) => ({ scheme, set, rows, protocol, classifier, ...outcome, seconds, cpu })),
      );
      finished++;
      const shares = outcomes.map(({ method, accuracy }) => `${method} ${(100 * accuracy).toFixed(2)}`);
      const minutes = ((performance.now() - start) / 6e4).toFixed(1);
      console.log(
        `[${finished}/${units.length}, ${minutes} min] ${set} (${rows}), ${protocol}, ${classifier}: ${shares.join(', ')} in ${cpu.toFixed(1)} s of CPU`,
      );
    },
  });
}
if (controller.signal.aborted) {
  console.log(`stopped; 'npm run bench:uci' goes on from ${finished} more pieces`);
  process.exit(130);
}
const lines = readLines(results);
const wanted = all.length * protocols.length * 2 * Object.keys(families).length;
if (options.page || (names === undefined && lines.filter(({ method }) => method in families).length >= wanted)) {
  const { writePage } = await import('./page.mjs');
  writePage(lines, all, at('docs', 'uci'));
  console.log('the table: docs/uci/README.md');
}
