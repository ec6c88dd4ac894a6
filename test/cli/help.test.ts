import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../lib/cli/exit-codes.js';
import { createProgram } from '../../lib/cli/program.js';
import { main, resgram } from './run.js';

const program = createProgram({
  args: [],
  env: {},
  signal: new AbortController().signal,
  stdout: { write: () => {} },
  stderr: { write: () => {} },
  stdin: (async function* () {})(),
});

test('resgram --help shows every command and every exit code', async () => {
  const { code, stdout, stderr } = await resgram(['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const { name, summary } of program.commands.map((one) => ({ name: one.name(), summary: one.summary() }))) {
    expect(stdout).toContain(name);
    expect(stdout.replace(/\s+/g, ' ')).toContain(summary);
  }
  const lines = stdout.split('\n').map((line) => line.trim());
  for (const { code: number, meaning } of exitCodes) expect(lines).toContain(`${number}`.padEnd(5) + meaning);
});

describe.each(program.commands.map((one) => one.name()))('resgram %s --help', (name) => {
  test('shows every option with its meaning, and examples that parse', async () => {
    const { code, stdout, stderr } = await resgram([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const command = program.commands.find((one) => one.name() === name);
    for (const { long, description } of command?.options ?? []) {
      expect(stdout).toContain(long);
      expect(stdout.replace(/\s+/g, ' ')).toContain(description.replace(/\s+/g, ' '));
    }
    const examples = [...stdout.matchAll(/^ {2}\$ resgram (.*(?:\\\n.*)*)$/gm)].map(([, line]) => line ?? '');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const used = [...example.matchAll(/(?<=\s)--[a-z-]+/g)].map(([option]) => option);
      for (const option of used) expect(stdout).toMatch(new RegExp(`^ +(-., )?${option}\\b`, 'm'));
    }
  });

  test('resgram help says the same', async () => {
    const [one, other] = await Promise.all([resgram([name, '--help']), resgram(['help', name])]);
    expect(other).toEqual(one);
  });
});

test('without a command the help goes to stderr and the exit code is 2', async () => {
  const { code, stdout, stderr } = await resgram([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: resgram');
});

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(await resgram(['--version'])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
});

describe('colour', () => {
  test('is left out where output is piped', async () => {
    expect((await resgram(['--help'])).stdout).not.toContain('\x1b');
  });
  test('comes with FORCE_COLOR, and never with NO_COLOR', async () => {
    expect((await resgram(['--help'], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\x1b[1m');
    expect((await resgram(['--help'], { env: { NO_COLOR: '1' } })).stdout).not.toContain('\x1b');
  });
});

test('a reader that closes the pipe early is no failure', () => {
  const command = `'${process.execPath}' '${main}' profile --network '{"preset":"mlp","depth":2}' --points 20000 | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^angle .*\n0\n$/);
});
