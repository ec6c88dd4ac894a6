// Files of results are checked before they are believed.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import { committed } from '../../bench/harness/paths.mjs';
// @ts-expect-error: plain JavaScript without types
import { flaw, parseResults } from '../../bench/harness/schema.mjs';
import { ratio, resultsWith } from './results.js';

type Editable = Record<string, never> & { suites: { cases: Record<string, unknown>[] }[] };

/** The flaw of sound results after an edit. */
function flawAfter(edit: (results: Editable) => void): string | undefined {
  const results = structuredClone(resultsWith([ratio(1.2)])) as unknown as Editable;
  edit(results);
  return flaw(results);
}

test('sound results have no flaw', () => {
  expect(flaw(resultsWith([ratio(1.2), ratio(3, { id: 'other', target: 4, met: true })]))).toBeUndefined();
});

describe('flaws are named with their place', () => {
  const first = (results: Editable) => results.suites[0]?.cases[0] as Record<string, unknown>;
  test.each<[string, (results: Editable) => void, RegExp]>([
    ['another schema', (r) => Object.assign(r, { schema: 2 }), /^schema: expected 1, got 2$/],
    ['no versions', (r) => Object.assign(r, { versions: {} }), /^versions\.commit/],
    ['a machine without its CPU', (r) => Object.assign(r, { machine: {} }), /^machine\.cpu/],
    ['a case twice', (r) => r.suites[0]?.cases.push(first(r)), /^suites\.gram\.cases: expected each name once$/],
    ['a median beyond its quartiles', (r) => Object.assign(first(r), { figures: [ratio(1, { q1: 2 })] }), /quartiles/],
    ['a number that is none', (r) => Object.assign(first(r), { figures: [ratio(Number.NaN)] }), /^gram \/ n = 1000/],
    [
      'a target without a verdict',
      (r) => Object.assign(first(r), { figures: [ratio(1, { target: 2 })] }),
      /whether it is met/,
    ],
    ['an absence without a reason', (r) => Object.assign(r, { absent: [{ what: 'npm' }] }), /^absent/],
  ])('%s', (_, edit, message) => {
    expect(flawAfter(edit)).toMatch(message);
  });

  test('a file that is no JSON', () => {
    expect(() => parseResults('{', 'results.json')).toThrow(/^results\.json: expected JSON$/);
  });
});

test('the committed results are sound, of a full run, and name no machine', () => {
  // They are made by hand, by a full run on a quiet machine; before the first one there is nothing to check.
  const text = existsSync(committed) ? readFileSync(committed, 'utf8') : JSON.stringify({ ...resultsWith([ratio(1)]) });
  const results = parseResults(text, committed);
  expect(results.mode).toBe('full');
  expect(Object.keys(results.machine).sort()).toEqual(['cpu', 'cpus', 'load', 'memoryGiB', 'platform', 'simd']);
  expect(text).not.toMatch(/\/home\/|\/root\/|\/tmp\/|file:\/\//);
});
