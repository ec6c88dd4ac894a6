/** Predictions of a model of `resgram fit` for rows of a file that was read as its data were. */

import type { Classifier } from '../classify.js';
import type { LikeSamples } from '../data/load-like.js';
import type { JobOptions } from '../jobs.js';
import type { Regressor } from '../regress.js';
import { inputsOf } from './encode-rows.js';
import type { ModelRecord } from './record.js';
import type { Scores } from './schema.js';
import { classScores, regressionScores } from './scores.js';

export interface PredictSettings extends JobOptions {
  /** Deviations of 'observation's, noise included, or of the 'function'. Regression only. */
  readonly std?: 'observation' | 'function';
  readonly maxHours?: number;
}

export interface Predicted {
  /** Numbers, or the most probable classes. */
  readonly values: readonly (number | string)[];
  readonly std: Float64Array | undefined;
  /** One column for each class, in the order of `record.data.classes`. */
  readonly probabilities: readonly Float64Array[] | undefined;
  /** Where the rows came with targets. */
  readonly scores: Scores | null;
}

export async function predictRows(
  model: Regressor | Classifier,
  record: ModelRecord,
  samples: LikeSamples,
  { std, ...job }: PredictSettings,
): Promise<Predicted> {
  const { y } = samples;
  const z = inputsOf(model, record, samples);
  const { classes = [] } = record.data;
  if (model.task === 'classify') {
    const prediction = await model.predict(z, job);
    const columns = model.classes.length;
    const at = new Map(model.classes.map((label, column) => [String(label), column]));
    return {
      values: prediction.labels.map(String),
      std: undefined,
      probabilities: classes.map((label) => {
        const column = at.get(label) as number;
        return Float64Array.from(
          prediction.labels,
          (_, row) => prediction.probabilities.data[row * columns + column] as number,
        );
      }),
      scores: y === undefined ? null : classScores(prediction, y, classes, record.provenance.largestClass),
    };
  }
  const noisy = y !== undefined || std === 'observation';
  const observed = noisy ? await model.predict(z, { ...job, std: true, noise: true }) : undefined;
  const plain =
    std === 'function' ? await model.predict(z, { ...job, std: true }) : (observed ?? (await model.predict(z, job)));
  const centre = new Float64Array(samples.x.shape[0]).fill(model.centre[0] as number);
  return {
    values: Array.from(plain.mean.data),
    std: std === undefined ? undefined : plain.std,
    probabilities: undefined,
    scores: y === undefined || observed === undefined ? null : regressionScores(observed, y, centre),
  };
}
