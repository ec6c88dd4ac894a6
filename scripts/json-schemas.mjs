#!/usr/bin/env node
// schemas/*.schema.json, written from the types that the sources themselves are checked by: node scripts/json-schemas.mjs. They are
// shipped; a test fails where they are old.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { done, run } from './lib/console.mjs';
import { limited, limitOf } from './lib/network-limits.mjs';
import { at } from './lib/paths.mjs';

/** `closed`: other keys are refused. Reports may get new fields within their number; `kind` says whose a report is. */
const documents = [
  {
    name: 'network',
    types: { Network: 'lib/presets.ts' },
    title: 'A network: a layer, or a preset with its depth',
    closed: true,
  },
  {
    name: 'report',
    types: {
      CompareReport: 'lib/compare/schema.ts',
      FitReport: 'lib/fitting/schema.ts',
      DynamicsReport: 'lib/fitting/dynamics-schema.ts',
      StudyReport: 'lib/studies/schema.ts',
    },
    title: 'report.json of resgram compare, fit, dynamics and study',
  },
  { name: 'run', types: { RunDocument: 'lib/cli/run-record.ts' }, title: 'run.json beside a report' },
];

/** What a network file may leave out, because reading it writes it out (lib/parse-network.ts). */
const withDefault = {
  dense: ['weightVar', 'trainable', 'bias'],
  conv: ['stride', 'padding', 'weightVar', 'trainable', 'bias'],
  activation: ['scale', 'params'],
  tabulated: ['scale'],
  residual: ['shortcut', 'bodyScale', 'shortcutScale'],
};

class Writer {
  constructor(checker, closed) {
    this.checker = checker;
    this.closed = closed;
    this.definitions = {};
    this.named = new Map();
  }

  /** The schema of a type, by reference where the type has a name. */
  of(type) {
    const name = this.nameOf(type);
    if (name === undefined) return this.structure(type);
    if (!this.named.has(type)) {
      const taken = new Set(this.named.values());
      let free = name;
      for (let i = 2; taken.has(free); i++) free = `${name}${i}`;
      this.named.set(type, free);
      this.definitions[free] = {};
      const structure = this.structure(type);
      // α has a name of its own, and lies at keys of another.
      const limit = this.closed && free === 'Alpha' ? limitOf('alpha', {}) : undefined;
      this.definitions[free] = limit ? limited(structure, limit) : structure;
    }
    return { $ref: `#/$defs/${this.named.get(type)}` };
  }

  nameOf(type) {
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Union | ts.TypeFlags.Intersection))) return undefined;
    const { checker } = this;
    if (checker.isArrayType(type) || checker.isTupleType(type) || (type.aliasTypeArguments ?? []).length > 0)
      return undefined;
    if (type.flags & ts.TypeFlags.BooleanLike) return undefined;
    const symbol = type.aliasSymbol ?? (type.isClassOrInterface() ? type.symbol : undefined);
    return symbol?.name;
  }

  structure(type) {
    const { checker } = this;
    const { flags } = type;
    if (flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Any)) return {};
    if (flags & ts.TypeFlags.Null) return { type: 'null' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: checker.typeToString(type) === 'true' };
    if (flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    if (flags & ts.TypeFlags.Number) return { type: 'number' };
    if (flags & ts.TypeFlags.String) return { type: 'string' };
    if (type.isUnion()) return this.union(type);
    if (checker.isTupleType(type)) {
      const items = checker.getTypeArguments(type).map((each) => this.of(each));
      return { type: 'array', prefixItems: items, minItems: items.length, maxItems: items.length };
    }
    if (checker.isArrayType(type)) return { type: 'array', items: this.of(checker.getTypeArguments(type)[0]) };
    if (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return this.object(type);
    throw new Error(`no schema for ${checker.typeToString(type)}`);
  }

  union(type) {
    const members = type.types.filter((each) => !(each.flags & ts.TypeFlags.Undefined));
    const literal = members.filter((each) => each.isStringLiteral() || each.isNumberLiteral());
    const flags = members.filter((each) => each.flags & ts.TypeFlags.BooleanLiteral);
    const others = members.filter((each) => !literal.includes(each) && !(flags.length === 2 && flags.includes(each)));
    const forms = others.map((each) => this.of(each));
    const parts = [
      ...(literal.length > 0 ? [{ enum: literal.map((each) => each.value) }] : []),
      ...(flags.length === 2 ? [{ type: 'boolean' }] : []),
      ...mergeNames(forms),
    ];
    return parts.length === 1 ? parts[0] : { anyOf: parts };
  }

  object(type) {
    const { checker } = this;
    const found = checker.getIndexInfoOfType(type, ts.IndexKind.String);
    // No key at all, as the parameters of an activation without any.
    const empty = found !== undefined && (found.type.flags & ts.TypeFlags.Never) !== 0;
    const index = empty ? undefined : found;
    const properties = {};
    const required = [];
    for (const property of checker.getPropertiesOfType(type)) {
      const inner = checker.getTypeOfSymbol(property);
      properties[property.name] = this.of(
        checker.getNonNullableType(inner) === inner ? inner : withoutUndefined(checker, inner),
      );
      if (!(property.flags & ts.SymbolFlags.Optional)) required.push(property.name);
    }
    if (this.closed) {
      for (const key of Object.keys(properties)) {
        const limit = limitOf(key, properties);
        if (limit) properties[key] = limited(properties[key], limit);
      }
      // What an editor reads to find this schema.
      if (properties.kind || properties.preset) properties.$schema = {};
    }
    const free = withDefault[properties.kind?.const] ?? [];
    const needed = required.filter((name) => !this.closed || !free.includes(name));
    return {
      type: 'object',
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(needed.length > 0 && { required: needed }),
      ...(index
        ? { additionalProperties: this.of(index.type) }
        : (this.closed || empty) && { additionalProperties: false }),
    };
  }
}

/** Objects that differ in nothing but the name they are told by, as the activations without parameters, are one with a choice. */
function mergeNames(forms) {
  const merged = new Map();
  for (const form of forms) {
    const name = form.properties?.name?.const;
    const key = JSON.stringify(form, (place, value) => (place === 'name' && value?.const ? 0 : value));
    const known = name !== undefined && merged.get(key);
    if (known) known.properties.name.enum.push(name);
    else
      merged.set(
        key,
        name === undefined ? form : { ...form, properties: { ...form.properties, name: { enum: [name] } } },
      );
  }
  return [...merged.values()];
}

/** An optional property's type without the `undefined` that stands for its absence; null stays. */
function withoutUndefined(checker, type) {
  if (!type.isUnion() || !type.types.some((each) => each.flags & ts.TypeFlags.Undefined)) return type;
  const left = type.types.filter((each) => !(each.flags & ts.TypeFlags.Undefined));
  return left.length === 1 ? left[0] : (checker.getUnionType?.(left) ?? type);
}

/** Gives a name to what stands in a schema several times without one; shapes are named by what they hold. */
function shareRepeated({ $defs, ...schema }) {
  const places = new Map();
  const visit = (value) => {
    if (value === null || typeof value !== 'object') return;
    for (const inner of Object.values(value)) visit(inner);
    const text = JSON.stringify(value);
    if (!Array.isArray(value) && (value.type ?? value.anyOf) && text.length > 90) {
      places.set(text, (places.get(text) ?? 0) + 1);
    }
  };
  Object.values($defs).forEach(visit);
  const known = new Map(Object.entries($defs).map(([name, value]) => [JSON.stringify(value), name]));
  const repeated = [...places].filter(([text, count]) => count > 1 && !known.has(text)).map(([text]) => text);
  for (const [i, text] of repeated.entries()) known.set(text, `shared${i + 1}`);
  const shared = (value, isDefinition) => {
    if (value === null || typeof value !== 'object') return value;
    const name = isDefinition ? undefined : known.get(JSON.stringify(value));
    if (name !== undefined) return { $ref: `#/$defs/${name}` };
    if (Array.isArray(value)) return value.map((inner) => shared(inner, false));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shared(inner, false)]));
  };
  const all = [...Object.entries($defs), ...repeated.map((text) => [known.get(text), JSON.parse(text)])];
  return { ...schema, $defs: Object.fromEntries(all.map(([name, value]) => [name, shared(value, true)])) };
}

/** The text of every schema by its file name. */
export function jsonSchemas() {
  const { config } = ts.readConfigFile(at('tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, at());
  const program = ts.createProgram(
    documents.flatMap(({ types }) => Object.values(types)).map((file) => at(file)),
    { ...options, noEmit: true, incremental: false },
  );
  const checker = program.getTypeChecker();
  return documents.map(({ name, types, title, closed }) => {
    const writer = new Writer(checker, closed ?? false);
    const forms = Object.entries(types).map(([type, file]) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(at(file)));
      const symbol = checker.getExportsOfModule(module).find((each) => each.name === type);
      return writer.of(checker.getDeclaredTypeOfSymbol(symbol));
    });
    const root = forms.length === 1 ? forms[0] : { anyOf: forms };
    const $schema = 'https://json-schema.org/draft/2020-12/schema';
    const schema = { $schema, $id: `urn:resgram:schema:${name}:1`, title, ...root, $defs: writer.definitions };
    return [`${name}.schema.json`, `${JSON.stringify(shareRepeated(schema))}\n`];
  });
}

if (path.resolve(process.argv[1] ?? '') === import.meta.filename) {
  await run(() => {
    mkdirSync(at('schemas'), { recursive: true });
    for (const [name, text] of jsonSchemas()) {
      const file = at('schemas', name);
      const before = readFileSync(file, { encoding: 'utf8', flag: 'a+' });
      writeFileSync(file, text);
      done(name, `${text.length} bytes${before === text ? ', as it was' : ''}`);
    }
  });
}
