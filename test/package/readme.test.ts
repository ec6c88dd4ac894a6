import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { activationNames } from '../../lib/activations.js';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

describe('activations in the documents', () => {
  test.each(['README.md', 'docs/cli.md'])('%s names every one of the catalogue', (name) => {
    const text = read(name);
    expect(activationNames.filter((activation) => !text.includes(`\`${activation}\``))).toEqual([]);
  });
});
