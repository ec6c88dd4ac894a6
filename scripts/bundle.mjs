// What the package ships of lib/, in dist/: the entry, the command and its renderer as a few files, and the declarations
// that a reader of the entry's declarations comes to. They are made of what the compiler writes to build-ts/.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { declarationsFrom } from './declarations.mjs';
import { at } from './lib/paths.mjs';

const bundle = await rolldown({
  input: {
    index: at('build-ts', 'index.js'),
    'cli/main': at('build-ts', 'cli', 'main.js'),
    'cli/render-worker': at('build-ts', 'cli', 'render-worker.js'),
  },
  platform: 'node',
  // What is not a file of ours stays an import of the package or of Node.
  external: /^[^./]/,
  tsconfig: false,
});
const { output } = await bundle.write({
  dir: at('dist'),
  format: 'esm',
  // Folders keep their depth: modules find package.json and one another from where they lie.
  entryFileNames: '[name].js',
  chunkFileNames: 'shared/[name].js',
  // The declarations have them, and so have the modules.
  comments: false,
  // Classes keep their names, by which errors are known; a stack trace has lines of this file for functions.
  minify: {
    compress: true,
    mangle: { toplevel: true, keepNames: { class: true, function: false } },
    codegen: { removeWhitespace: true },
  },
});
await bundle.close();

const shipped = new Set(output.map(({ fileName }) => path.normalize(fileName)));
const declarations = declarationsFrom('index.d.ts', (name) => readFileSync(at('build-ts', name), 'utf8'));
for (const [name, text] of declarations) {
  shipped.add(path.normalize(name));
  mkdirSync(path.dirname(at('dist', name)), { recursive: true });
  // The compiler indents by four.
  writeFileSync(
    at('dist', name),
    text.replace(/^(?: {4})+/gm, (indent) => ' '.repeat(indent.length / 2)),
  );
}
for (const name of readdirSync(at('dist'), { recursive: true, withFileTypes: true })) {
  const file = path.join(name.parentPath, name.name);
  if (name.isFile() && !shipped.has(path.relative(at('dist'), file))) rmSync(file);
}
