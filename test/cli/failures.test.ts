import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { abi } from '../../lib/native.js';
import { listing, npyFile, points, type RunOptions, resgram, workplace } from './run.js';

vi.setConfig({ testTimeout: 60_000 });

const { path: cwd, write } = workplace();
write('net.json', '{"preset": "mlp", "depth": 2}');
write('layers.json', '{"kind": "serial", "layers": [{"kind": "dense", "inputScale": "1"}]}');
write('deep.json', '{"kind": "serial", "layers": [{"kind": "activation", "name": "relu"}]}');
write('erf.json', '{"preset": "mlp", "depth": 1, "activation": "erf"}');
write('sign.json', '{"preset": "mlp", "depth": 1, "activation": "sign"}');
write('far.npy', npyFile(Float64Array.of(1, 1e200), [2, 1]));
write('broken.json', '{"preset": "mlp",');
write('x.npy', npyFile(points(12, 3), [12, 3]));
write('z2.npy', npyFile(points(4, 2), [4, 2]));
write('nan.npy', npyFile(Float64Array.of(1, 2, 3, Number.NaN, 5, 6), [3, 2]));
write('inf.csv', 'a,b,label\n1,2,u\n3,Infinity,v\n5,6,u\n');
write('gap.csv', 'a,b,label\n1,2,u\n3,,v\n5,6,u\n');
write('short.csv', 'a,b,label\n1,2,u\n3,4\n5,6,u\n');
write('few.csv', 'a,b,label\n1,2,u\n3,4,v\n5,6,u\n');
write(
  'good.csv',
  `a,b,label\n${Array.from(points(20, 2), String)
    .join(',')
    .replace(/([^,]+,[^,]+),?/g, '$1,u\n')}`.replace(/u\n$/, 'v\n'),
);
write('text.csv', 'a,colour\n1,red\n2,blue\n');
write('cut.npy', npyFile(points(12, 3), [12, 3]).subarray(0, 200));
write('notes.pdf', '%PDF-1.7\n');
write('many.npy', npyFile(new Float64Array(400_000).fill(1), [400_000, 1]));
write('long.csv', `a,b\n${'1,2\n3,4.5\n'.repeat(20_000)}`);
write('no-binary.node', 'not a library');
// Stands in for the native library, and fails in a way that nothing in the package expects.
write(
  'mistake.cjs',
  `const { version } = require(${JSON.stringify(join(import.meta.dirname, '..', '..', 'package.json'))});
   module.exports = { version, abi: ${abi}, watchForTermination() {}, about() { throw new TypeError('x is undefined'); } };`,
);
mkdirSync(join(cwd, 'taken'));
write('taken/mine.txt', 'keep me');
write('taken.csv', 'keep me');

interface Case extends RunOptions {
  readonly name: string;
  readonly args: string;
  readonly exit: number;
  readonly code: string;
  readonly says: RegExp;
}

const gram = 'gram --network net.json --data x.npy';
const cases: readonly Case[] = [
  {
    name: 'an unknown command',
    args: 'comapre x',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /'comapre'; did you mean compare\?/,
  },
  {
    name: 'an unknown option',
    args: `${gram} --treads 2`,
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /'--treads'; did you mean --threads\?/,
  },
  {
    name: 'the tangent kernel of sign, which is infinite',
    args: 'gram --network sign.json --data x.npy',
    exit: 2,
    code: 'ERR_NETWORK',
    says: /^resgram: layers\[1\] \(sign\): has no tangent kernel: .*; ask for its NNGP alone \(--kernel nngp\)$/m,
  },
  {
    name: 'a missing option',
    args: 'gram --data x.npy',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /'--network <file>' not specified/,
  },
  {
    name: 'a missing argument',
    args: 'compare',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /missing required argument 'data'/,
  },
  {
    name: 'an argument too many',
    args: 'info now',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /too many arguments for 'info'/,
  },
  {
    name: 'a number that is none',
    args: `${gram} --threads two`,
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /--threads.*got 'two'/,
  },
  {
    name: 'a bad variable',
    args: gram,
    env: { RESGRAM_THREADS: '0' },
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /RESGRAM_THREADS\): expected an integer from 1 to 1024, got '0'/,
  },
  {
    name: 'a mistyped kernel',
    args: `${gram} --kernel nkt`,
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /did you mean 'ntk'/,
  },
  {
    name: 'depths for a network of layers',
    args: 'gram --network layers.json --data x.npy --depths 1,2',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /--depths: expected a preset/,
  },
  {
    name: 'a top beyond the rows',
    args: 'spectrum --network net.json --data x.npy --top 13',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /--top: expected at most 12, the number of rows, got 13/,
  },
  {
    name: 'an angle beyond π',
    args: 'profile --network net.json --angles 0,4',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /--angles: expected radians from 0 to π, got '4'/,
  },
  {
    name: 'a missing dimension',
    args: `profile --network {"preset":"tirer","alpha":1,"depth":1}`,
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /^resgram: --dimension: expected the number of inputs/,
  },
  {
    name: 'an ending without a format',
    args: 'spectrum --network net.json --data x.npy --out values.xlsx',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /ends in \.csv or \.npy, got 'values\.xlsx'/,
  },
  {
    name: 'a target that is not there',
    args: 'compare good.csv --target lable',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /did you mean 'label'/,
  },
  {
    name: 'a network that is not there',
    args: 'compare good.csv --networks mpl',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /^resgram: --networks: .*did you mean 'mlp'/,
  },
  {
    name: 'a test set of labels only',
    args: 'compare good.csv --test-labels y.npy',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /--test-labels: expected together with --test/,
  },
  {
    name: 'a preset with a mistake',
    args: 'gram --network {"preset":"mpl","depth":1} --data x.npy',
    exit: 2,
    code: 'ERR_NETWORK',
    says: /did you mean 'mlp'/,
  },
  {
    name: 'a network that means no kernel',
    args: 'gram --network deep.json --data x.npy',
    exit: 2,
    code: 'ERR_NETWORK',
    says: /deep\.json: .*layers\[0\]/,
  },
  {
    name: 'a network that is no JSON',
    args: 'gram --network broken.json --data x.npy',
    exit: 2,
    code: 'ERR_NETWORK',
    says: /broken\.json: expected JSON/,
  },
  {
    name: 'an empty stdin',
    args: 'gram --network - --data x.npy',
    exit: 2,
    code: 'ERR_NETWORK',
    says: /stdin: expected JSON/,
  },

  {
    name: 'NaN in an array',
    args: 'gram --network net.json --data nan.npy',
    exit: 3,
    code: 'ERR_NOT_FINITE',
    says: /nan\.npy\[1, 1\].*--missing drop-rows/,
  },
  {
    name: 'an infinite number in a table',
    args: 'compare inf.csv',
    exit: 3,
    code: 'ERR_NOT_FINITE',
    says: /inf\.csv, line 3, column 'b'/,
  },
  {
    name: 'a missing value in a table',
    args: 'compare gap.csv',
    exit: 3,
    code: 'ERR_DATA',
    says: /gap\.csv, line 3, column 'b'/,
  },
  {
    name: 'a line that is too short',
    args: 'compare short.csv',
    exit: 3,
    code: 'ERR_DATA',
    says: /short\.csv, line 3/,
  },
  { name: 'too few rows', args: 'compare few.csv', exit: 3, code: 'ERR_DATA', says: /at least 10 rows/ },
  {
    name: 'text among numbers',
    args: 'gram --network net.json --data text.csv',
    exit: 3,
    code: 'ERR_DATA',
    says: /'colour'.*\(--ignore\)/,
  },
  {
    name: 'an array that is cut off',
    args: 'gram --network net.json --data cut.npy',
    exit: 3,
    code: 'ERR_DATA',
    says: /cut\.npy is not a sound \.npy file/,
  },
  {
    name: 'a file of another format',
    args: 'compare notes.pdf',
    exit: 3,
    code: 'ERR_DATA',
    says: /notes\.pdf is a PDF file/,
  },
  {
    name: 'sets that do not fit',
    args: `${gram} --against z2.npy`,
    exit: 3,
    code: 'ERR_SHAPE',
    says: /z2\.npy has 2 features, x\.npy has 3 features/,
  },

  {
    name: 'a comparison that would take days',
    args: 'compare long.csv --all-rows 40000',
    exit: 2,
    code: 'ERR_ARGUMENT',
    says: /on 40000 rows .*about \d+ days .*\(--all-rows\)/,
  },
  {
    name: 'numbers beyond the range of a kernel',
    args: 'gram --network erf.json --data far.npy',
    exit: 4,
    code: 'ERR_RANGE',
    says: /row 1 leaves the range of doubles/,
  },
  {
    name: 'a matrix that will not fit',
    args: 'gram --network net.json --data many.npy --out big',
    exit: 5,
    code: 'ERR_OUT_OF_MEMORY',
    says: /400000 × 400000.*MiB.*--precision float32/,
  },

  {
    name: 'a folder that exists',
    args: `${gram} --out taken`,
    exit: 6,
    code: 'ERR_OUTPUT_EXISTS',
    says: /'taken' exists; .*\(--force\)/,
  },
  {
    name: 'a report that exists',
    args: 'compare good.csv --out taken',
    exit: 6,
    code: 'ERR_OUTPUT_EXISTS',
    says: /'taken' exists/,
  },
  {
    name: 'a file that exists',
    args: 'profile --network net.json --out taken.csv',
    exit: 6,
    code: 'ERR_OUTPUT_EXISTS',
    says: /'taken\.csv' exists.*\(--force\)/,
  },
  {
    name: 'a file in the place of the folder',
    args: `${gram} --out taken.csv --force`,
    exit: 6,
    code: 'ERR_OUTPUT_EXISTS',
    says: /not a folder/,
  },

  {
    name: 'a library that does not load',
    args: gram,
    env: { RESGRAM_BINARY: 'no-binary.node' },
    exit: 7,
    code: 'ERR_NATIVE_LOAD',
    says: /does not load on \w+-\w+.*unset RESGRAM_BINARY/,
  },
  {
    name: 'a library that is not there',
    args: 'info',
    env: { RESGRAM_BINARY: '/nowhere/resgram.node' },
    exit: 7,
    code: 'ERR_NATIVE_LOAD',
    says: /\/nowhere\/resgram\.node: no such file/,
  },

  {
    name: 'data that are not there',
    args: 'compare god.csv',
    exit: 8,
    code: 'ERR_IO',
    says: /no such file; did you mean 'good\.csv'/,
  },
  {
    name: 'a network that cannot be read',
    args: 'gram --network taken --data x.npy',
    exit: 8,
    code: 'ERR_IO',
    says: /the network 'taken': it is a folder/,
  },
  {
    name: 'a folder inside a file',
    args: `${gram} --out good.csv/results`,
    exit: 8,
    code: 'ERR_IO',
    says: /cannot write 'good\.csv\/results': /,
  },
  {
    name: 'a device for data',
    args: 'gram --network net.json --data /dev/zero',
    exit: 8,
    code: 'ERR_IO',
    says: /not a regular file/,
  },

  {
    name: 'a mistake of ours',
    args: 'info',
    env: { RESGRAM_BINARY: join(cwd, 'mistake.cjs') },
    exit: 1,
    code: 'ERR_INTERNAL',
    says: /x is undefined.*please report it/s,
  },
];

describe.each(cases)('$name', ({ args, exit, code, says, env }) => {
  // Nothing here has a space in it but the separators.
  const words = args.split(' ');
  const options: RunOptions = { cwd, ...(env === undefined ? {} : { env }) };

  test(`is told in words and ends with ${exit}, and nothing is left behind`, async () => {
    const before = listing(cwd);
    const { code: got, stdout, stderr } = await resgram(words, options);
    expect({ got, stdout }).toEqual({ got: exit, stdout: '' });
    const message = stderr.slice(stderr.indexOf('resgram: '));
    expect(message).toMatch(says);
    expect(message).not.toMatch(/^ +at /m);
    expect(listing(cwd)).toEqual(before);
  });

  test('with --json is a document on stdout', async () => {
    const { code: got, stdout, stderr } = await resgram([...words, '--json'], options);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; details: object } };
    expect({ got, code: error.code }).toEqual({ got: exit, code });
    expect(stderr).toContain(error.message);
    expect(typeof error.details).toBe('object');
  });
});

test('--debug shows where an error came from', async () => {
  const { stderr } = await resgram([...gram.split(' '), '--kernel', 'nkt', '--debug'], { cwd });
  // In our own file; functions of the package have lost their names.
  expect(stderr).toMatch(/^ +at .*dist.(?:cli|shared).[\w-]+\.js:\d+:\d+/m);
});
