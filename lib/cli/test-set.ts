import type { Dataset } from '../data/dataset.js';
import { type LikeSamples, loadLike } from '../data/load-like.js';
import type { DataSchema } from '../data/schema.js';
import { KernelError } from '../errors.js';
import { type DataSetOptions, given, pairOptions } from './compare-options.js';
import type { Session } from './session.js';

/** Refuses options of a test set where there is none; before any work. */
export function checkTestOptions({ test, testLabels, testLimit }: DataSetOptions): void {
  if (test !== undefined || (testLabels === undefined && testLimit === undefined)) return;
  const option = testLabels === undefined ? '--test-limit' : '--test-labels';
  throw new KernelError('ERR_ARGUMENT', `${option}: expected together with --test, the file of the test set`, {
    option,
  });
}

/** The rows of --test, read as the training data were. */
export async function readTestSet(
  session: Session,
  options: DataSetOptions,
  { data: train, schema }: { readonly data: Dataset; readonly schema: DataSchema },
): Promise<LikeSamples | undefined> {
  if (options.test === undefined) return undefined;
  const { delimiter, missing, xKey, yKey, maxBytes } = pairOptions(session, options);
  const test = await loadLike(options.test, schema, {
    signal: session.signal,
    targets: 'required',
    ...given({ delimiter, missing, xKey, yKey, maxBytes }, ['delimiter', 'missing', 'xKey', 'yKey', 'maxBytes']),
    ...(options.testLabels === undefined ? {} : { labels: options.testLabels }),
    ...(options.testLimit === undefined ? {} : { limit: options.testLimit }),
  });
  if (test.sources[0]?.sha256 !== train.sources[0]?.sha256) return test;
  const message = `the test file has the same contents as the training file ${train.name}: it measures nothing`;
  return { ...test, notes: { messages: [message, ...test.notes.messages] } };
}
