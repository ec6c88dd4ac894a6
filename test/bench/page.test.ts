// The page of a run: every figure with a target on it, nothing fetched, the same bytes for the same results.
import { describe, expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import { renderBenchmarks, targetRows } from '../../bench/page/page.mjs';
import { ratio, resultsWith } from './results.js';

const missed = ratio(1.3, { target: 1.15, met: false });
const met = ratio(24, {
  id: 'faster',
  says: 'NumPy takes <so> many times as long',
  better: 'higher',
  target: 20,
  met: true,
});

describe('targets', () => {
  test('are told with whether they are met', () => {
    const rows = targetRows(resultsWith([missed, met]));
    expect(rows.map(({ asked, verdict }: Record<string, string>) => [asked, verdict])).toEqual([
      ['≤ 1.15', 'missed'],
      ['≥ 20', 'met'],
    ]);
  });

  test('are counted in the headline', () => {
    expect(renderBenchmarks(resultsWith([missed, met]))).toContain('1 of 2 targets met');
  });
});

describe('the page', () => {
  const html: string = renderBenchmarks(resultsWith([missed, met]));

  test('names the machine, the versions and the commit', () => {
    for (const fact of ['A CPU', '0123456789ab', '2.4.6', 'avx2']) expect(html).toContain(fact);
  });

  test('asks the network for nothing and takes no markup from results', () => {
    expect(html).not.toMatch(/(?:src|href)="https?:/);
    expect(html).toContain('NumPy takes &lt;so&gt; many times as long');
  });

  test('depends on the results alone', () => {
    expect(renderBenchmarks(resultsWith([missed, met]))).toBe(html);
  });

  test('a run without a target has no figure of targets', () => {
    expect(renderBenchmarks(resultsWith([ratio(1.2)]))).not.toContain('figure-targets');
  });

  test('who took no part is told', () => {
    const absent = [{ what: 'tangents', why: 'no neural-tangents' }];
    expect(renderBenchmarks({ ...resultsWith([met]), absent })).toContain('tangents: no neural-tangents');
  });
});
