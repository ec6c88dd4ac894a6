/** The catalogue of studies: one for each paper. A study joins by being listed. */

import { barzilaiStudy } from './barzilai/index.js';
import { belferStudy } from './belfer/index.js';
import type { StudyDefinition } from './definition.js';
import { huangStudy } from './huang/index.js';
import { liStudy } from './li/index.js';
import { tirerStudy } from './tirer/index.js';

export const studyCatalogue: readonly StudyDefinition[] = [tirerStudy, huangStudy, belferStudy, barzilaiStudy, liStudy];

/** Names that `runStudy` takes; 'overview' is all of them. */
export const studyNames: readonly string[] = Object.freeze([...studyCatalogue.map(({ name }) => name), 'overview']);
