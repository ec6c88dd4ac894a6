// What each test suite had to say: .cache/results/SUITE.json, so that totals and skips can be judged at the end.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, readJson } from './paths.mjs';

const folder = at('.cache', 'results');

/** `skipped` and `failures` are full test names; a suite that could not run at all is one failure or one skip. */
export function writeResult(suite, { passed = 0, failures = [], skipped = [] }) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, `${suite}.json`),
    `${JSON.stringify({ suite, passed, failures, skipped }, null, 2)}\n`,
  );
}

export function forgetResults() {
  rmSync(folder, { recursive: true, force: true });
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

/** GoogleTest's JSON report in our terms. */
export function fromGoogleTest(file) {
  const tests = readJson(file).testsuites.flatMap((suite) =>
    suite.testsuite.map((test) => ({ ...test, suite: suite.name })),
  );
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
export function allowedSkips() {
  return readFileSync(at('test', 'allowed-skips.txt'), 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map(
      (line) =>
        new RegExp(
          `^${line
            .split('*')
            .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
            .join('.*')}$`,
        ),
    );
}
