#!/usr/bin/env node
// Adds up the test suites that ran: prints "N passed, N failed, N skipped", and fails when a test failed, when none
// ran, or (with --strict, as CI asks) when a skipped test is not on the list test/allowed-skips.txt.
import { run } from './lib/console.mjs';
import { allowedSkips, readResults } from './lib/results.mjs';

await run(() => {
  const results = readResults();
  const sum = (pick) => results.reduce((total, result) => total + pick(result), 0);
  const allowed = allowedSkips();
  const surprises = results.flatMap(({ suite, skipped }) =>
    skipped.filter((name) => !allowed.some((pattern) => pattern.test(name))).map((name) => `${suite}: ${name}`),
  );
  const strict = process.argv.includes('--strict');
  if (strict) for (const name of surprises) console.log(`skipped, but not on the list test/allowed-skips.txt: ${name}`);
  for (const { suite, failures } of results) for (const name of failures) console.log(`failed: ${suite}: ${name}`);

  const passed = sum((result) => result.passed);
  const failed = sum((result) => result.failures.length) + (strict ? surprises.length : 0);
  console.log(
    `${passed} passed, ${failed} failed, ${sum((result) => result.skipped.length) - (strict ? surprises.length : 0)} skipped`,
  );
  return passed === 0 || failed > 0 ? 1 : 0;
});
