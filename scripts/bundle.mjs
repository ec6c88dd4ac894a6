// The package's entry as one file, dist/index.js: Node takes about as long to find and read a module as to import twenty
// kilobytes of one, and there are more than a hundred. The modules that the compiler writes beside it are the command's.
import { rolldown } from 'rolldown';
import { at } from './lib/paths.mjs';

const bundle = await rolldown({
  input: at('lib', 'index.ts'),
  platform: 'node',
  // What is not a file of ours stays an import of the package or of Node.
  external: /^[^./]/,
  resolve: { extensionAlias: { '.js': ['.ts'] } },
  tsconfig: false,
  transform: { target: 'es2023' },
});
await bundle.write({
  file: at('dist', 'index.js'),
  format: 'esm',
  codeSplitting: false,
  // The declarations have them, and so have the modules.
  comments: false,
});
await bundle.close();
