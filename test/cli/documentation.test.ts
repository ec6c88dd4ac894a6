import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../lib/cli/exit-codes.js';
import { createProgram } from '../../lib/cli/program.js';

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const program = createProgram({
  args: [],
  env: {},
  signal: new AbortController().signal,
  stdout: { write: () => {} },
  stderr: { write: () => {} },
  stdin: (async function* () {})(),
});

/** The text between a heading and the next of the same level. */
function section(heading: string): string {
  const start = page.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`docs/cli.md has no heading '${heading}'`);
  const level = heading.slice(0, heading.indexOf(' ') + 1);
  const end = page.indexOf(`\n${level}`, start + 1);
  return page.slice(start, end < 0 ? undefined : end);
}

test('the table of exit codes in docs/cli.md is that of the command', () => {
  const rows = [...section('### Exit codes').matchAll(/^\| (\d+) \| (.*?) \| ?(.*?) ?\|$/gm)].map(
    ([, code, meaning, errors]) => ({
      code: Number(code),
      meaning,
      errors: [...(errors ?? '').matchAll(/`(\w+)`/g)].map(([, error]) => error),
    }),
  );
  expect(rows).toEqual(exitCodes.map(({ code, meaning, errors }) => ({ code, meaning, errors: [...errors] })));
});

describe.each(program.commands.map((command) => ({ name: command.name(), command })))(
  '$name in docs/cli.md',
  ({ name, command }) => {
    const known = [command, ...command.commands].flatMap(({ options }) => options.map(({ long }) => long ?? ''));
    const shared = section('## Everywhere');

    test('has every option of the command', () => {
      const text = section(`## ${name}`) + shared;
      expect(known.filter((option) => !text.includes(`\`${option}`))).toEqual([]);
    });

    test('has no option that the command does not know', () => {
      const written = [...section(`## ${name}`).matchAll(/`(--[a-z-]+)/g)].map(([, option]) => option ?? '');
      expect(written.filter((option) => !known.includes(option))).toEqual([]);
    });
  },
);
