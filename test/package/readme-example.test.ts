// The examples of README.md that say what they print.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

test.each(['Images', 'Training in function space', 'Networks of finite width', 'Training at finite width'])(
  'the example of "%s" runs, and prints what stands below it',
  (title) => {
    const section = readme.split(/^## /m).find((text) => text.startsWith(title)) ?? '';
    const [, code] = /```js\n([\s\S]*?)```/.exec(section) as unknown as [string, string];
    const [, output] = /```\n\n```\n([\s\S]*?)```/.exec(section) as unknown as [string, string];
    const entry = pathToFileURL(path.join(root, 'dist', 'index.js')).href;
    const printed = execFileSync(
      process.execPath,
      ['--input-type=module', '-e', code.replace("'resgram'", `'${entry}'`)],
      {
        encoding: 'utf8',
      },
    );
    expect(printed).toBe(output);
  },
);
