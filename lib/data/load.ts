import { basename } from 'node:path';
import { KernelError } from '../errors.js';
import { assemble, type RawSamples } from './assemble.js';
import type { Dataset, DatasetPair, LoadOptions, PairOptions } from './dataset.js';
import { sizeWords } from './features.js';
import { sourceOf } from './files.js';
import { formatOf } from './format.js';
import { checkOptions, checkPath, maxBytesOf } from './options.js';
import { readSource } from './png-folder.js';
import { readArraySamples } from './read-arrays.js';
import { findLabelsFile, readLabels } from './read-labels.js';
import { readTableSamples, type TableSchema } from './read-table.js';
import { type DataSchema, schemaOf } from './schema.js';

/**
 * Reads samples and targets from CSV or TSV, .npy, .npz or IDX, each also gzipped; the format is told by the contents.
 * Or from a folder of PNG images, whose subfolders are the classes.
 *
 * Everything is checked before it returns: numbers are finite, rows and labels match, classes are at least two. The
 * choices made on the way are listed in `notes.messages`. Throws ERR_IO for a file that cannot be read, ERR_DATA for
 * contents that are refused (with file, line and column), ERR_NOT_FINITE, ERR_SHAPE, and ERR_ARGUMENT for options.
 */
export async function loadDataset(path: string, options: LoadOptions = {}): Promise<Dataset> {
  checkPath('path', path);
  checkOptions(options, 'single');
  return withinMemory(path, async () => {
    const { raw } = await readSamples(path, options, 'data');
    return assemble(raw, options);
  });
}

/** The same with what later files must share with this one. */
export async function loadWithSchema(
  path: string,
  options: LoadOptions = {},
): Promise<{ readonly data: Dataset; readonly schema: DataSchema }> {
  checkPath('path', path);
  checkOptions(options, 'single');
  return withinMemory(path, async () => {
    const { raw, schema } = await readSamples(path, options, 'data');
    const data = await assemble(raw, options);
    return { data, schema: schemaOf(raw, data, schema) };
  });
}

/**
 * Reads a training file and a test file with the same columns, task and classes. Everything that is learnt from data
 * (levels of text columns, classes, means for missing values) is learnt from the training file.
 */
export async function loadPair(trainPath: string, testPath: string, options: PairOptions = {}): Promise<DatasetPair> {
  checkPath('trainPath', trainPath);
  checkPath('testPath', testPath);
  checkOptions(options, 'pair');
  return withinMemory(trainPath, () => readPair(trainPath, testPath, options));
}

async function readPair(trainPath: string, testPath: string, options: PairOptions): Promise<DatasetPair> {
  const { testLabels, testLimit, ...trainOptions } = options;
  const { raw, schema } = await readSamples(trainPath, trainOptions, 'data');
  const train = await assemble(raw, trainOptions);
  const { labels: _, limit: __, perClassLimit: ___, ...shared } = trainOptions;
  const testOptions: LoadOptions = {
    ...shared,
    ...(testLabels === undefined ? {} : { labels: testLabels }),
    ...(testLimit === undefined ? {} : { limit: testLimit }),
  };
  const read = await readSamples(testPath, testOptions, 'test', schema);
  checkSameFeatures(read.raw, train);
  const test = await assemble(read.raw, testOptions, train);
  return { train, test: withWarning(test, train) };
}

/** The engine reports an array that it cannot have as a RangeError. */
export async function withinMemory<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new KernelError(
      'ERR_OUT_OF_MEMORY',
      `${basename(path)} does not fit in memory; take fewer rows or columns, or a smaller file`,
      { file: basename(path) },
      { cause },
    );
  }
}

interface Read {
  readonly raw: RawSamples;
  /** How the columns of a table were read; undefined for arrays. */
  readonly schema: TableSchema | undefined;
}

async function readSamples(
  path: string,
  options: LoadOptions,
  role: 'data' | 'test',
  schema?: TableSchema,
): Promise<Read> {
  const { signal } = options;
  const file = await readSource(path, maxBytesOf(options), signal);
  const format = file.folder === undefined ? formatOf(file.content, file.name) : 'folder';
  const labelsPath = options.labels ?? (format === 'idx' ? await findLabelsFile(path) : undefined);
  const sources = [sourceOf(file, role, options.licence)];
  const labels = async (samples: number) => {
    if (labelsPath === undefined) return undefined;
    const read = await readLabels(labelsPath, samples, options);
    sources.push(sourceOf(read.file, role === 'data' ? 'labels' : 'test-labels', options.licence));
    return read.target;
  };
  if (format !== 'table') {
    const samples = await readArraySamples(file, format, options, labels);
    return { raw: { ...samples, sources }, schema: undefined };
  }
  const { schema: own, ...samples } = await readTableSamples(file, options, labels, schema);
  return { raw: { ...samples, sources }, schema: own };
}

function checkSameFeatures({ features }: RawSamples, train: Dataset): void {
  const [expected, got] = [train.features, features.names];
  if (train.kind === features.kind && expected.length === got.length && expected.every((name, j) => name === got[j])) {
    return;
  }
  const size = (image: Dataset['image'], d: number) => sizeWords(image, `${d} features`);
  throw new KernelError(
    'ERR_SHAPE',
    `${features.file} has ${size(features.image, got.length)}, the training data ${train.name} has ` +
      `${size(train.image, expected.length)}; both must have the same`,
    { expected: expected.length, got: got.length },
  );
}

/** A test set that is the training set measures nothing; that is worth a sentence, not a refusal. */
function withWarning(test: Dataset, train: Dataset): Dataset {
  if (test.sources[0]?.sha256 !== train.sources[0]?.sha256) return test;
  const message = `the test file has the same contents as the training file ${basename(train.name)}`;
  return { ...test, notes: { ...test.notes, messages: [message, ...test.notes.messages] } };
}
