#!/usr/bin/env node
// docs/api.md: everything that `import 'resgram'` declares, and every type that it leads to, without comments and in the order of
// names, so that a review sees what a change does to the surface. node scripts/api-report.mjs; a test fails where it is old.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { done, run } from './lib/console.mjs';
import { at } from './lib/paths.mjs';

const file = at('docs', 'api.md');

const preface = `# The API

Written by \`npm run api\` from the declarations of the package: what it exports, then the types that these lead to. What they mean
stands in the declarations themselves. A change of this file is a change of what users can rely on ([releasing.md](releasing.md)).
`;

/** The symbol that an export or an import stands for. */
const behind = (checker, symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

const isOurs = (declaration) => declaration.getSourceFile().fileName.startsWith(at('dist'));

/** Symbols of ours that a declaration names. */
function named(checker, declaration) {
  const found = [];
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol) found.push(behind(checker, symbol));
    }
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return found.filter((symbol) => symbol.declarations?.some((each) => isOurs(each) && ts.isSourceFile(each.parent)));
}

/** A declaration as text: without comments, private members and words that every one of them has. */
function print(printer, declaration) {
  // A constant is declared within a list within a statement.
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return printer
    .printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile())
    .replace(/^(export )?(declare )?/, '')
    .replace(/^\s*private .*;\n/gm, '')
    .trim();
}

/** The report as it should be. */
export function apiReport() {
  const entry = at('dist', 'index.d.ts');
  const program = ts.createProgram([entry], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const printer = ts.createPrinter({ removeComments: true });
  const exported = checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)))
    .map((symbol) => [symbol.name, behind(checker, symbol)]);

  const names = new Map(exported.map(([name, symbol]) => [symbol, name]));
  const reached = [...names.keys()];
  for (const symbol of reached) {
    for (const declaration of symbol.declarations.filter((each) => isOurs(each) && !ts.isSourceFile(each))) {
      for (const other of named(checker, declaration)) if (!reached.includes(other)) reached.push(other);
    }
  }
  const text = (symbol) =>
    symbol.declarations
      .filter(isOurs)
      .map((declaration) => (ts.isSourceFile(declaration) ? moduleText(declaration) : print(printer, declaration)))
      .join('\n');
  // `export * as sync`: the names of the module.
  const moduleText = (source) =>
    `module { ${checker
      .getExportsOfModule(checker.getSymbolAtLocation(source))
      .map(({ name }) => name)
      .sort()
      .join(', ')} }`;

  const byName = (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
  const block = ([name, symbol]) => {
    const lines = text(symbol);
    return new RegExp(`\\b${name}\\b`).test(lines) ? lines : `${name}: ${lines}`;
  };
  const inner = reached.filter((symbol) => !names.has(symbol)).map((symbol) => [symbol.name, symbol]);
  const section = (title, rows) =>
    `\n## ${title}\n\n\`\`\`ts\n${rows.toSorted(byName).map(block).join('\n\n')}\n\`\`\`\n`;
  return preface + section('Exports', exported) + section('Types they lead to', inner);
}

if (path.resolve(process.argv[1] ?? '') === import.meta.filename) {
  await run(() => {
    const before = readFileSync(file, { encoding: 'utf8', flag: 'a+' });
    const now = apiReport();
    writeFileSync(file, now);
    done('API', before === now ? 'docs/api.md is as it was' : 'docs/api.md is new');
  });
}
