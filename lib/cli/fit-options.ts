import { type Command, Option } from 'commander';
import { defaultFitDepths, defaultFitNetworks, defaultSearchRows, type FitSettings } from '../fitting/plan.js';
import type { KernelName } from '../kernel.js';
import { maxTimes } from '../layer-rules.js';
import { type DataSetOptions, given, withDataOptions } from './compare-options.js';
import { maxHoursOption } from './data-options.js';
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
  oneOf,
  withCommonOptions,
} from './options.js';

/** What the command line of `resgram fit` says, parsed. */
export interface FitCommandOptions extends CommonOptions, DataSetOptions {
  readonly network?: string;
  readonly networks?: string;
  readonly depths?: readonly number[];
  readonly convention?: string;
  readonly activation?: string;
  readonly bias?: number;
  readonly kernel?: readonly KernelName[];
  readonly standardize?: Standardize;
  readonly ridge?: 'auto' | number;
  readonly criterion?: 'leave-one-out' | 'folds' | 'likelihood';
  readonly folds?: number;
  readonly searchRows?: number;
  readonly learningCurve: boolean;
  readonly maxHours?: number;
  readonly out: string;
  readonly report?: string;
  readonly factor: boolean;
  readonly force?: boolean;
}

/** Options whose values are files. */
export const fitFiles: readonly string[] = ['labels', 'test', 'testLabels', 'network'];

export function withFitOptions(command: Command): Command {
  withDataOptions(command.optionsGroup('The data:'));
  withNetworkOptions(command.optionsGroup('The networks:'));
  withChoiceOptions(command.optionsGroup('The fit:'));
  command
    .optionsGroup('The results:')
    .option('--out <file>', 'the model; it must not exist yet', 'model.safetensors')
    .option('--report <dir>', 'a folder for a report: page, Markdown, numbers, figures; it must not exist yet')
    .option('--no-factor', 'a small model file: error bars are slower to begin with, means are the same')
    .option('--force', 'replace the model, and files of the same names in the folder');
  return withCommonOptions(command);
}

function withNetworkOptions(command: Command): Command {
  return command
    .option(
      '--networks <list>',
      'what to try, between commas: mlp, resnet:0.1 (α), resnet:gamma=0.5 (α = L^-0.5), li:0.3 (α = 0.3/L), or JSON ' +
        `presets; default: ${defaultFitNetworks}`,
    )
    .addOption(
      new Option(
        '--depths <list>',
        `hidden layers or residual blocks; default ${defaultFitDepths.join(',')}`,
      ).argParser((text) => listOf('--depths', integer('--depths', 1, maxTimes))(text).toSorted((a, b) => a - b)),
    )
    .option('--network <file>', "one network as it is, as JSON: layers, or a preset; '-' reads it from stdin")
    .addOption(conventionOption())
    .addOption(activationOption())
    .addOption(biasOption())
    .addOption(
      new Option('--kernel <names>', 'ntk (default), nngp, or both to try').argParser(
        listOf('--kernel', oneOf('--kernel', kernelNames)),
      ),
    );
}

function withChoiceOptions(command: Command): Command {
  return command
    .addOption(standardizeOption())
    .addOption(
      new Option(
        '--ridge <ridge>',
        'auto (default: chosen), or a number relative to the mean diagonal (in a program ridges are absolute)',
      ).argParser(keywordOr('auto', decimal('--ridge', "'auto' or a number of at least 0", notNegative))),
    )
    .addOption(
      new Option(
        '--criterion <name>',
        'what chooses network, depth and ridge: leave-one-out (default), folds or likelihood',
      ).argParser(oneOf('--criterion', ['leave-one-out', 'folds', 'likelihood'])),
    )
    .addOption(
      new Option('--folds <k>', 'parts for --criterion folds; default 5').argParser(integer('--folds', 2, 1000)),
    )
    .addOption(
      new Option(
        '--search-rows <n>',
        `rows that choose; a random sample where there are more; default ${defaultSearchRows}`,
      ).argParser(integer('--search-rows', 10, 2 ** 31 - 1)),
    )
    .option('--no-learning-curve', 'leave the learning curve out, which takes most of the time of small fits')
    .addOption(seedOption('samples, folds and splits'))
    .addOption(maxHoursOption());
}

/** What the fit is asked for, but its network. */
export function fitSettings(options: FitCommandOptions): FitSettings {
  const { kernel } = options;
  return {
    ...given(options, [
      'networks',
      'depths',
      'convention',
      'activation',
      'bias',
      'ridge',
      'criterion',
      'folds',
      'seed',
      'searchRows',
      'learningCurve',
      'maxHours',
    ]),
    ...(kernel === undefined ? {} : { kernels: kernel }),
    ...scalingOf(options),
  };
}
