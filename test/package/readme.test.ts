import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { activationNames } from '../../lib/activations.js';
import * as library from '../../lib/index.js';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

describe('activations in the documents', () => {
  test.each(['README.md', 'docs/cli.md'])('%s names every one of the catalogue', (name) => {
    const text = read(name);
    expect(activationNames.filter((activation) => !text.includes(`\`${activation}\``))).toEqual([]);
  });
});

describe('the example of a φ of one’s own', () => {
  const blocks = [...read('README.md').matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code as string);
  const own = blocks.filter((code) => code.includes('tabulate('));
  test('is there', () => expect(own.length).toBe(1));
  test('runs, and reaches the error that it tells', async () => {
    const body = (own[0] as string).replace(/^import \{(.*?)\} from 'resgram';$/gm, 'const {$1} = library;');
    const run = new Function('library', `return (async () => { ${body}\nreturn { mish, clipped, values }; })()`);
    const { mish, clipped, values } = await run(library);
    expect(mish.error).toBeGreaterThan(3e-15);
    expect(mish.error).toBeLessThan(5e-15);
    expect(clipped.layer.pieces.length).toBe(5);
    expect([...values].every((value) => value > 0)).toBe(true);
  });
});
