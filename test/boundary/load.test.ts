/** A binary that cannot load: the platform, everything that was tried with its reason, the remedy. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { abi } from '../../lib/native.js';
import { program, requireBuilt } from './support.js';

beforeAll(requireBuilt);

const folder = mkdtempSync(join(tmpdir(), 'resgram-load-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The error with which the first use fails, as JSON. */
async function refused(binary: string): Promise<{ code: string; message: string; details: Record<string, unknown> }> {
  const { code, out, err } = await program(
    `try {
       resgram.compile(resgram.mlp({ depth: 1 }));
     } catch (error) {
       const { code, message, details } = error;
       console.log(JSON.stringify({ code, message, details, ours: error instanceof resgram.KernelError }));
     }`,
    60_000,
    { RESGRAM_BINARY: binary },
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { ours, ...error } = JSON.parse(out);
  expect(ours).toBe(true);
  return error;
}

test.each([
  ['a file that is missing', () => join(folder, 'nowhere.node'), 'no such file'],
  [
    'a file that is no library',
    () => file('text.node', 'not a library'),
    /invalid ELF header|file too short|not a mach-o/i,
  ],
  [
    'an older boundary',
    () => file('old.json', JSON.stringify({ abi: abi - 1, version: '0.1.0' })),
    /has ABI number \d+, expected \d+; rebuild it/,
  ],
  [
    'another version',
    () => file('other.json', JSON.stringify({ abi, version: '9.9.9' })),
    /is version 9\.9\.9, expected \S+; rebuild it/,
  ],
])('%s', async (_name, make, why) => {
  const binary = make();
  const { code, message, details } = await refused(binary);
  expect(code).toBe('ERR_NATIVE_LOAD');
  expect(message).toContain(`does not load on ${process.platform}-${process.arch}`);
  expect(message).toContain(`RESGRAM_BINARY=${binary}: `);
  expect(message).toContain(
    "RESGRAM_BINARY is set, so nothing else was tried; 'unset RESGRAM_BINARY' looks in the usual places",
  );
  // Once set, the variable is the only candidate: nothing else is loaded in its place.
  expect(details.attempts).toEqual([
    { what: `RESGRAM_BINARY=${binary}`, why: typeof why === 'string' ? why : expect.stringMatching(why) },
  ]);
});

test('asynchronous verbs reject with it, and what needs no binary works without one', async () => {
  const { code, out } = await program(
    `const network = resgram.mlp({ depth: 2 });
     const { steps } = resgram.lower(network);
     const kernel = { network };
     const code = await resgram.gram(kernel, [[1]], 'ntk').catch((error) => error.code);
     const sweep = await resgram.gramSweep({ preset: 'mlp' }, [1], [[1]], 'ntk').catch((error) => error.code);
     console.log(steps.length > 0, code, sweep);`,
    60_000,
    { RESGRAM_BINARY: join(folder, 'nowhere.node') },
  );
  expect({ code, out }).toEqual({ code: 0, out: 'true ERR_ARGUMENT ERR_NATIVE_LOAD\n' });
});

test('an instruction set that does not exist is refused with those that do', async () => {
  const { code, out, err } = await program(
    `const tried = (call) => {
       try {
         call();
         return 'nothing';
       } catch ({ code, message }) {
         return code + ' ' + message;
       }
     };
     console.log(JSON.stringify([tried(() => resgram.info()), tried(() => resgram.compile(resgram.mlp({ depth: 1 })))]));`,
    60_000,
    { RESGRAM_SIMD: 'sse9' },
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const known =
    process.arch === 'x64' ? 'avx512, avx2 or baseline' : process.arch === 'arm64' ? 'neon or baseline' : 'baseline';
  const message = `ERR_ARGUMENT RESGRAM_SIMD: expected ${known}, got 'sse9'`;
  expect(JSON.parse(out)).toEqual([message, message]);
});
