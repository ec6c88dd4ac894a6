import { expect, test } from 'vitest';
import { studyCatalogue } from '../../lib/studies/catalogue.js';
import { studyNames } from '../../lib/studies/names.js';

test('the names that are told without loading the studies are theirs', () => {
  expect(studyNames).toEqual([...studyCatalogue.map(({ name }) => name), 'overview']);
});
