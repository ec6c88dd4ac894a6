import { expect, test } from 'vitest';
import { loadDataset } from '../../lib/data/load.js';
import { keyMeanings } from '../../lib/report/keys.js';
import { studyCatalogue } from '../../lib/studies/catalogue.js';
import { studyNames } from '../../lib/studies/names.js';
import { runStudy } from '../../lib/studies/run.js';

test('the names that are told without loading the studies are theirs', () => {
  expect(studyNames).toEqual([...studyCatalogue.map(({ name }) => name), 'overview']);
});

test('every key that an item cites has a meaning in the report', () => {
  const known = new Set(keyMeanings.map(({ key }) => key));
  const cited = studyCatalogue.flatMap(({ items }) => items.flatMap(({ reference }) => reference.equations));
  expect(cited.filter((key) => !known.has(key))).toEqual([]);
});

test('data that no item looks at change nothing in the report', async () => {
  const fixture = (name: string) => new URL(`../fixtures/mnist2-200-${name}.idx.gz`, import.meta.url).pathname;
  const data = await loadDataset(fixture('images'), { labels: fixture('labels') });
  const parameters = { dimensions: [2], degrees: 40, depth: 4, samples: 8, points: 100, frequencies: [1, 2] };
  const settings = { size: 'quick', parameters } as const;
  expect(await runStudy('belfer', { ...settings, data })).toEqual(await runStudy('belfer', settings));
});
