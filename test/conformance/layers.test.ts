// The rules of the layout, kept by looking: which folder may name what, and which way the arrows point.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');

function sources(folder: string, ...endings: string[]): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => path.join(folder, name))
    .sort();
}

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** Code without comments, so that prose may name what code may not. String contents stay. */
function code(file: string): string {
  return read(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"])\/\/.*$/gm, '$1');
}

const cpp = sources('native', '.cpp', '.hpp');
const typescript = sources('lib', '.ts');

/** file: offending line, for every line of code that matches. */
function offences(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    code(file)
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
}

const outside = (folder: string) => (file: string) => !file.startsWith(`${folder}/`);

describe('C++: addon → finite → core → linalg', () => {
  test('only native/addon includes Node-API', () => {
    expect(offences(cpp.filter(outside('native/addon')), /napi|node_api/i)).toEqual([]);
  });

  test('only native/linalg names BLAS and LAPACK', () => {
    const routines =
      /\b(scipy_)?[sd](gemm|gemv|symm|symv|syrk|syr2k|trsm|trmm|trsv|dot|axpy|nrm2|scal|potr[fsi]|posv|sye(v|vd|vr|vx)|sytr[df]|ormtr|orgtr|ste(dc|qr|vr|rf)|lansy)(_2stage)?_?\s*\(|cblas_|LAPACKE_|openblas_|RESGRAM_BLAS_PREFIX/;
    expect(offences(cpp.filter(outside('native/linalg')), routines)).toEqual([]);
  });

  test('no include points upwards', () => {
    expect(offences(cpp.filter(outside('native/addon')), /#include\s+"(\.\.\/)?addon\//)).toEqual([]);
    const below = cpp.filter((file) => /^native\/(core|linalg)\//.test(file));
    expect(offences(below, /#include\s+"(\.\.\/)?finite\//)).toEqual([]);
    // Errors and tickets are the vocabulary of all of them.
    const upwards = /#include\s+"(\.\.\/)?core\/(?!error\.hpp|ticket\.hpp)/;
    expect(
      offences(
        cpp.filter((file) => file.startsWith('native/linalg/')),
        upwards,
      ),
    ).toEqual([]);
  });

  test('native/sources.txt lists every source file, once', () => {
    const listed = read('native/sources.txt').trim().split('\n');
    expect(listed.toSorted()).toEqual(cpp.filter((file) => file.endsWith('.cpp')));
  });

  test('sizes are multiplied by a checked function where they may overflow an int', () => {
    expect(offences(cpp, /\bint\s+\w+\s*=\s*(n|rows|size)\s*\*\s*(n|rows|columns|size)\b/)).toEqual([]);
  });
});

describe('TypeScript: cli → report, compare, fitting, studies → verbs → native', () => {
  test('only lib/native.ts loads the binary, and lib/locate.ts finds it', () => {
    const loading = /\.node['"`]|process\.dlopen/;
    expect(
      offences(
        typescript.filter((file) => file !== 'lib/native.ts' && file !== 'lib/locate.ts'),
        loading,
      ),
    ).toEqual([]);
  });

  test('no import points upwards', () => {
    const imports = (file: string) =>
      [...code(file).matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map((found) =>
        path.join(path.dirname(file), found[1] as string),
      );
    const importing = (files: readonly string[], target: RegExp) =>
      files.flatMap((file) =>
        imports(file)
          .filter((to) => target.test(to))
          .map((to) => `${file} → ${to}`),
      );
    const inFolder =
      (...folders: string[]) =>
      (file: string) =>
        folders.some((folder) => file.startsWith(`lib/${folder}/`));
    expect(
      importing(
        typescript.filter((file) => !inFolder('cli')(file)),
        /^lib\/cli\//,
      ),
    ).toEqual([]);
    const verbs = typescript.filter(
      (file) => !inFolder('cli', 'report', 'compare', 'fitting', 'studies')(file) && file !== 'lib/index.ts',
    );
    expect(importing(verbs, /^lib\/(report|compare|fitting|studies)\//)).toEqual([]);
  });

  test('there are no default exports', () => {
    expect(offences(typescript, /^\s*export default\b/)).toEqual([]);
  });
});

describe('text', () => {
  /** A formula's source stands at the end of a comment line: `[arc-cosine; Cho09]`. */
  function citations(file: string): { key: string; where: string }[] {
    return read(file)
      .split('\n')
      .flatMap((line, i) => {
        const cited =
          /^(?:.*\/\/| *\/?\*).*(?:^|[\s(])\[([A-Za-z][\w-]*(?:; [A-Za-z][\w-]*)*)\][.)]*(?:\s*\*\/)?\s*$/.exec(line);
        const keys = cited?.[1]?.split('; ') ?? [];
        return keys.map((key) => ({ key, where: `${file}:${i + 1}` }));
      });
  }

  test('every formula cites a key of docs/equations.md', () => {
    const cited = [...cpp, ...typescript].flatMap(citations);
    expect(cited.length).toBeGreaterThan(10);
    const headings = read('docs/equations.md').matchAll(/^#+ \[([\w-]+)\]/gm);
    const keys = new Set([...headings].map((heading) => heading[1]));
    const unknown = cited.filter(({ key }) => !keys.has(key)).map(({ key, where }) => `${where}: [${key}]`);
    expect(unknown).toEqual([]);
  });

  test('every file holds one idea: fewer than 400 lines', () => {
    const files = [...cpp, ...typescript, ...sources('test', '.ts', '.mjs', '.cpp'), ...sources('scripts', '.mjs')];
    const long = files
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines >= 400);
    expect(long).toEqual([]);
  });

  test('nothing is left open', () => {
    const markers = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X'].join(''));
    const files = [...cpp, ...typescript, ...sources('scripts', '.mjs', '.cmake')];
    expect(files.filter((file) => markers.test(read(file)))).toEqual([]);
  });
});
