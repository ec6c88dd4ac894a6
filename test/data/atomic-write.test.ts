import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it, vi } from 'vitest';
import { OutputDirectory, writeFileAtomic } from '../../lib/data/atomic-write.js';
import { expectFailure, scratchFolder } from './support.js';

const scratch = scratchFolder();
let count = 0;
const freshFolder = () => {
  const path = join(scratch.path, `case-${count++}`);
  mkdirSync(path);
  return path;
};
const text = (path: string) => readFileSync(path, 'utf8');

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half');
  throw new Error('the source dried up');
}

it('flushes where handles cannot, as those of the file system that yarn puts in the place of Node’s', async () => {
  const folder = freshFolder();
  const handle = await open(folder, 'r');
  const sync = vi.spyOn(Object.getPrototypeOf(handle), 'sync').mockRejectedValue(new Error('method not implemented'));
  try {
    await writeFileAtomic(join(folder, 'file'), 'whole');
  } finally {
    sync.mockRestore();
    await handle.close();
  }
  expect(text(join(folder, 'file'))).toBe('whole');
});

describe('a path that leads through a file', () => {
  it('is told to be no folder, for a folder and for a file', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'file'), 'kept');
    for (const inside of ['file/sub', 'file/sub/deep']) {
      const told = /cannot write '.*': '.*file' is not a folder/;
      await expectFailure(() => OutputDirectory.create(join(folder, inside)), 'ERR_IO', told);
      await expectFailure(() => writeFileAtomic(join(folder, inside), 'x'), 'ERR_IO', told);
    }
    expect(readdirSync(folder)).toEqual(['file']);
  });
});

describe('one file', () => {
  it('strings, bytes and parts', async () => {
    const folder = freshFolder();
    await writeFileAtomic(join(folder, 'a'), 'äb');
    await writeFileAtomic(join(folder, 'b'), Uint8Array.of(0, 255));
    await writeFileAtomic(join(folder, 'c'), [Buffer.from('one,'), Buffer.from('two')]);
    expect([text(join(folder, 'a')), [...readFileSync(join(folder, 'b'))], text(join(folder, 'c'))]).toEqual([
      'äb',
      [0, 255],
      'one,two',
    ]);
    expect(readdirSync(folder).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('an existing name is refused, and replaced only when asked', async () => {
    const path = join(freshFolder(), 'a');
    await writeFileAtomic(path, 'old');
    await expectFailure(() => writeFileAtomic(path, 'new'), 'ERR_OUTPUT_EXISTS', /file '.*a' exists; .*\(force\)/);
    expect(text(path)).toBe('old');
    await writeFileAtomic(path, 'new', { force: true });
    expect(text(path)).toBe('new');
  });

  it('a name taken while the file is written is not replaced', async () => {
    const folder = freshFolder();
    const path = join(folder, 'a');
    function* slow() {
      yield Buffer.from('mine');
      writeFileSync(path, 'theirs');
    }
    await expectFailure(() => writeFileAtomic(path, slow()), 'ERR_OUTPUT_EXISTS', /exists/);
    expect([text(path), readdirSync(folder)]).toEqual(['theirs', ['a']]);
  });

  it('a link is replaced, not followed', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'precious'), 'kept');
    symlinkSync(join(folder, 'precious'), join(folder, 'a'));
    await expectFailure(() => writeFileAtomic(join(folder, 'a'), 'x'), 'ERR_OUTPUT_EXISTS', /exists/);
    await writeFileAtomic(join(folder, 'a'), 'x', { force: true });
    expect([text(join(folder, 'precious')), lstatSync(join(folder, 'a')).isSymbolicLink()]).toEqual(['kept', false]);
  });

  it('a failure or an abort leaves nothing behind', async () => {
    const folder = freshFolder();
    await expect(writeFileAtomic(join(folder, 'a'), failing())).rejects.toThrow('the source dried up');
    const controller = new AbortController();
    function* aborting() {
      yield Buffer.from('half');
      controller.abort();
      yield Buffer.from('rest');
    }
    const write = writeFileAtomic(join(folder, 'a'), aborting(), { signal: controller.signal });
    await expect(write).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(folder)).toEqual([]);
    await expectFailure(
      () => writeFileAtomic(join(folder, 'no', 'a'), 'x'),
      'ERR_IO',
      /cannot write .*: there is no folder '.*no'; make it first/,
    );
  });
});

describe('an output folder', () => {
  it('appears when it is complete', async () => {
    const folder = freshFolder();
    const path = join(folder, 'new', 'out');
    const output = await OutputDirectory.create(path);
    await output.write('report.html', '<p>');
    await output.write('figures/a.svg', '<svg/>');
    expect(existsSync(path)).toBe(false);
    await output.commit();
    expect([text(join(path, 'report.html')), text(join(path, 'figures', 'a.svg'))]).toEqual(['<p>', '<svg/>']);
    expect(readdirSync(join(folder, 'new'))).toEqual(['out']);
    await output.discard();
    expect(existsSync(path)).toBe(true);
  });

  it('is refused before the work if it exists, whatever it is', async () => {
    const folder = freshFolder();
    await expectFailure(() => OutputDirectory.create(folder), 'ERR_OUTPUT_EXISTS', /folder '.*' exists; .*\(force\)/);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const force of [false, true]) {
      await expectFailure(() => OutputDirectory.create(file, { force }), 'ERR_OUTPUT_EXISTS', /is not a folder/);
    }
    symlinkSync(folder, join(folder, 'link'));
    await expectFailure(
      () => OutputDirectory.create(join(folder, 'link'), { force: true }),
      'ERR_OUTPUT_EXISTS',
      /is not a folder/,
    );
    expect(readdirSync(folder).toSorted()).toEqual(['file', 'link']);
  });

  it('is refused at the end if it has come into being meanwhile, even empty', async () => {
    const path = join(freshFolder(), 'out');
    const output = await OutputDirectory.create(path);
    await output.write('a', 'x');
    mkdirSync(path);
    await expectFailure(() => output.commit(), 'ERR_OUTPUT_EXISTS', /exists/);
    await output.discard();
    expect(readdirSync(path)).toEqual([]);
    expect(readdirSync(join(path, '..'))).toEqual(['out']);
  });

  it('with force, its files are replaced and others are left alone', async () => {
    const folder = freshFolder();
    const path = join(folder, 'out');
    mkdirSync(join(path, 'figures'), { recursive: true });
    writeFileSync(join(path, 'report.html'), 'old');
    writeFileSync(join(path, 'notes.txt'), 'mine');
    writeFileSync(join(path, 'figures', 'z.svg'), 'mine too');
    const output = await OutputDirectory.create(path, { force: true });
    await output.write('report.html', 'new');
    await output.write('figures/a.svg', 'new');
    expect(text(join(path, 'report.html'))).toBe('old');
    await output.commit();
    expect(readdirSync(path).toSorted()).toEqual(['figures', 'notes.txt', 'report.html']);
    expect([text(join(path, 'report.html')), text(join(path, 'notes.txt'))]).toEqual(['new', 'mine']);
    expect(readdirSync(join(path, 'figures')).toSorted()).toEqual(['a.svg', 'z.svg']);
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('leaves nothing when it is discarded, not even the folders above it', async () => {
    const folder = freshFolder();
    {
      await using output = await OutputDirectory.create(join(folder, 'a', 'b', 'out'));
      await output.write('x', 'y');
      await expect(output.write('z', failing())).rejects.toThrow('dried up');
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['../x', '/etc/x', 'a/../../x', '.', 'a\0b', '..'])('the name %j is refused', async (name) => {
    await using output = await OutputDirectory.create(join(freshFolder(), 'out'));
    await expectFailure(() => output.write(name, 'x'), 'ERR_ARGUMENT', /not the name of a file inside/);
  });

  it('cannot be committed once aborted', async () => {
    const controller = new AbortController();
    const path = join(freshFolder(), 'out');
    await using output = await OutputDirectory.create(path, { signal: controller.signal });
    controller.abort();
    await expect(output.write('a', 'x')).rejects.toMatchObject({ name: 'AbortError' });
    await expect(output.commit()).rejects.toMatchObject({ name: 'AbortError' });
    expect(existsSync(path)).toBe(false);
  });
});

describe('the end of the process', () => {
  /** The sources as plain JavaScript, for a child process that knows no TypeScript. */
  const library = (() => {
    const target = join(freshFolder(), 'lib');
    mkdirSync(join(target, 'data'), { recursive: true });
    writeFileSync(join(target, 'package.json'), '{ "type": "module" }');
    const source = join(import.meta.dirname, '..', '..', 'lib');
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    for (const name of [
      'errors',
      ...['allocate', 'atomic-write', 'files', 'slices', 'temporaries'].map((n) => `data/${n}`),
    ]) {
      const { outputText } = ts.transpileModule(text(join(source, `${name}.ts`)), { compilerOptions });
      writeFileSync(join(target, `${name}.js`), outputText);
    }
    return target;
  })();

  /** Runs a program until it has an unfinished folder and an unfinished file, ends it, and looks at what is left. */
  function ended(folder: string, handler: string, signal?: NodeJS.Signals) {
    const script = join(library, `program-${count++}.js`);
    writeFileSync(
      script,
      `import { OutputDirectory, writeFileAtomic } from './data/atomic-write.js';
       ${handler}
       const output = await OutputDirectory.create(${JSON.stringify(join(folder, 'out'))});
       await output.write('half', 'x');
       async function* endless() {
         yield Buffer.from('x');
         await new Promise((resolve) => setTimeout(resolve, 20));
         process.stdout.write('ready');
         await new Promise((resolve) => setTimeout(resolve, 20_000));
       }
       await writeFileAtomic(${JSON.stringify(join(folder, 'file'))}, endless());`,
    );
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'ignore'] });
    return new Promise<{ before: number; left: string[]; code: number | null; signal: NodeJS.Signals | null }>(
      (resolve) => {
        let before = -1;
        child.stdout.on('data', () => {
          before = readdirSync(folder).length;
          if (signal !== undefined) child.kill(signal);
        });
        child.on('exit', (code, by) => resolve({ before, left: readdirSync(folder), code, signal: by }));
      },
    );
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s removes what is unfinished and ends as it would have',
    async (signal) => {
      expect(await ended(freshFolder(), '', signal)).toEqual({ before: 2, left: [], code: null, signal });
    },
  );

  it('a program with a handler of its own ends in its own way', async () => {
    const result = await ended(freshFolder(), "process.on('SIGINT', () => process.exit(7));", 'SIGINT');
    expect(result).toEqual({ before: 2, left: [], code: 7, signal: null });
  });

  it('an error that nobody catches', async () => {
    const result = await ended(freshFolder(), "process.on('SIGUSR2', () => { throw 1; });", 'SIGUSR2');
    expect(result).toMatchObject({ before: 2, left: [], signal: null });
    expect(result.code).not.toBe(0);
  });
});
