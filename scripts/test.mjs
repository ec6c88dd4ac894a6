#!/usr/bin/env node
// The tests: node scripts/test.mjs [all | types | ts | native | asan | gyp | system]... [-- arguments of vitest]
//
//   types    the TypeScript of library, tests, benches and examples, and the lines that must not compile
//   ts       vitest on the cmake-js build
//   native   GoogleTest through ctest; skipped with a line where GoogleTest is missing, except in CI
//   asan     the same under AddressSanitizer and UndefinedBehaviorSanitizer
//   gyp      the vitest files that another build could fail, on the node-gyp build
//   system   plain cmake with the distribution's OpenBLAS and warnings as errors, and the vitest files of dense algebra
import { existsSync, rmSync } from 'node:fs';
import { done, loudly, note, quietly, run, SetupError, seconds, tail } from './lib/console.mjs';
import { install, installCommand } from './lib/packages.mjs';
import { at } from './lib/paths.mjs';
import { cacheSays, cmakeProgram, jobs } from './lib/steps.mjs';
import { fromGoogleTest, fromVitest, judge, writeResult, written } from './test-results.mjs';

const ci = ['true', '1'].includes(process.env.CI ?? '');
const tool = (...parts) => [process.execPath, at('node_modules', ...parts)];

function types() {
  const start = performance.now();
  const [node, tsc] = tool('typescript', 'bin', 'tsc');
  const checks = ['test', 'bench', 'examples'].map((project) => quietly(node, [tsc, '-p', at(project)], { cwd: at() }));
  const ok = checks.every((check) => check.ok);
  const output = checks.map((check) => check.output).join('\n');
  const errors = output.split('\n').filter((line) => /error TS\d+/.test(line));
  if (!ok) console.log(tail(output, 60));
  writeResult('types', ok ? { passed: 1 } : { failures: errors.length > 0 ? errors : ['tsc'] });
  if (ok) done('types', `checked in ${seconds(start)}`);
}

function vitest(suite, more, env = {}) {
  const report = at('.cache', `vitest-${suite}.json`);
  rmSync(report, { force: true });
  const [node, main] = tool('vitest', 'vitest.mjs');
  const words = [main, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...more];
  const ok = loudly(node, words, { cwd: at(), env: { ...process.env, ...env } });
  const result = existsSync(report) ? fromVitest(report) : { failures: ['vitest left no report'] };
  if (!ok && result.failures.length === 0) result.failures.push('vitest ended with an error outside of any test');
  writeResult(suite, result);
}

const hasGoogleTest = (folder) => cacheSays(folder, 'RESGRAM_HAS_GTEST');

/** The C++ tests in a configured folder. GoogleTest may have come after `configure` last ran. */
function googleTest(suite, folder, configure) {
  if (!hasGoogleTest(folder)) {
    if (ci) install(['gtest']);
    configure();
  }
  if (!hasGoogleTest(folder)) {
    const remedy = `GoogleTest is missing; to run them: ${installCommand(['gtest'])}`;
    if (ci) throw new SetupError(`the C++ tests must run in CI, but ${remedy}`);
    note('C++ tests', `skipped: ${remedy}`);
    writeResult(suite, { skipped: [`C++ tests (${suite})`] });
    return;
  }
  const start = performance.now();
  note('C++ tests', 'compiling');
  const cmake = cmakeProgram();
  const built = quietly(cmake, ['--build', at(folder), '--target', 'resgram_tests', '--parallel', String(jobs())]);
  if (!built.ok) throw new SetupError(`the C++ tests do not compile:\n${tail(built.output, 60)}`);
  const reports = [0, 1].map((half) => at(folder, `gtest-${half}.json`));
  for (const report of reports) rmSync(report, { force: true });
  const ctest = cmake.replace(/cmake$/, 'ctest');
  const ok = loudly(ctest, ['--test-dir', at(folder), '--output-on-failure', '--parallel', String(jobs())]);
  const result = reports.every((report) => existsSync(report))
    ? fromGoogleTest(reports)
    : { failures: ['the C++ tests crashed'] };
  if (!ok && result.failures.length === 0) result.failures.push('the C++ tests ended with an error outside of them');
  writeResult(suite, result);
  if (ok) done('C++ tests', `${result.passed} passed in ${seconds(start)}`);
}

function native() {
  googleTest('native', 'build', () => quietly(cmakeProgram(), [at('build')]));
}

function configure(folder, ...words) {
  const { ok, output } = quietly(cmakeProgram(), ['-B', folder, ...words], { cwd: at() });
  if (!ok) throw new SetupError(`CMake could not configure ${folder}:\n${tail(output, 40)}`);
}

function asan() {
  const openblas = cacheSays('build', 'RESGRAM_OPENBLAS_USED', /^system$/) ? 'system' : 'auto';
  const again = () => configure('build-asan', '--preset', 'asan', `-DRESGRAM_OPENBLAS=${openblas}`);
  again();
  googleTest('asan', 'build-asan', again);
}

/** What another build of the same sources could get wrong: numbers, the boundary, loading. */
const ofAnyBuild = [
  ...['golden', 'image-golden', 'depth', 'image-identities'].map((name) => `test/oracles/${name}.test.ts`),
  'test/verbs',
  'test/boundary/jobs.test.ts',
  'test/package/load.test.ts',
];

/** What another BLAS and LAPACK could get wrong; the rest of the binary is compiled the same. */
const ofAnyBlas = [
  'test/oracles/golden.test.ts',
  ...[
    'algebra',
    'classify',
    'dynamics',
    'ensemble',
    'finite',
    'finite-replay',
    'gaussian-process',
    'repair',
    'ridge-batch',
    'search',
    'solve',
    'svm',
  ].map((name) => `test/verbs/${name}.test.ts`),
  'test/boundary/jobs.test.ts',
  'test/package/load.test.ts',
];

function system(more) {
  configure('build-system', '-S', '.', '-DRESGRAM_OPENBLAS=system', '-DRESGRAM_WERROR=ON');
  const words = ['--build', at('build-system'), '--target', 'resgram', '--parallel', String(jobs())];
  const built = quietly(cmakeProgram(), words);
  if (!built.ok) throw new SetupError(`the addon does not compile:\n${tail(built.output, 60)}`);
  const env = { RESGRAM_BINARY: at('build-system', 'Release', 'resgram.node') };
  vitest('system', more.length > 0 ? more : ofAnyBlas, env);
}

function gyp(more) {
  if (!loudly(process.execPath, [at('scripts', 'gyp.mjs')])) throw new SetupError('the node-gyp build failed');
  vitest('gyp', more.length > 0 ? more : ofAnyBuild, { RESGRAM_BINARY: at('build-gyp', 'Release', 'resgram.node') });
}

const suites = { types, ts: (more) => vitest('ts', more), native, asan, gyp, system };

await run(() => {
  const words = process.argv.slice(2);
  const cut =
    words.indexOf('--') < 0 ? words.findIndex((word) => !(word in suites) && word !== 'all') : words.indexOf('--');
  const chosen = cut < 0 ? words : words.slice(0, cut);
  const more = cut < 0 ? [] : words.slice(cut).filter((word, i) => i > 0 || word !== '--');
  const names = chosen.length === 0 || chosen.includes('all') ? ['types', 'ts', 'native'] : chosen;
  // All suites run, so that one failure does not hide another.
  for (const name of names) {
    try {
      suites[name](more);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      console.error(`\n${error.message}\n`);
      writeResult(name, { failures: [error.message.split('\n')[0]] });
    }
  }
  return judge(written, ci) ? 0 : 1;
});
