import { type Command, Option } from 'commander';
import type { CompareOptions } from '../compare/options.js';
import type { PairOptions } from '../data/dataset.js';
import { maxTimes } from '../layer-rules.js';
import { type ReadingOptions, readingOptions, withReadingOptions } from './data-options.js';
import {
  activationOption,
  biasOption,
  conventionOption,
  notNegative,
  type Standardize,
  scalingOf,
  seedOption,
  standardizeOption,
} from './learning-options.js';
import {
  type CommonOptions,
  decimal,
  integer,
  kernelNames,
  keywordOr,
  listOf,
  names,
  oneOf,
  precisions,
  withCommonOptions,
  withOutput,
} from './options.js';
import type { Session } from './session.js';

/** Which data set, and what of it is predicted; the same for every command that learns from data. */
export interface DataSetOptions extends ReadingOptions {
  readonly target?: string;
  readonly labels?: string;
  readonly classes?: readonly string[];
  readonly order?: 'file' | 'random';
  readonly test?: string;
  readonly testLabels?: string;
  readonly testLimit?: number;
  readonly task?: 'auto' | 'classify' | 'regress';
  readonly yKey?: string;
  readonly licence?: string;
  readonly seed?: number;
}

/** What the command line of `resgram compare` says, parsed. */
export interface ComparisonOptions extends CommonOptions, DataSetOptions {
  readonly networks?: string;
  readonly depths?: readonly number[];
  readonly convention?: string;
  readonly activation?: string;
  readonly bias?: number;
  readonly kernel?: (typeof kernelNames)[number];
  readonly standardize?: Standardize;
  readonly ridge?: 'loo' | number;
  readonly splits?: number;
  readonly trainRows?: number;
  readonly allRows?: number;
  readonly precision?: (typeof precisions)[number];
  readonly matrices?: boolean;
  readonly out: string;
  readonly force?: boolean;
}

/** Options whose values are files. */
export const comparisonFiles: readonly string[] = ['labels', 'test', 'testLabels'];

export function withComparisonOptions(command: Command): Command {
  withNetworkOptions(withDataOptions(command.optionsGroup('The data:')).optionsGroup('The networks:'));
  withProtocolOptions(command.optionsGroup('The comparison:'));
  withOutput(command.optionsGroup('The results:'), 'resgram-report').option(
    '--matrices',
    'write the Gram matrix of every network and depth as .npy, too',
  );
  return withCommonOptions(command);
}

/** What is to be predicted, and on which rows; as the readers of data sets take it. */
export function withDataOptions(command: Command): Command {
  command
    .option('--target <column>', 'the column to predict: a name, or a number from 1; default: the last column')
    .option('--labels <file>', 'a file of labels, one per row of DATA, instead of a column')
    .addOption(
      new Option('--classes <labels>', 'keep these classes only, between commas: --classes 3,8').argParser(
        names('--classes'),
      ),
    )
    .option('--test <file>', 'a separate test set with the same columns')
    .option('--test-labels <file>', 'the labels of the test set, where those of DATA are in a file')
    .addOption(new Option('--test-limit <n>', 'at most so many test rows').argParser(integer('--test-limit', 1)))
    .addOption(
      new Option('--task <task>', 'auto (default), classify or regress').argParser(
        oneOf('--task', ['auto', 'classify', 'regress']),
      ),
    )
    .addOption(
      new Option('--order <order>', 'rows are taken in file order (default) or in random order, with --seed').argParser(
        oneOf('--order', ['file', 'random']),
      ),
    );
  return withReadingOptions(command)
    .option('--y-key <name>', 'the array of targets in an .npz file')
    .option('--licence <text>', 'licence line of the data, quoted in the report');
}

function withNetworkOptions(command: Command): Command {
  return command
    .option(
      '--networks <list>',
      'what to compare, between commas: mlp, resnet:0.1 (α), resnet:gamma=0.5 (α = L^-0.5), li:0.3 (α = 0.3/L), or ' +
        'JSON presets; ' +
        'default: mlp,resnet:gamma=1,resnet:gamma=0.5,resnet:0.1,resnet:1',
    )
    .addOption(
      new Option('--depths <list>', 'hidden layers or residual blocks; default 1,2,3,5,10,20,50').argParser((text) =>
        listOf('--depths', integer('--depths', 1, maxTimes))(text).toSorted((a, b) => a - b),
      ),
    )
    .addOption(conventionOption())
    .addOption(activationOption())
    .addOption(biasOption())
    .addOption(new Option('--kernel <name>', 'ntk (default) or nngp').argParser(oneOf('--kernel', kernelNames)));
}

function withProtocolOptions(command: Command): Command {
  return command
    .addOption(standardizeOption())
    .addOption(
      new Option(
        '--ridge <ridge>',
        'loo (default: by leave-one-out), or a number relative to the mean diagonal (in a program ridges are absolute)',
      ).argParser(keywordOr('loo', decimal('--ridge', "'loo' or a number of at least 0", notNegative))),
    )
    .addOption(
      new Option('--splits <n>', 'random splits into training and test rows; default 10').argParser(
        integer('--splits', 2, 1000),
      ),
    )
    .addOption(
      new Option(
        '--train-rows <n>',
        'training rows of a split; default four fifths of the rows, at most 1000',
      ).argParser(integer('--train-rows', 2, 2 ** 31 - 1)),
    )
    .addOption(
      new Option(
        '--all-rows <n>',
        'rows for spectra, smoothness and the depth to use; a random sample where there are more; default 2000',
      ).argParser(integer('--all-rows', 10, 2 ** 31 - 1)),
    )
    .addOption(seedOption('the splits and the sample'))
    .addOption(
      new Option('--precision <name>', 'of the Gram matrices: float64 (default) or float32').argParser(
        oneOf('--precision', precisions),
      ),
    );
}

/** What the reader of data is asked for. */
export function pairOptions(session: Session, options: DataSetOptions): PairOptions {
  return {
    ...readingOptions(session, options),
    ...given(options, [
      'target',
      'labels',
      'classes',
      'order',
      'task',
      'yKey',
      'licence',
      'seed',
      'testLabels',
      'testLimit',
    ]),
  };
}

/** What the comparison is asked for. */
export function comparisonOptions(options: ComparisonOptions): CompareOptions {
  return {
    ...given(options, [
      'networks',
      'depths',
      'convention',
      'activation',
      'bias',
      'kernel',
      'ridge',
      'splits',
      'trainRows',
      'allRows',
      'seed',
      'precision',
    ]),
    ...scalingOf(options),
  };
}

/** The options that were given, and no key for those that were not. */
export function given<T extends object, Key extends keyof T>(
  options: T,
  keys: readonly Key[],
): { [K in Key]?: Exclude<T[K], undefined> } {
  const entries = keys.map((key) => [key, options[key]] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in Key]?: Exclude<T[K], undefined> };
}
