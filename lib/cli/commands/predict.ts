import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { type LikeSamples, loadLike } from '../../data/load-like.js';
import { KernelError } from '../../errors.js';
import { type Predicted, predictRows } from '../../fitting/predict.js';
import { type ModelRecord, readRecord } from '../../fitting/record.js';
import type { Scores } from '../../fitting/schema.js';
import { info } from '../../info.js';
import { loadModel } from '../../load-model.js';
import { given } from '../compare-options.js';
import { type Delimiters, delimiterOf, delimiterOption, hoursOf, maxHoursOption } from '../data-options.js';
import { scoresText } from '../fit-text.js';
import { type CommonOptions, examples, integer, oneOf, withCommonOptions } from '../options.js';
import { prepareOutputFile } from '../output-file.js';
import { printableLine } from '../printable.js';
import { provenance } from '../provenance.js';
import { jobOptions, printResult, type Session, tellNotes, withProgress } from '../session.js';
import { csvTable } from '../table.js';

interface Options extends CommonOptions {
  readonly std?: true | 'observation' | 'function';
  readonly labels?: string;
  readonly score: boolean;
  readonly byName?: boolean;
  readonly limit?: number;
  readonly missing?: 'refuse' | 'drop-rows' | 'mean';
  readonly delimiter?: Delimiters;
  readonly xKey?: string;
  readonly yKey?: string;
  readonly maxBytes?: number;
  readonly maxHours?: number;
  readonly out?: string;
  readonly force?: boolean;
}

/** `resgram predict`: a model of `resgram fit` at work. */
export function predictCommand(session: Session): Command {
  const command = new Command('predict').summary("predictions of a model that 'resgram fit' wrote, for further rows");
  command
    .description(
      "Predicts the rows of a file with a model that 'resgram fit' wrote. The file is read, encoded and scaled as the " +
        'training data were; other columns, other sizes of images and unknown labels are refused. Where it has the target, ' +
        'too, the predictions are scored.',
    )
    .argument('<model>', 'the model file')
    .argument('<data>', 'rows with the columns of the training data; the target may be there or not')
    .optionsGroup('The predictions:')
    .addOption(
      new Option(
        '--std [of]',
        'standard deviations, too: of a new observation (default), noise included, or of the function; regression only',
      ).argParser(oneOf('--std', ['observation', 'function'])),
    )
    .option('--no-score', 'only predict, even where the file has the target')
    .option('--out <file>', 'write them to a .csv file, or with all that is known to .json; default: CSV on stdout')
    .option('--force', 'replace the file when it exists')
    .optionsGroup('Reading the data:')
    .option('--by-name', 'take the columns of a table by their names, whatever their order, and leave others out')
    .option('--labels <file>', 'a file of labels, one per row, to score the predictions with')
    .addOption(
      new Option('--limit <n>', 'at most so many rows, the first in the file').argParser(integer('--limit', 1)),
    )
    .addOption(
      new Option(
        '--missing <how>',
        'missing values: refuse (default), drop-rows or mean (of the column in the training rows)',
      ).argParser(oneOf('--missing', ['refuse', 'drop-rows', 'mean'])),
    )
    .addOption(delimiterOption())
    .option('--x-key <name>', 'the array of samples in an .npz file')
    .option('--y-key <name>', 'the array of targets in an .npz file')
    .addOption(
      new Option(
        '--max-bytes <n>',
        'largest file that is read, before and after decompression; default 2 GiB',
      ).argParser(integer('--max-bytes', 1, 2 ** 32)),
    )
    .addOption(maxHoursOption());
  return withCommonOptions(command)
    .addHelpText(
      'after',
      examples([
        ['predictions as CSV on stdout', 'resgram predict model.safetensors new.csv'],
        ['with error bars, into a file', 'resgram predict model.safetensors new.csv --std --out predictions.csv'],
        ['for a program', 'resgram predict model.safetensors new.csv --json'],
      ]),
    )
    .action((model: string, data: string, options: Options) => run(session, command, model, data, options));
}

async function run(session: Session, command: Command, path: string, data: string, options: Options): Promise<void> {
  const output = await prepareOutputFile(session, options, ['.csv', '.json']);
  const model = await loadModel(path, { signal: session.signal });
  try {
    const record = readRecord(model.notes, basename(path));
    const std = options.std === true ? 'observation' : options.std;
    if (std !== undefined && model.task === 'classify') {
      throw new KernelError(
        'ERR_ARGUMENT',
        '--std: expected a model of numbers, this one is of classes and has probabilities',
        {
          option: '--std',
        },
      );
    }
    const samples = await loadLike(data, record.data, {
      signal: session.signal,
      targets: options.score ? (options.labels === undefined ? 'optional' : 'required') : 'none',
      ...given(options, ['labels', 'byName', 'limit', 'missing', 'xKey', 'yKey', 'maxBytes']),
      ...delimiterOf(options),
    });
    const messages = [...seenBefore(samples, record), ...samples.notes.messages];
    tellNotes(session, options, [{ ...samples, notes: { messages } }]);
    const predicted = await withProgress(session, options, (onProgress) =>
      predictRows(model, record, samples, {
        ...jobOptions(session, options, onProgress),
        ...hoursOf(options),
        ...(std === undefined ? {} : { std }),
      }),
    );
    const document = {
      schema: 1,
      kind: 'predictions',
      version: info().version,
      model: { name: basename(path), task: model.task, target: record.data.target, ...record.provenance },
      data: { name: samples.name, rows: samples.rows.length, sources: samples.sources, notes: messages },
      predictions: predictionsOf(predicted, samples, record),
      scores: predicted.scores === null ? null : withoutRows(predicted.scores),
      provenance: provenance(command, ['labels']),
    };
    const table = asCsv(predicted, samples, record);
    if (output !== undefined) {
      await output.write(output.ending === '.csv' ? table : `${JSON.stringify(document, null, 2)}\n`);
    }
    const summary = summaryText(predicted, samples);
    // The CSV has stdout for itself.
    if (output === undefined && options.json !== true && options.quiet !== true) {
      session.stderr.write(`${printableLine(summary)}\n`);
    }
    printResult(
      session,
      options,
      output === undefined ? document : { ...document, predictions: null },
      output === undefined ? table : `${summary}\nThe predictions: ${options.out}\n`,
    );
  } finally {
    model.dispose();
  }
}

/** Scores of the rows that a model was fitted to look better than any on new rows. */
function seenBefore({ sources, y }: LikeSamples, { provenance }: ModelRecord): readonly string[] {
  const contents = sources[0]?.sha256;
  const fitted = provenance.sources.some((source) => source.role === 'data' && source.sha256 === contents);
  return fitted && y !== undefined
    ? ['the file has the same contents as the training data: scores are those of rows that were fitted']
    : [];
}

/** Columns of equal length; rows are those of the file, counted from 1. */
function predictionsOf({ values, std, probabilities }: Predicted, { rows, y }: LikeSamples, record: ModelRecord) {
  const { classes } = record.data;
  return {
    row: Array.from(rows, (row) => row + 1),
    prediction: values,
    ...(std === undefined ? {} : { std: [...std] }),
    ...(probabilities === undefined
      ? {}
      : {
          classes,
          probabilities: values.map((_, i) => probabilities.map((column) => column[i] as number)),
        }),
    ...(y === undefined ? {} : { actual: Array.from(y, (value) => classes?.[value] ?? value) }),
  };
}

function asCsv({ values, std, probabilities }: Predicted, { rows, y }: LikeSamples, { data }: ModelRecord): string {
  const { classes = [] } = data;
  const header = [
    'row',
    'prediction',
    ...(std === undefined ? [] : ['std']),
    ...(probabilities === undefined ? [] : classes.map((label) => `p(${label})`)),
    ...(y === undefined ? [] : ['actual']),
  ];
  const lines = values.map((value, i) => [
    (rows[i] as number) + 1,
    value,
    ...(std === undefined ? [] : [std[i] as number]),
    ...(probabilities ?? []).map((column) => column[i] as number),
    ...(y === undefined ? [] : [classes[y[i] as number] ?? (y[i] as number)]),
  ]);
  return csvTable(header, lines);
}

function summaryText({ scores }: Predicted, { name, rows }: LikeSamples): string {
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'} of ${name}`;
  return scores === null ? `predicted ${count}` : `predicted ${count}; ${scoresText(scores)}`;
}

function withoutRows({ predictions: _, ...scores }: Scores): object {
  return scores;
}
