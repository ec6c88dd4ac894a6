import { describe, expect, test, vi } from 'vitest';
import { createProgress, duration, progressStyle } from '../../lib/cli/progress.js';

/** A stream that remembers, and a clock that the test moves. */
function recorder(columns = 80) {
  const written: string[] = [];
  let time = 0;
  return {
    stream: { write: (text: string) => written.push(text), isTTY: true, columns },
    written,
    now: () => time,
    wait: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

describe('which display', () => {
  const terminal = { write: () => {}, isTTY: true };
  const pipe = { write: () => {} };
  test.each([
    ['a terminal gets a bar', terminal, false, {}, 'bar'],
    ['a pipe gets lines', pipe, false, {}, 'lines'],
    ['a terminal that cannot redraw gets lines', terminal, false, { TERM: 'dumb' }, 'lines'],
    ['a log of continuous integration gets lines', terminal, false, { CI: 'true' }, 'lines'],
    ['quiet is quiet', terminal, true, {}, 'silent'],
  ] as const)('%s', (_, stream, quiet, env, style) => {
    expect(progressStyle(stream, quiet, env)).toBe(style);
  });
});

describe('the bar', () => {
  test('redraws one line, at most every 80 ms, and clears it at the end', () => {
    const { stream, written, now, wait } = recorder();
    const display = createProgress(stream, 'bar', now);
    display.update({ phase: 'gram', done: 0, total: 10 });
    wait(10);
    display.update({ phase: 'gram', done: 1, total: 10 });
    wait(2000);
    display.update({ phase: 'gram', done: 5, total: 10 });
    display.close();
    expect(written).toHaveLength(3);
    expect(written[0]).toContain('   0 %  gram');
    expect(written[1]).toMatch(/━{12}─{12} {2}50 % {2}gram {2}2\.0 s, about 2\.0 s left/);
    expect(written[2]).toBe('\r\x1b[K');
    for (const text of written) expect(text).not.toContain('\n');
  });

  test('never fills the last column, where a terminal would wrap', () => {
    for (const columns of [1, 20, 40, 200]) {
      const { stream, written, now } = recorder(columns);
      createProgress(stream, 'bar', now).update({ phase: 'a rather long name of a phase', done: 3, total: 4 });
      const [text = ''] = written;
      expect([...text.slice(1, -3)].length).toBeLessThanOrEqual(Math.max(1, columns - 1));
    }
  });

  test('a total of 0 is a bar without a share, and a count beyond the total a full one', () => {
    const { stream, written, now, wait } = recorder();
    const display = createProgress(stream, 'bar', now);
    display.update({ phase: 'a', done: 0, total: 0 });
    wait(100);
    display.update({ phase: 'a', done: 12, total: 10 });
    expect(written[0]).toMatch(/─{24} {8}a {2}0\.0 s/);
    expect(written[0]).not.toContain('%');
    expect(written[1]).toContain('━'.repeat(24));
  });
});

describe('plain lines', () => {
  test('a line per phase that lasts, another every five seconds, no control characters', () => {
    const { stream, written, now, wait } = recorder();
    const display = createProgress(stream, 'lines', now);
    display.update({ phase: 'gram', done: 0, total: 10 });
    wait(4999);
    display.update({ phase: 'gram', done: 1, total: 10 });
    wait(1);
    display.update({ phase: 'gram', done: 5, total: 10 });
    wait(400);
    display.update({ phase: 'too short', done: 0, total: 1 });
    wait(400);
    display.update({ phase: 'spectrum', done: 0, total: 1 });
    display.close();
    expect(written).toEqual(['gram: 0 %\n', 'gram: 50 %, 5.0 s\n', 'spectrum: 0 %\n']);
  });

  test('a phase that was mentioned is not left before its end, which is said once', () => {
    const { stream, written, now, wait } = recorder();
    const display = createProgress(stream, 'lines', now);
    display.update({ phase: 'learning curve', done: 0, total: 4 });
    wait(300);
    display.update({ phase: 'learning curve', done: 4, total: 4 });
    display.update({ phase: 'learning curve', done: 4, total: 4 });
    wait(600);
    display.update({ phase: 'unmentioned', done: 3, total: 3 });
    display.close();
    expect(written).toEqual(['learning curve: 0 %\n', 'learning curve: 100 %, 0.3 s\n']);
  });

  test('where the total is not known, the time is told', () => {
    const { stream, written, now, wait } = recorder();
    const display = createProgress(stream, 'lines', now);
    display.update({ phase: 'T1, 1 of 12', done: 0, total: 0 });
    wait(5000);
    display.update({ phase: 'T1, 1 of 12', done: 0, total: 0 });
    display.close();
    expect(written).toEqual(['T1, 1 of 12\n', 'T1, 1 of 12: 5.0 s\n']);
  });

  test('a silent phase right after another is mentioned all the same, and again while it lasts', () => {
    vi.useFakeTimers();
    try {
      const { stream, written, now, wait } = recorder();
      const display = createProgress(stream, 'lines', now);
      display.update({ phase: 'gram', done: 0, total: 10 });
      wait(100);
      display.update({ phase: 'spectrum', done: 0, total: 1 });
      expect(written).toEqual(['gram: 0 %\n']);
      for (let tick = 0; tick < 11; tick++) {
        wait(500);
        vi.advanceTimersByTime(500);
      }
      display.close();
      expect(written).toEqual(['gram: 0 %\n', 'spectrum: 0 %\n', 'spectrum: 0 %, 5.5 s\n']);
    } finally {
      vi.useRealTimers();
    }
  });
});

test.each([
  [0, '0.0 s'],
  [9.94, '9.9 s'],
  [42.4, '42 s'],
  [75, '1:15'],
  [3605, '1:00:05'],
])('%d s reads %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
