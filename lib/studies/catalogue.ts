/** The catalogue of studies: one for each paper. A study joins by being listed. */

import { KernelError, unknownName } from '../errors.js';
import { barzilaiStudy } from './barzilai/index.js';
import { belferStudy } from './belfer/index.js';
import type { StudyDefinition } from './definition.js';
import { huangStudy } from './huang/index.js';
import { liStudy } from './li/index.js';
import { studyNames } from './names.js';
import { tirerStudy } from './tirer/index.js';

export const studyCatalogue: readonly StudyDefinition[] = [tirerStudy, huangStudy, belferStudy, barzilaiStudy, liStudy];

/** The study of a name, or all for 'overview'. Throws ERR_ARGUMENT. */
export function definitionsOf(name: unknown): readonly StudyDefinition[] {
  if (name === 'overview') return studyCatalogue;
  const found = studyCatalogue.filter((study) => study.name === name);
  if (found.length > 0) return found;
  throw new KernelError('ERR_ARGUMENT', `name: ${unknownName('study', String(name), studyNames)}`, { option: 'name' });
}
