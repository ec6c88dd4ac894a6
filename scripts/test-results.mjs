// What each test suite had to say: .cache/results/SUITE.json, so that totals and skips can be judged at the end.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, readJson } from './lib/paths.mjs';

const folder = at('.cache', 'results');

/** What this process has written. */
export const written = [];

/** `skipped` and `failures` are full test names; a suite that could not run at all is one failure or one skip. */
export function writeResult(suite, { passed = 0, failures = [], skipped = [] }) {
  const result = { suite, passed, failures, skipped };
  written.push(result);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${suite}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

export function readResults() {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => readJson(path.join(folder, name)));
  } catch {
    return [];
  }
}

/** vitest's JSON report in our terms. */
export function fromVitest(file) {
  const { testResults } = readJson(file);
  const tests = testResults.flatMap((test) => test.assertionResults);
  const named = (...states) => tests.filter((test) => states.includes(test.status)).map((test) => test.fullName.trim());
  // A file that fails to load has no tests of its own and would otherwise count for nothing.
  const broken = testResults
    .filter((test) => test.status === 'failed' && !test.assertionResults.some((inner) => inner.status === 'failed'))
    .map((test) => `${path.relative(at(), test.name)}: ${test.message?.split('\n')[0] ?? 'did not load'}`);
  return {
    passed: named('passed').length,
    failures: [...named('failed'), ...broken],
    skipped: named('skipped', 'pending', 'todo', 'disabled'),
  };
}

/** GoogleTest's JSON reports, one per part of the tests, in our terms. */
export function fromGoogleTest(files) {
  const tests = files
    .flatMap((file) => readJson(file).testsuites)
    .flatMap((suite) => suite.testsuite.map((test) => ({ ...test, suite: suite.name })));
  const name = (test) => `${test.suite}.${test.name}`;
  const left = tests.filter((test) => !test.failures);
  const skipped = left.filter((test) => test.result !== 'COMPLETED');
  return {
    passed: left.length - skipped.length,
    failures: tests.filter((test) => test.failures).map(name),
    skipped: skipped.map(name),
  };
}

/** Lines of test/allowed-skips.txt: a test's full name, `*` for any run of characters; # starts a comment. */
function allowedSkips() {
  const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return readFileSync(at('test', 'allowed-skips.txt'), 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => new RegExp(`^${line.split('*').map(literal).join('.*')}$`));
}

/**
 * Prints what failed and "N passed, N failed, N skipped"; true when something passed and nothing failed. `strict`, as
 * CI asks, counts a skip that is not on the list as a failure.
 */
export function judge(results, strict) {
  const allowed = allowedSkips();
  const known = (name) => allowed.some((pattern) => pattern.test(name));
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const result of results) {
    const surprises = strict ? result.skipped.filter((name) => !known(name)) : [];
    for (const name of result.failures) console.log(`failed: ${result.suite}: ${name}`);
    for (const name of surprises) console.log(`skipped, but not in test/allowed-skips.txt: ${result.suite}: ${name}`);
    passed += result.passed;
    failed += result.failures.length + surprises.length;
    skipped += result.skipped.length - surprises.length;
  }
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return passed > 0 && failed === 0;
}
