// The regression guard compares ratios, and knows noise from a regression.
import { describe, expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import { compare } from '../../bench/harness/guard.mjs';
import { ratio, resultsWith } from './results.js';

const places = (changes: readonly { where: string }[]) => changes.map(({ where }) => where);
const where = 'gram / n = 1000 / over dsyrk';

describe('what is worse', () => {
  test('the same figures are neither worse nor better', () => {
    const results = resultsWith([ratio(1.2)]);
    expect(compare(results, results)).toMatchObject({
      worse: [],
      better: [],
      compared: 1,
      gone: [],
      added: [],
      notes: [],
    });
  });

  test('a ratio that rose beyond the slack', () => {
    const { worse } = compare(resultsWith([ratio(1.8)]), resultsWith([ratio(1.2)]));
    expect(places(worse)).toEqual([where]);
    expect(worse[0]?.factor).toBeCloseTo(1.5, 12);
  });

  test('a factor over a peer that fell beyond the slack', () => {
    const faster = (median: number) => ratio(median, { better: 'higher' });
    expect(places(compare(resultsWith([faster(6)]), resultsWith([faster(8)])).worse)).toEqual([where]);
    expect(compare(resultsWith([faster(7)]), resultsWith([faster(8)])).worse).toEqual([]);
    expect(places(compare(resultsWith([faster(12)]), resultsWith([faster(8)])).better)).toEqual([where]);
  });

  test('not what a disturbed round did: the favourable quartile decides', () => {
    const disturbed = ratio(1.8, { q1: 1.3, q3: 2.5 });
    expect(compare(resultsWith([disturbed]), resultsWith([ratio(1.2)])).worse).toEqual([]);
  });

  test('a figure may have a slack of its own, and a run a wider one', () => {
    const results = resultsWith([ratio(1.8)]);
    expect(compare(results, resultsWith([ratio(1.2, { slack: 1.6 })])).worse).toEqual([]);
    expect(compare(results, resultsWith([ratio(1.2)]), { slack: 1.6 }).worse).toEqual([]);
  });
});

describe('what is compared', () => {
  test('no times: they are of another machine or hour', () => {
    const slow = ratio(50, { unit: 'ns' });
    expect(compare(resultsWith([slow]), resultsWith([ratio(5, { unit: 'ns' })]))).toMatchObject({
      worse: [],
      compared: 0,
    });
  });

  test('only cases that a quick run has', () => {
    const { compared, gone } = compare(resultsWith([]), resultsWith([]));
    expect([compared, gone]).toEqual([0, []]);
  });

  test('figures that are missing or new are told, not passed over', () => {
    const one = resultsWith([ratio(1.2)]);
    const other = resultsWith([ratio(4, { id: 'NumPy over resgram', better: 'higher' })]);
    const { gone, added, compared } = compare(other, one);
    expect([gone, added, compared]).toEqual([[where], ['gram / n = 1000 / NumPy over resgram'], 0]);
  });

  test('only the suites that were asked for', () => {
    const { compared, gone } = compare(resultsWith([ratio(9)]), resultsWith([ratio(1.2)]), { suites: ['eigen'] });
    expect([compared, gone]).toEqual([0, []]);
  });
});

test('another machine, other versions and a busy machine are told', () => {
  const fresh = resultsWith([ratio(1.2)], { cpu: 'Another CPU', simd: 'avx512', load: 7 });
  const older = { ...fresh, versions: { ...fresh.versions, numpy: '2.0.0', commit: 'ffffffffffff' } };
  const { notes } = compare(older, resultsWith([ratio(1.2)]));
  expect(notes).toHaveLength(4);
  expect(notes.join('\n')).toMatch(/Another CPU[\s\S]*avx512[\s\S]*numpy: 2\.0\.0[\s\S]*load was 7/);
});
