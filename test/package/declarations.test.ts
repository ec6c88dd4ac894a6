/** What is shipped of the declarations: what the entry's lead to, and no more. */

import { expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import { declarationsFrom } from '../../scripts/declarations.mjs';

const files: Readonly<Record<string, string>> = {
  'index.d.ts': "export { type A, make as create } from './a.js';\nexport { unused } from './b.js';\n",
  'a.d.ts': [
    "import type { B, Other } from './deep/b.js';",
    "import { readFile } from 'node:fs';",
    '/** Of A. */',
    'export interface A {',
    "    readonly b: B<import('./c.js').C>;",
    '}',
    '/** One way. */',
    'export declare function make(a: Hidden): A;',
    'export declare function make(a: number): A;',
    'type Hidden = string;',
    'export declare function inner(o: Other): void;',
    'export {};',
  ].join('\n'),
  'b.d.ts': 'export declare const unused: number, also: string;\nexport declare const never: 1;\n',
  'deep/b.d.ts': "export type { B } from '../c.js';\nexport interface Other {\n}\n",
  'c.d.ts': 'export type B<T> = T[];\nexport interface C {\n}\nexport interface D {\n}\n',
};
const shipped = (all: Readonly<Record<string, string>> = files) =>
  declarationsFrom('index.d.ts', (name: string) => {
    const text = all[name];
    if (text === undefined) throw new Error(`no ${name}`);
    return text;
  }) as ReadonlyMap<string, string>;

test('declarations are followed by name through modules, and their comments stay', () => {
  expect(Object.fromEntries(shipped())).toEqual({
    'index.d.ts': files['index.d.ts'],
    'a.d.ts': [
      "import type { B } from './deep/b.js';",
      '/** Of A. */',
      'export interface A {',
      "    readonly b: B<import('./c.js').C>;",
      '}',
      '/** One way. */',
      'export declare function make(a: Hidden): A;',
      'export declare function make(a: number): A;',
      'type Hidden = string;',
      'export {};',
      '',
    ].join('\n'),
    'b.d.ts': 'export declare const unused: number, also: string;\n',
    'deep/b.d.ts': "export type { B } from '../c.js';\n",
    'c.d.ts': 'export type B<T> = T[];\nexport interface C {\n}\n',
  });
});

test('forms that are not followed are refused', () => {
  expect(() => shipped({ ...files, 'index.d.ts': "export * as a from './a.js';\n" })).toThrow(
    /export \* is not followed/,
  );
  expect(() => shipped({ ...files, 'a.d.ts': "import * as b from './b.js';\n" })).toThrow(/only imports by name/);
});
