/** Classification by kernel ridge regression on coded labels. */

import { calibrated } from './classification/classifier.js';
import { classesOf, encoded, indicesOf, type Labels, readLabels } from './classification/labels.js';
import type { Classifier, ClassifyOptions } from './classification/types.js';
import type { Kernel } from './compile.js';
import { background, type Task, threadsOf } from './jobs.js';
import { oneOf, readOptions } from './options.js';
import { fitSteps, regressConstraints } from './regress.js';
import type { Samples } from './tensor.js';

export type { ClassCoding, Label, Labels } from './classification/labels.js';
export type { ClassCalibration, ReliabilityBin } from './classification/reliability.js';
export type { Classification, Classifier, ClassifyOptions } from './classification/types.js';

const { amplitude: _, ...shared } = regressConstraints;
const constraints = { ...shared, coding: oneOf('centred', 'signs') };

/**
 * Fits one column of coded labels per class over the rows of x. Probabilities are a softmax of the scores with a sharpness
 * fitted to exact leave-one-out scores; how well they are calibrated comes with the result. [class-coding; sharpness]
 */
export function classify(kernel: Kernel, x: Samples, labels: Labels, options?: ClassifyOptions): Promise<Classifier> {
  return background(classify, () => classifyTask(kernel, x, labels, options));
}

export function classifyTask(kernel: Kernel, x: Samples, labels: Labels, options?: ClassifyOptions): Task<Classifier> {
  const { coding = 'centred', ...settings } = readOptions('options', options, constraints);
  const read = readLabels(labels);
  const classes = classesOf(read);
  const values = {
    data: encoded(indicesOf(read, classes), classes.length, coding),
    shape: [read.length, classes.length],
  };
  const steps = fitSteps(kernel, x, { what: 'labels', values }, settings);
  const threads = threadsOf(settings);
  return {
    settings,
    steps: (function* () {
      return yield* calibrated(yield* steps, { classes, coding }, threads);
    })(),
  };
}
