/** Models from files. */

import { type JobOptions, jobConstraints } from './jobs.js';
import { damaged } from './model-file/layout.js';
import { readModel } from './model-file/read.js';
import { readOptions, unexpected } from './options.js';
import { regressor } from './regression/regressor.js';
import type { Regressor } from './regression/types.js';

/**
 * Reads a model that `save` wrote. Its predictions are the same to the last bit on the same machine with the same number
 * of threads. Refuses (ERR_DATA) other files, files of a later version, and files that were cut short or changed.
 */
export async function loadModel(path: string, options?: Pick<JobOptions, 'signal'>): Promise<Regressor> {
  if (typeof path !== 'string' || path === '') throw unexpected('path', 'the name of a file', path);
  const { signal } = readOptions('options', options, { signal: jobConstraints.signal });
  const { fit, record } = await readModel(path, signal);
  if (record.task !== 'regress') throw damaged(path, 'it says neither regress nor classify');
  return regressor(fit, record.notes);
}
