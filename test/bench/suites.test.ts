// The suites are data; what they say must fit together before a run of minutes finds out.
import { expect, test } from 'vitest';
import type { Case, FigureRule, Suite } from '../../bench/harness/vocabulary.js';
// @ts-expect-error: plain JavaScript without types
import { suites as exported } from '../../bench/suites/index.mjs';

const suites: readonly Suite[] = exported;
const cases = suites.flatMap((suite) => suite.cases.map((one): [string, Case] => [`${suite.name}: ${one.name}`, one]));
const named = (figure: FigureRule) => [figure.of, figure.minus, figure.over].filter((name) => name !== undefined);
const where = (wrong: (one: Case) => boolean) => cases.filter(([, one]) => wrong(one)).map(([name]) => name);
const distinct = (names: readonly string[]) => new Set(names).size === names.length;

test('names of suites, cases, contestants and figures are told apart', () => {
  expect(distinct(suites.map(({ name }) => name))).toBe(true);
  expect(distinct(cases.map(([name]) => name))).toBe(true);
  expect(where(({ contestants }) => !distinct(contestants.map(({ name }) => name)))).toEqual([]);
  expect(where(({ figures }) => !distinct(figures.map(({ id }) => id)))).toEqual([]);
});

test('figures speak of contestants', () => {
  const strangers = ({ contestants, figures }: Case) =>
    figures.flatMap(named).some((name) => !contestants.some((contestant) => contestant.name === name));
  expect(where(strangers)).toEqual([]);
  expect(where(({ figures }) => figures.length === 0)).toEqual([]);
});

test('the package takes part everywhere', () => {
  expect(where(({ contestants }) => !contestants.some(({ role }) => role === 'resgram'))).toEqual([]);
});

test('every suite has a part in quick runs with a ratio for the guard', () => {
  const guarded = ({ cases: own }: Suite) =>
    own.some((one) => one.quick && one.figures.some(({ unit }) => unit === '×'));
  expect(suites.filter((suite) => !guarded(suite)).map(({ name }) => name)).toEqual([]);
});
