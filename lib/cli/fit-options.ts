import { type Command, Option } from 'commander';
import { conventionNames } from '../compare/network-list.js';
import { defaultFitDepths, defaultFitNetworks, defaultSearchRows, type FitSettings } from '../fitting/plan.js';
import type { KernelName } from '../kernel.js';
import { maxTimes } from '../layer-rules.js';
import { type DataSetOptions, given, plainActivations, withDataOptions } from './compare-options.js';
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
  readonly standardize?: 'none' | 'columns' | 'sphere' | 'auto';
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

const notNegative = (value: number) => value >= 0;

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
    .addOption(
      new Option(
        '--convention <name>',
        'whose constants and trained layers: huang (default), tirer, jacot (MLPs only) or li (one-matrix ResNets)',
      ).argParser(oneOf('--convention', conventionNames)),
    )
    .addOption(
      new Option('--activation <name>', `${plainActivations.join(', ')}; default relu, with li gelu`).argParser(
        oneOf('--activation', plainActivations),
      ),
    )
    .addOption(
      new Option(
        '--bias <variance>',
        'variance of a trained bias; default 1 for tables, 0 (none) for images',
      ).argParser(decimal('--bias', 'a variance, at least 0', notNegative)),
    )
    .addOption(
      new Option('--kernel <names>', 'ntk (default), nngp, or both to try').argParser(
        listOf('--kernel', oneOf('--kernel', kernelNames)),
      ),
    );
}

function withChoiceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--standardize <how>',
        'columns (on the training rows), sphere, none or auto (default: columns for tables, sphere for images)',
      ).argParser(oneOf('--standardize', ['auto', 'columns', 'sphere', 'none'])),
    )
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
    .addOption(new Option('--seed <n>', 'of samples, folds and splits; default 0').argParser(integer('--seed', 0)))
    .addOption(
      new Option(
        '--max-hours <n>',
        'kernels on images that would take longer are refused before work starts; default 24',
      ).argParser(decimal('--max-hours', 'a number of hours above 0', (hours) => hours > 0)),
    );
}

/** What the fit is asked for, but its network. */
export function fitSettings(options: FitCommandOptions): FitSettings {
  const { standardize, kernel } = options;
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
    ...(standardize === undefined || standardize === 'auto' ? {} : { scaling: standardize }),
  };
}
