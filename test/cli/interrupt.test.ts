import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { finished, listing, main, npyFile, points, start, workplace } from './run.js';

const { path: cwd, write } = workplace();
// With biases no table in the angle stands in for the steps: minutes of work, nothing of it written yet.
write(
  'net.json',
  '{"preset": "huang", "depth": 2000, "alpha": 0.1, "bias": {"var": 0.1, "init": "normal", "trainable": true}}',
);
const x = write('x.npy', npyFile(points(5000, 20), [5000, 20]));
const table = points(1500, 6);
write(
  'data.csv',
  `${Array.from({ length: 1500 }, (_, i) => [...table.subarray(6 * i, 6 * i + 6)].join(',')).join('\n')}\n`,
);

/** Waits until the command says on stderr that it is at work. */
function reaches(child: ReturnType<typeof start>, phase: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes(phase)) resolve();
    });
    child.once('exit', () => reject(new Error(`ended before '${phase}': ${text}`)));
  });
}

interface Case {
  readonly what: string;
  readonly args: readonly string[];
  readonly phase: string;
}

const cases: readonly Case[] = [
  {
    what: 'pairs of a Gram matrix',
    args: ['gram', '--network', 'net.json', '--data', x, '--out', 'g'],
    phase: 'gram: ',
  },
  {
    what: 'a decomposition, which LAPACK does not interrupt',
    args: ['spectrum', '--network', '{"preset": "mlp", "depth": 1}', '--data', x, '--out', 's.csv'],
    phase: 'spectrum of nngp: ',
  },
  { what: 'a comparison', args: ['compare', 'data.csv', '--out', 'deep/er/report'], phase: 'comparing ' },
];

describe.each(cases)('during $what', ({ args, phase }) => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends the command within a second and leaves nothing',
    // A second of the clock: a busy machine may spend it elsewhere, but not three times in a row.
    { retry: 2 },
    async (signal) => {
      const before = listing(cwd);
      const child = start(args, { cwd });
      const end = finished(child);
      await reaches(child, phase);
      // Well into the work, not at its door.
      await new Promise((resolve) => setTimeout(resolve, 300));
      const sent = performance.now();
      child.kill(signal);
      const { stdout, stderr } = await end;
      expect(performance.now() - sent).toBeLessThan(1000);
      expect(child.signalCode).toBe(signal);
      expect(stdout).toBe('');
      expect(stderr).not.toMatch(/error|^ +at /im);
      expect(listing(cwd)).toEqual(before);
    },
  );
});

test('a shell sees 130 after Ctrl-C', () => {
  const script = `'${process.execPath}' '${main}' gram --network net.json --data x.npy --out shell 2> log & job=$!
    until grep -q 'gram: ' log; do sleep 0.05; done; kill -INT $job; wait $job; echo $?`;
  // Background jobs of a shell without job control ignore SIGINT, so it is told to control them.
  const { stdout } = spawnSync('bash', ['-mc', script], { cwd, encoding: 'utf8' });
  expect(stdout).toBe('130\n');
});

test('writing large results is interrupted, too, without a partial file under the final name', async () => {
  const args = [
    'gram',
    '--network',
    '{"preset": "mlp"}',
    '--depths',
    '1,2,3',
    '--data',
    x,
    '--out',
    'large',
    '--force',
  ];
  const child = start(args, { cwd });
  const end = finished(child);
  const temporary = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('ended before it wrote')));
    const look = setInterval(() => {
      const hidden = readdirSync(cwd).find((name) => name.startsWith('.large.'));
      const parts = hidden === undefined ? [] : readdirSync(join(cwd, hidden));
      if (parts.length === 0) return;
      clearInterval(look);
      resolve(join(cwd, hidden as string, parts[0] as string));
    }, 5);
  });
  expect(temporary).toMatch(/\.npy$/);
  const sent = performance.now();
  child.kill('SIGINT');
  await end;
  expect(performance.now() - sent).toBeLessThan(1000);
  expect(readdirSync(cwd).filter((name) => name.includes('large'))).toEqual([]);
  expect(readFileSync(join(cwd, 'net.json'), 'utf8')).toContain('huang');
});
