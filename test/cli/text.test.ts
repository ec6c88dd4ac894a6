import { Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { inCommandWords } from '../../lib/cli/command-words.js';
import { describeFailure } from '../../lib/cli/errors.js';
import { names } from '../../lib/cli/options.js';
import { printable, printableLine } from '../../lib/cli/printable.js';
import { repeatCommand } from '../../lib/cli/repeat-command.js';
import { alignedTable, csvTable, shortNumber } from '../../lib/cli/table.js';
import { wrapped } from '../../lib/cli/wrap.js';
import { KernelError } from '../../lib/errors.js';

describe('messages of the library in words of the command line', () => {
  test.each([
    ['take fewer rows (limit) or fewer columns (ignore)', 'take fewer rows (--limit) or fewer columns (--ignore)'],
    ['leave them out (missing=drop-rows)', 'leave them out (--missing drop-rows)'],
    ['allow replacing it (force)', 'allow replacing it (--force)'],
    ['options.dimension: expected a number', '--dimension: expected a number'],
    ['option limit: expected a number', '--limit: expected a number'],
    ["use fewer rows, precision: 'float32'", 'use fewer rows, --precision float32'],
    ['scaling: expected a word', '--standardize: expected a word'],
    // Words that only look like options.
    ["x.csv, line 3: the target is 'a (limited) edition'", "x.csv, line 3: the target is 'a (limited) edition'"],
    ['the classes: barolo and barbera', 'the classes: barolo and barbera'],
  ])('%s', (message, told) => {
    expect(inCommandWords(message)).toBe(told);
  });
});

describe('tables', () => {
  test('columns are as wide as their widest cell, letters of other scripts included', () => {
    expect(
      alignedTable(
        ['kernel', 'λ'],
        [
          ['ntk', '10'],
          ['nngp-L5', '2'],
        ],
      ),
    ).toBe('kernel    λ\nntk      10\nnngp-L5   2\n');
  });

  test('CSV keeps every digit and quotes what needs it', () => {
    expect(csvTable(['a,b', 'say "x"'], [[0.1 + 0.2, 1e-300]])).toBe('"a,b","say ""x"""\n0.30000000000000004,1e-300\n');
  });

  test.each([
    [0, '0'],
    [1 / 3, '0.333333'],
    [1234567.8, '1.23457e+6'],
    [12.5, '12.5'],
    [-0.00001234567, '-1.23457e-5'],
    [Number.NaN, 'NaN'],
  ])('%d reads %s', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });
});

describe('long lines', () => {
  const text =
    '  an answer of several words\n\n  - a caveat that is long, too\nunbreakable-word-beyond-the-width end\n';

  test('break between words on a terminal, and keep their indentation', () => {
    expect(wrapped(text, { isTTY: true, columns: 16 })).toBe(
      '  an answer of\n  several words\n\n  - a caveat\n    that is\n    long, too\nunbreakable-word-beyond-the-width\nend\n',
    );
  });

  test('do not break inside a value', () => {
    expect(wrapped('the error is 2.00 % at α = 0.1', { isTTY: true, columns: 18 })).toBe(
      'the error is\n2.00 % at α = 0.1',
    );
  });

  test('stay whole elsewhere', () => {
    expect(wrapped(text, {})).toBe(text);
    expect(wrapped(text, { isTTY: true, columns: 200 })).toBe(text);
  });
});

describe('the command that repeats a result', () => {
  const parse = async (args: readonly string[], files: readonly string[] = ['labels']) => {
    const command = new Command('compare')
      .argument('<data>')
      .option('--labels <file>')
      .option('--network <file>')
      .option('--limit <n>', '', Number)
      .addOption(new Option('--ignore <columns>').argParser(names('--ignore')))
      .option('--seed <n>', '', Number, 0)
      .option('--matrices')
      .option('--out <dir>', '', 'report')
      .option('--json')
      .action(() => {});
    await command.parseAsync(args, { from: 'user' });
    return repeatCommand(command, files);
  };

  test('has base names instead of paths, and nothing that cannot change a number', async () => {
    const args = ['/home/me/x.csv', '--out', '/tmp/a', '--json', '--limit', '50', '--labels', '../y.npy', '--matrices'];
    expect(await parse(args)).toBe('resgram compare x.csv --labels y.npy --limit 50 --matrices');
  });

  test('can be pasted into a shell, whatever the names', async () => {
    expect(await parse(["it's mine.csv", '--ignore', 'a b,"c,d",$HOME'])).toBe(
      `resgram compare 'it'\\''s mine.csv' --ignore '"a b","c,d",$HOME'`,
    );
  });

  test('keeps a network that is written out', async () => {
    const network = '{"preset": "mlp", "depth": 1, "note": "a/b"}';
    expect(await parse(['x.csv', '--network', network], ['network'])).toBe(
      `resgram compare x.csv --network '${network}'`,
    );
  });
});

test('a message names only options that the running command has', () => {
  const message = "activation: unknown activation 'rellu'; take fewer rows (limit)";
  expect(inCommandWords(message, new Set(['--limit']))).toBe(
    "activation: unknown activation 'rellu'; take fewer rows (--limit)",
  );
});

describe('names from files reach the terminal', () => {
  const evil = 'a\u001b[2J\u0007b\u009b31mc\u007f\td\ne';
  test('without what a terminal obeys', () => {
    expect(printable(evil)).toBe('a[2Jb31mcd\ne');
    expect(printableLine(evil)).toBe('a[2Jb31mcd e');
    expect(printable('ß, π, 漢, 🙂')).toBe('ß, π, 漢, 🙂');
  });
  test('in errors, too', () => {
    expect(describeFailure(new KernelError('ERR_DATA', `${evil}: bad`)).text).toBe('resgram: a[2Jb31mcd\ne: bad\n');
  });
});
