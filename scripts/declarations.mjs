// Of a package's declarations, those that a reader of its entry's comes to: declarations of private functions are nobody's business,
// and most of what there is.
import path from 'node:path';
import ts from 'typescript';

/** Texts by name of file, for an entry and `read`, which gives the text of a file by its name. */
export function declarationsFrom(entry, read) {
  const files = new Map();
  const open = (name) => {
    if (!files.has(name)) files.set(name, fileOf(name, read(name)));
    return files.get(name);
  };
  const visit = (name, statement) => {
    const file = open(name);
    if (file.kept.has(statement)) return;
    file.kept.add(statement);
    for (const used of namesIn(statement, file)) {
      if (used.from !== undefined) exported(used.from, used.name);
      else if (file.imports.has(used.name)) {
        const { from, name: there } = file.imports.get(used.name);
        file.wanted.add(used.name);
        if (from !== undefined) exported(from, there);
      } else for (const own of file.declared.get(used.name) ?? []) visit(name, own);
    }
  };
  /** undefined is every export. */
  const exported = (name, wanted) => {
    const file = open(name);
    for (const statement of file.source.statements) {
      if (ts.isExportDeclaration(statement)) {
        const elements = statement.exportClause?.elements;
        if (elements === undefined) {
          if (statement.exportClause !== undefined || wanted !== undefined)
            throw new Error(`${name}: export * is not followed`);
          exported(file.target(statement), undefined);
          file.kept.add(statement);
          continue;
        }
        for (const element of elements) {
          if (wanted !== undefined && element.name.text !== wanted) continue;
          file.kept.add(statement);
          file.wanted.add(element.name.text);
          const there = (element.propertyName ?? element.name).text;
          const from = file.target(statement);
          if (from !== undefined) exported(from, there);
          else for (const own of file.declared.get(there) ?? []) visit(name, own);
        }
      } else if (isExported(statement) && (wanted === undefined || declaredBy(statement).includes(wanted))) {
        visit(name, statement);
      }
    }
  };
  exported(entry, undefined);
  return new Map([...files].filter(([, file]) => file.kept.size > 0).map(([name, file]) => [name, textOf(file)]));
}

function fileOf(name, text) {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const declared = new Map();
  const imports = new Map();
  const resolve = (to) =>
    to.startsWith('.') ? path.posix.join(path.posix.dirname(name), to.replace(/\.js$/, '.d.ts')) : undefined;
  const target = (statement) =>
    statement.moduleSpecifier === undefined ? undefined : resolve(statement.moduleSpecifier.text);
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      const bindings = statement.importClause?.namedBindings;
      if (bindings === undefined || !ts.isNamedImports(bindings)) {
        if (target(statement) !== undefined) throw new Error(`${name}: only imports by name are followed`);
        continue;
      }
      for (const element of bindings.elements) {
        imports.set(element.name.text, { from: target(statement), name: (element.propertyName ?? element.name).text });
      }
    }
    for (const one of declaredBy(statement)) declared.set(one, [...(declared.get(one) ?? []), statement]);
  }
  return { source, declared, imports, resolve, target, kept: new Set(), wanted: new Set() };
}

function declaredBy(statement) {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.text);
  return statement.name === undefined ? [] : [statement.name.text];
}

const isExported = (statement) =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** Every name in a statement, which is more than those of types; and what a type asks of another module by import(). */
function namesIn(statement, file) {
  const names = [];
  const walk = (node) => {
    if (ts.isImportTypeNode(node)) {
      const from = file.resolve(node.argument.literal.text);
      if (from !== undefined) names.push({ from, name: node.qualifier?.text });
    } else if (ts.isIdentifier(node)) names.push({ name: node.text });
    ts.forEachChild(node, walk);
  };
  walk(statement);
  return names;
}

function textOf({ source, kept, wanted }) {
  const parts = source.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement)) return picked(statement, statement.importClause?.namedBindings?.elements);
    if (!ts.isExportDeclaration(statement)) return kept.has(statement) ? [statement.getFullText().trim()] : [];
    const elements = statement.exportClause?.elements;
    // `export {}` says that what is not exported is private.
    if (elements === undefined || elements.length === 0) return [statement.getText()];
    return kept.has(statement) ? picked(statement, elements) : [];
  });
  // Libraries of the compiler are asked for above the first statement, which may be gone.
  const asked = source.libReferenceDirectives.map(
    ({ fileName }) => `/// <reference lib="${fileName}" preserve="true" />\n`,
  );
  return `${asked.join('')}${parts.join('\n').replace(/^\/\/\/ <reference lib=.*\n/gm, '')}\n`;

  /** The statement with the names that are wanted alone. */
  function picked(statement, elements) {
    if (elements === undefined) return [statement.getText()];
    const left = elements.filter(({ name }) => wanted.has(name.text));
    if (left.length === 0) return [];
    const [first, last] = [elements[0], elements.at(-1)];
    const [start, text] = [statement.getStart(), statement.getText()];
    const names = left.map((element) => element.getText()).join(', ');
    return [text.slice(0, first.getStart() - start) + names + text.slice(last.getEnd() - start).replace(/^,/, '')];
  }
}
