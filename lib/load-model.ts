/** Models from files. */

import { classifier } from './classification/classifier.js';
import type { ClassCoding, Label } from './classification/labels.js';
import type { ClassCalibration } from './classification/reliability.js';
import type { Classifier } from './classification/types.js';
import { type JobOptions, jobConstraints } from './jobs.js';
import { type ReadModel, readModel } from './model-file/read.js';
import { readOptions, unexpected } from './options.js';
import { isRecord } from './place.js';
import { regressor } from './regression/regressor.js';
import type { Regressor } from './regression/types.js';

/**
 * Reads a model that `save` wrote; `task` says which of the two it is. Its predictions are the same to the last bit on the
 * same machine. Refuses (ERR_DATA) other files, files of a later version, and files that
 * were cut short or changed.
 */
export async function loadModel(path: string, options?: Pick<JobOptions, 'signal'>): Promise<Regressor | Classifier> {
  if (typeof path !== 'string' || path === '') throw unexpected('path', 'the name of a file', path);
  const { signal } = readOptions('options', options, { signal: jobConstraints.signal });
  const model = await readModel(path, signal);
  const { task, notes } = model.record;
  if (task === 'regress') return regressor(model.fit, notes);
  if (task !== 'classify') return model.refuse('it says neither regress nor classify');
  return classifier(model.fit, classesOf(model), notes);
}

function classesOf({ fit, record, refuse }: ReadModel): Parameters<typeof classifier>[1] {
  const { classes, coding, sharpness, calibration } = record;
  const oneType = (list: readonly unknown[]): boolean =>
    list.every((label) => typeof label === 'string') || list.every((label) => Number.isFinite(label));
  if (!Array.isArray(classes) || classes.length !== fit.amplitude.length || !oneType(classes)) {
    return refuse('its classes are not those of its columns');
  }
  if (new Set(classes).size !== classes.length || classes.length < 2) return refuse('it names a class twice');
  if (coding !== 'centred' && coding !== 'signs') return refuse('its coding is neither centred nor signs');
  if (typeof sharpness !== 'number' || !(sharpness >= 0)) return refuse('its sharpness is no number');
  if (!isRecord(calibration)) return refuse('its calibration is missing');
  return {
    classes: Object.freeze(classes as Label[]),
    coding: coding satisfies ClassCoding,
    sharpness,
    calibration: Object.freeze(calibration) as unknown as ClassCalibration,
  };
}
