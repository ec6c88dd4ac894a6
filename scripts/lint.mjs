#!/usr/bin/env node
// Format and lint of both languages: node scripts/lint.mjs [--write]
// biome for TypeScript, JavaScript and JSON; clang-format, one pinned version for everyone, for C++.
import { extname } from 'node:path';
import { done, loudly, quietly, run, SetupError, tail } from './lib/console.mjs';
import { pythonTool } from './lib/openblas.mjs';
import { at } from './lib/paths.mjs';
import { filesBelow } from './lib/stamps.mjs';

const clangFormat = { name: 'clang-format', version: '23.1.5', program: 'clang_format/data/bin/clang-format' };

function lintCpp(write) {
  const binary = pythonTool(clangFormat.name, clangFormat.version, clangFormat.program);
  if (!binary) {
    throw new SetupError(
      `${clangFormat.name} ${clangFormat.version} cannot be had: it is fetched with pip, which needs python3 and pip 20.3`,
    );
  }
  const sources = filesBelow('native', 'test/native', 'bench/native', 'bench/limits').filter((file) =>
    ['.cpp', '.hpp'].includes(extname(file)),
  );
  const { ok, output } = quietly(binary, [...(write ? ['-i'] : ['--dry-run', '-Werror']), ...sources], { cwd: at() });
  const found = output.split('\n').filter((line) => line.includes('error:'));
  const files = [...new Set(found.map((line) => line.split(':')[0]))];
  if (!ok)
    console.log(`not formatted (or worse):\n${files.length > 0 ? `  ${files.join('\n  ')}` : tail(output, 20)}\n`);
  else done('C++', `${sources.length} files`);
  return ok;
}

function lintTypescript(write) {
  return loudly(
    process.execPath,
    [
      at('node_modules', '@biomejs', 'biome', 'bin', 'biome'),
      'check',
      ...(write ? ['--write'] : ['--error-on-warnings']),
    ],
    {
      cwd: at(),
    },
  );
}

await run(() => {
  const write = process.argv.includes('--write');
  const results = [lintTypescript(write), lintCpp(write)];
  if (results.every(Boolean)) return 0;
  console.log('`npm run format` mends what can be mended by itself');
  return 1;
});
