import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { allocate, checkedProduct } from '../../lib/data/allocate.js';
import { readDataFile } from '../../lib/data/files.js';
import { expectFailure, scratchFolder } from './support.js';

const scratch = scratchFolder();
const limit = 2 ** 20;
const read = (path: string, maxBytes = limit) => readDataFile(path, maxBytes);

describe('reading a file', () => {
  it('gives its name, its bytes and its hash', async () => {
    const file = await read(scratch.write('a.txt', 'abc'));
    expect(file).toMatchObject({
      name: 'a.txt',
      bytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    expect(Buffer.from(file.content).toString()).toBe('abc');
  });

  it('undoes gzip, also of several members; size and hash are those of the file', async () => {
    const packed = Buffer.concat([gzipSync('abc'), gzipSync('def')]);
    const file = await read(scratch.write('a.gz', packed));
    expect([Buffer.from(file.content).toString(), file.bytes]).toEqual(['abcdef', packed.length]);
  });

  it('more than the first buffer of decompressed data', async () => {
    const text = Buffer.alloc(5 * limit, 'abcdefg');
    const file = await readDataFile(scratch.write('big.gz', gzipSync(text)), 8 * limit);
    expect(Buffer.compare(Buffer.from(file.content), text)).toBe(0);
  });

  it('a symbolic link to a regular file is that file', async () => {
    symlinkSync(scratch.write('target.txt', 'xyz'), join(scratch.path, 'link.txt'));
    expect((await read(join(scratch.path, 'link.txt'))).bytes).toBe(3);
  });

  it('names that are not there, with the nearest one that is', async () => {
    scratch.write('wine.csv', 'x');
    await expectFailure(
      () => read(join(scratch.path, 'vine.csv')),
      'ERR_IO',
      /no such file; did you mean 'wine\.csv'\?/,
    );
    await expectFailure(
      () => read(join(scratch.path, 'nowhere', 'x.csv')),
      'ERR_IO',
      /no such file, and no such folder/,
    );
  });

  it('folders, devices and pipes are refused at once', async () => {
    const folder = join(scratch.path, 'folder');
    mkdirSync(folder);
    await expectFailure(() => read(folder), 'ERR_IO', /it is a folder; expected a data file/);
    await expectFailure(() => read('/dev/zero'), 'ERR_IO', /not a regular file/);
    const pipe = join(scratch.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expectFailure(() => read(pipe), 'ERR_IO', /not a regular file/);
  });

  it('empty files and files beyond the limit', async () => {
    await expectFailure(() => read(scratch.write('empty.csv', '')), 'ERR_DATA', /empty\.csv is empty/);
    await expectFailure(() => read(scratch.write('none.gz', gzipSync(''))), 'ERR_DATA', /none\.gz is empty/);
    await expectFailure(
      () => read(scratch.write('large.csv', 'x'.repeat(11)), 10),
      'ERR_DATA',
      /more than the limit of 0\.1 MiB/,
    );
  });

  it('a gzip bomb stops at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * limit));
    expect(bomb.length).toBeLessThan(100_000);
    await expectFailure(
      () => read(scratch.write('bomb.gz', bomb)),
      'ERR_DATA',
      /bomb\.gz, decompressed, has .* more than the limit of 1\.0 MiB/,
    );
  });

  it('damaged gzip', async () => {
    const packed = gzipSync('some text that is long enough to be cut');
    await expectFailure(
      () => read(scratch.write('cut.gz', packed.subarray(0, -9))),
      'ERR_DATA',
      /cut\.gz is not sound gzip data.*cut off or damaged/,
    );
    packed[20] = (packed[20] as number) ^ 0xff;
    await expectFailure(() => read(scratch.write('bad.gz', packed)), 'ERR_DATA', /bad\.gz is not sound gzip data/);
  });
});

describe('memory', () => {
  it('products that no array can have are told apart', () => {
    expect(checkedProduct([2, 3, 4])).toBe(24);
    expect(checkedProduct([])).toBe(1);
    expect(checkedProduct([2 ** 31, 2 ** 31])).toBeUndefined();
    expect(checkedProduct([-1])).toBeUndefined();
    expect(checkedProduct([0.5])).toBeUndefined();
  });

  it('a request beyond what is left is refused with numbers', () =>
    expectFailure(
      () => allocate(2 ** 45, '10 rows'),
      'ERR_OUT_OF_MEMORY',
      /10 rows need 268435456 MiB of memory, \d+ MiB are available/,
    ));
});
