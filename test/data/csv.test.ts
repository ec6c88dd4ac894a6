import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../lib/data/column.js';
import { readTable, type TableOptions } from '../../lib/data/csv.js';
import { sniffDelimiter } from '../../lib/data/csv-delimiter.js';
import { scanPlain } from '../../lib/data/csv-plain.js';
import { scanQuoted } from '../../lib/data/csv-quoted.js';
import { numberFromBytes, numberFromText } from '../../lib/data/number-grammar.js';
import { TableBuilder } from '../../lib/data/table-builder.js';
import { KernelError } from '../../lib/errors.js';
import { expectFailure, expectRefusal } from './support.js';

const read = (text: string | Uint8Array, options?: TableOptions, name = 't.csv') =>
  readTable(typeof text === 'string' ? Buffer.from(text) : text, name, options);

/** A column as its name and its cells, missing ones as null. */
const cells = (column: Column): [string, unknown[]] => [
  column.name,
  column.kind === 'number'
    ? Array.from(column.values, (v) => (Number.isNaN(v) ? null : v))
    : Array.from(column.codes, (code) => column.levels[code] ?? null),
];
const contents = async (text: string, options?: TableOptions) => (await read(text, options)).columns.map(cells);

describe('numbers', () => {
  it.each(['0', '-0', '+1', '1.', '.5', '-.5e-3', '1e5', '1E+05', '007', '1.7976931348623157e308', '5e-324', '1e-400'])(
    '%s is one',
    (text) => {
      expect(numberFromText(text)).toBe(Number(text));
      expect(numberFromBytes(Buffer.from(text), 0, text.length)).toBe(Number(text));
    },
  );

  it.each([
    '',
    ' ',
    '.',
    '-',
    '+-1',
    '0x10',
    '0b1',
    '1_000',
    '1,5',
    '1e',
    '1e+',
    'e5',
    '1e400',
    '-1e400',
    'Infinity',
    '１',
    '1 2',
    '--1',
    '1.2.3',
    '١',
  ])("'%s' is none", (text) => {
    expect(numberFromText(text)).toBeNaN();
    const bytes = Buffer.from(text);
    expect(numberFromBytes(bytes, 0, bytes.length)).toBeNaN();
  });

  it('are rounded correctly from bytes, whatever their length', () => {
    const spelled = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((v) => v.toFixed(6)),
      fc.tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.integer({ min: -30, max: 30 })).map(([m, e]) => `${m}e${e}`),
      fc.tuple(fc.nat(), fc.stringMatching(/^\d{1,25}$/)).map(([whole, part]) => `${whole}.${part}`),
    );
    fc.assert(
      fc.property(spelled, (text) => {
        const padded = Buffer.from(`x${text}y`);
        expect(numberFromBytes(padded, 1, padded.length - 1)).toBe(numberFromText(text));
        expect(numberFromText(text)).toBe(Number(text));
      }),
      { seed: 2, numRuns: 3000 },
    );
  });
});

describe('tables', () => {
  it('names, numbers and text', async () => {
    expect(await contents('a,b\n1,x\n2,y\n')).toEqual([
      ['a', [1, 2]],
      ['b', ['x', 'y']],
    ]);
  });

  it('line ends, byte order mark, blank lines and spaces make no difference', async () => {
    const plain = await contents('a,b\n1,x\n2,y\n');
    for (const text of [
      'a,b\r\n1,x\r\n2,y\r\n',
      'a,b\r1,x\r2,y',
      '\ufeffa,b\n1,x\n2,y',
      '\n\na , b\n\n 1,\tx\n  \n2, y \n\n',
    ]) {
      expect(await contents(text), JSON.stringify(text)).toEqual(plain);
    }
    expect(await contents('"a","b"\r\n"1",x\r\n2, "y" \r\n')).toEqual(plain);
  });

  it('quotes hold delimiters, doubled quotes and line ends', async () => {
    expect(await contents('n,t\n1,"a,b"\n2,"say ""hi"""\n3,"two\nlines"\n')).toEqual([
      ['n', [1, 2, 3]],
      ['t', ['a,b', 'say "hi"', 'two\nlines']],
    ]);
  });

  it('rows know their lines, also after blank lines and after lines inside quotes', async () => {
    expect(Array.from((await read('a,b\n\n1,2\n\n\n3,4\n')).lines)).toEqual([3, 6]);
    expect(Array.from((await read('a,b\r\n1,"x\r\ny"\r\n\r\n3,"z"\r\n')).lines)).toEqual([2, 5]);
  });

  it('a column that begins with numbers and goes on with text keeps its spelling', async () => {
    expect(await contents('code,v\n007,1\n1.0,2\nx,3\n')).toEqual([
      ['code', ['007', '1.0', 'x']],
      ['v', [1, 2, 3]],
    ]);
    expect(await contents('code,v\n"007",1\nx,3\n')).toEqual([
      ['code', ['007', 'x']],
      ['v', [1, 3]],
    ]);
  });

  it('missing values in numbers and in text', async () => {
    expect(await contents('a,b\n1,x\nNA,?\n,NULL\nnan,\n5,y\n')).toEqual([
      ['a', [1, null, null, null, 5]],
      ['b', ['x', null, null, null, 'y']],
    ]);
  });

  it('more rows than the first allocation', async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `${i},${i % 3 === 0 ? 'x' : 'y'},${i % 2 === 0 ? '' : i}`);
    const [a, b, c] = await contents(`a,b,c\n${lines.join('\n')}`);
    expect(a?.[1]).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(b?.[1].slice(997)).toEqual(['y', 'y', 'x']);
    expect(c?.[1].slice(997)).toEqual([997, null, 999]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('a column and a level named %s', async (name) => {
    expect(await contents(`${name},b\n1,${name}\n2,y\n`)).toEqual([
      [name, [1, 2]],
      ['b', [name, 'y']],
    ]);
  });

  it('names that repeat or lack are made unique, with a note', async () => {
    const table = await read('a,a,,a (2)\n1,2,3,4\n5,6,7,8\n');
    expect(table.columns.map(({ name }) => name)).toEqual(['a', 'a (2)', 'column 3', 'a (2) (2)']);
    expect(table.messages.join()).toMatch(/appear twice; renamed: 'a \(2\)', 'a \(2\) \(2\)'/);
  });
});

describe('header', () => {
  it.each([
    ['text over numbers', 'a,b\n1,2\n3,4\n', ['a', 'b']],
    ['one name over numbers is enough', '1,b\n1,2\n3,4\n', ['1', 'b']],
    ['all text, none of it below', 'colour,size\nred,big\nblue,small\n', ['colour', 'size']],
    ['only names of text over text and numbers', 'n,label\n1,x\n2,x\n', ['n', 'label']],
  ])('found: %s', async (_, text, names) => {
    expect((await read(text)).columns.map(({ name }) => name)).toEqual(names);
  });

  it.each([
    ['numbers from the start', '1,2\n3,4\n'],
    ['text in a column of text', '1,x\n2,y\n'],
    ['all text, but it comes again', 'red,big\nblue,big\n'],
    ['a missing value is not a name', 'NA,2\n3,4\n'],
  ])('not found: %s', async (_, text) => {
    const table = await read(text);
    expect(table.columns.map(({ name }) => name)).toEqual(['column 1', 'column 2']);
    expect(table.rows).toBe(2);
  });

  it('can be said', async () => {
    expect((await read('1,2\n3,4\n', { header: true })).columns.map(({ name }) => name)).toEqual(['1', '2']);
    expect((await read('a,b\n1,2\n', { header: false })).rows).toBe(2);
  });
});

describe('delimiter', () => {
  const sniff = (text: string, name = 't.csv') => sniffDelimiter(Buffer.from(text), name);
  it.each([
    [',', 'a,b\n1,2\n'],
    [';', 'a;b\n1,5;2,5\n3,5;4,5\n'],
    ['\t', 'a\tb\n1\t2,5\n'],
    ['|', 'a|b|c\n1|2,0|3\n'],
    [',', 'a,b\n"x;y",2\n"u;v",3\n'],
    [',', 'a,b,c\nx|y,1,2\nu|v,3,4\n'],
    [',', 'one\ncolumn\n'],
    [';', 'a;b\n1;2;3\n4,5;6\n'],
  ])('%j', (delimiter, text) => expect(sniff(text)).toBe(delimiter));
  it('the name of a TSV file decides', () => expect(sniff('a,b\tc,d\n1,2\t3\n', 'x.tsv.gz')).toBe('\t'));
});

describe('both scanners', () => {
  const run = async (scan: typeof scanPlain, text: string) => {
    const builder = new TableBuilder('t.csv', text.length, 'auto', () => false);
    try {
      await scan(Buffer.from(text), 't.csv', ',', builder);
      if (builder.lateText().length > 0) return { late: builder.lateText() };
      const table = builder.finish();
      return { columns: table.columns, lines: table.lines };
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      return { code: error.code, message: error.message };
    }
  };

  it('give the same table, or the same refusal, for text without quotes', async () => {
    const cell = fc.oneof(
      { weight: 6, arbitrary: fc.double({ noNaN: true }).map(String) },
      { weight: 2, arbitrary: fc.constantFrom('', ' ', 'NA', '?', 'x', 'é', '\u2028', '1,5', ' 7 ', '-0', '1e400') },
      { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'01 .,-e\tx\n\r') }) },
    );
    const line = fc.array(cell, { minLength: 1, maxLength: 3 }).map((row) => row.join(','));
    const end = fc.constantFrom('\n', '\r\n', '\r', '\n\n');
    const table = fc.array(fc.tuple(line, end), { maxLength: 70 }).map((lines) => lines.flat().join(''));
    const regular = fc
      .array(
        fc.tuple(
          cell.filter((c) => !/[,\n\r]/.test(c)),
          cell.filter((c) => !/[,\n\r]/.test(c)),
        ),
        { maxLength: 70 },
      )
      .map((rows) => rows.map((row) => row.join(',')).join('\n'));
    await fc.assert(
      fc.asyncProperty(fc.oneof(table, regular), async (text) => {
        expect(await run(scanPlain, text)).toEqual(await run(scanQuoted, text));
      }),
      { seed: 3, numRuns: 1500 },
    );
  });
});

describe('malformed files', () => {
  const many = (line: string, count = 60) => `${line}\n`.repeat(count);
  const cases: [string, string | Uint8Array, RegExp][] = [
    ['only a header', 'a,b\n', /no rows of data/],
    ['only blank lines', '\n \n\r\n', /no rows of data/],
    ['a short row', 'a,b\n1,2\n3\n', /line 3: expected 2 cells as in line 1, got 1/],
    ['a long row', 'a,b\n1,2\n3,4,5\n', /line 3: expected 2 cells as in line 1, got 3/],
    ['a short row far down', `${many('1,2', 200)}3\n`, /line 201: expected 2 cells as in line 1, got 1/],
    ['a long row far down', `${many('1,2', 200)}3,4,5\n`, /line 201: expected 2 cells/],
    ['a short row in a quoted file', 'a,b\n1,"2"\n\n3\n', /line 4: expected 2 cells/],
    ['an open quote', 'a,b\n1,"x\n2,y\n', /line 3: a quote is opened and never closed/],
    ['a quote inside a cell', 'a,b\n1,x"y\n', /line 2: a quote stands inside a cell/],
    ['text after a quote', 'a,b\n1,"x"y\n', /line 2: a quoted cell goes on/],
    ['NUL', 'a,b\n1,\0\n', /line 2: the byte 0x00 at offset 6 is NUL/],
    ['Latin-1', Buffer.from('a,b\n1,caf\xe9\n', 'latin1'), /line 2: the byte 0xe9 at offset 9 is not UTF-8/],
    [
      'a cut character',
      Buffer.concat([Buffer.from('a,b\n1,é\n3,'), Buffer.from([0xc3])]),
      /line 3: the byte 0xc3 at offset 11/,
    ],
    ['an overlong slash', Buffer.from([0x61, 0x2c, 0xc0, 0xaf]), /byte 0xc0 at offset 2/],
    ['a surrogate', Buffer.from([0x61, 0xed, 0xa0, 0x80]), /byte 0xed at offset 1/],
    ['UTF-16', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), /UTF-16 text; save it as UTF-8/],
  ];
  it.each(cases)('%s', (_, text, message) => expectRefusal(() => read(text), 'ERR_DATA', message));

  it('a bad byte is found beyond the first slice', async () => {
    const text = Buffer.alloc(9 * 2 ** 20, '1,é\n');
    text[text.length - 3] = 0xff;
    await expectFailure(() => read(text), 'ERR_DATA', new RegExp(`0xff at offset ${text.length - 3} is not UTF-8`));
  });

  it('an unterminated quote of 20 MB is refused early', async () => {
    const text = Buffer.concat([Buffer.from('a,b\n1,"'), Buffer.alloc(20 * 2 ** 20, 'x')]);
    await expectFailure(() => read(text), 'ERR_DATA', /line 2: a record is longer than 4194304 bytes; is a quote/);
  });

  it('a line of 20 MB is refused', async () => {
    const cell = Buffer.alloc(20 * 2 ** 20, '7');
    await expectFailure(() => read(cell), 'ERR_DATA', /line 1: the line is longer than 4194304 bytes/);
    const late = Buffer.concat([Buffer.from('1\n'.repeat(60)), cell]);
    await expectFailure(() => read(late), 'ERR_DATA', /line 61: the line is longer/);
  });

  it('more than 100,000 columns are refused', () =>
    expectRefusal(
      () => read(`${'1,'.repeat(100_000)}1\n`.repeat(2)),
      'ERR_DATA',
      /100001 columns, more than the limit/,
    ));
});

describe('long files', () => {
  it('leave the event loop to others and stop when asked', async () => {
    const text = `${Array.from({ length: 50 }, (_, j) => j + 0.5).join(',')}\n`.repeat(20_000);
    let turns = 0;
    let running = true;
    const count = () => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    const table = await read(text);
    running = false;
    expect([table.rows, table.columns.length]).toEqual([20_000, 50]);
    expect(turns).toBeGreaterThanOrEqual(8);

    const quoted = text.replace('0.5', '"0.5"');
    for (const input of [text, quoted]) {
      const controller = new AbortController();
      const reading = read(input, { signal: controller.signal });
      setImmediate(() => controller.abort());
      await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    }
  });
});
