// What compiled code calls by itself: division of 128 bits, arithmetic of long doubles. The compiler's own run-time library is
// one object that also has exp, cos, fma or memcpy, slower and rounded otherwise than those of the C library, and once anything
// of it is linked in, all of it is. So it is compiled here once more, without what every C library has.
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quietly, SetupError, tail } from '../lib/console.mjs';

const ofTheSystem = [
  ...['ceil', 'cos', 'exp', 'exp2', 'floor', 'fma', 'fmod', 'log', 'log10', 'log2', 'round', 'sin', 'sincos', 'sqrt'],
  ...['tan', 'trunc', 'memcpy', 'memset', 'memmove', 'memcmp', 'bcmp', 'ssp'],
];

/** Is this a function that the addon must take from the C library of the machine it runs on? */
export const isOfTheSystem = (name) => ofTheSystem.includes(name) || ofTheSystem.includes(name.replace(/f$/, ''));

/** Compiles them into a folder; returns the object. */
export function compileBuiltins(folder, zig, target, env) {
  const library = path.join(path.dirname(zig), 'lib');
  const sources = path.join(folder, 'compiler_rt');
  if (!existsSync(sources)) symlinkSync(path.join(library, 'compiler_rt'), sources);
  const all = readFileSync(path.join(library, 'compiler_rt.zig'), 'utf8').split('\n');
  const dropped = (line) => ofTheSystem.includes(/import\("compiler_rt\/(\w+)\.zig"\)/.exec(line)?.[1]);
  const count = all.filter(dropped).length;
  if (count !== ofTheSystem.length)
    throw new SetupError(
      `the run-time library of the compiler has ${count} of ${ofTheSystem.length} files to leave out`,
    );
  writeFileSync(path.join(folder, 'builtins.zig'), all.filter((line) => !dropped(line)).join('\n'));
  const object = path.join(folder, 'builtins.o');
  const words = [
    '-target',
    target.zig,
    `-mcpu=${target.cpu}`,
    '-O',
    'ReleaseSmall',
    '-fPIC',
    '-fstrip',
    '-ffunction-sections',
    '-lc',
  ];
  const { ok, output } = quietly(zig, ['build-obj', 'builtins.zig', ...words, `-femit-bin=${object}`], {
    cwd: folder,
    env,
  });
  if (!ok) throw new SetupError(`${target.name}: the run-time library of the compiler:\n${tail(output, 30)}`);
  return object;
}
