import { Command, Option } from 'commander';
import { OutputDirectory } from '../../data/atomic-write.js';
import { loadWithSchema } from '../../data/load.js';
import { KernelError } from '../../errors.js';
import type { DynamicsReport, Time } from '../../fitting/dynamics-schema.js';
import { type TrainSettings, trainOn } from '../../fitting/train.js';
import type { KernelName } from '../../kernel.js';
import { maxTimes } from '../../layer-rules.js';
import { type DataSetOptions, given, pairOptions, withDataOptions } from '../compare-options.js';
import { hoursOf, maxHoursOption } from '../data-options.js';
import {
  activationOption,
  biasOption,
  conventionOption,
  notNegative,
  positive,
  type Standardize,
  scalingOf,
  seedOption,
  standardizeOption,
} from '../learning-options.js';
import { readNetwork } from '../network-file.js';
import {
  type CommonOptions,
  decimal,
  examples,
  integer,
  kernelNames,
  listOf,
  oneOf,
  refused,
  withCommonOptions,
  withOutput,
} from '../options.js';
import { writeReport } from '../render.js';
import { repeatCommand } from '../repeat-command.js';
import { runRecord } from '../run-record.js';
import { jobOptions, printResult, type Session, tellNotes, withProgress } from '../session.js';
import { alignedTable, csvTable, shortNumber } from '../table.js';
import { checkTestOptions, readTestSet } from '../test-set.js';
import { wrapped } from '../wrap.js';

interface Options extends CommonOptions, DataSetOptions {
  readonly network?: string;
  readonly depth?: number;
  readonly convention?: string;
  readonly activation?: string;
  readonly bias?: number;
  readonly kernel?: KernelName;
  readonly standardize?: Standardize;
  readonly times?: readonly number[];
  readonly method?: 'flow' | 'descent';
  readonly learningRate?: number;
  readonly ridge?: number;
  readonly validation?: number;
  readonly maxHours?: number;
  readonly out: string;
  readonly force?: boolean;
}

const files: readonly string[] = ['labels', 'test', 'testLabels', 'network'];

/** `resgram dynamics`: how an infinitely wide network trains on the data, and when to stop. */
export function dynamicsCommand(session: Session): Command {
  const command = new Command('dynamics').summary(
    'training and validation loss over time, in closed form; when to stop',
  );
  command
    .description(
      'Trains an infinitely wide network on your data in closed form: gradient flow or gradient descent, looked at any time. ' +
        'Writes the losses of training and validation rows, the best time to stop, the largest stable step, and how fast each ' +
        'eigendirection is learnt.',
    )
    .argument('<data>', 'a table (CSV, TSV), .npy, .npz or IDX, also gzipped; or a folder of PNG images');
  withDataOptions(command.optionsGroup('The data:'));
  command
    .addOption(
      new Option(
        '--validation <share>',
        'share of the rows to validate with, where there is no --test; default 0.2',
      ).argParser(decimal('--validation', 'a share above 0 and below 1', (value) => value > 0 && value < 1)),
    )
    .addOption(seedOption('the validation rows'))
    .optionsGroup('The network:')
    .option(
      '--network <net>',
      "mlp (default), resnet:0.1 (α), resnet:gamma=0.5 (α = L^-0.5), li:0.3; or JSON, its file, or '-' for stdin",
    )
    .addOption(
      new Option('--depth <n>', 'hidden layers or residual blocks of a network in words; default 3').argParser(
        integer('--depth', 1, maxTimes),
      ),
    )
    .addOption(conventionOption('huang (default), tirer, jacot or li'))
    .addOption(activationOption())
    .addOption(biasOption())
    .addOption(
      new Option('--kernel <name>', 'ntk (default), or nngp: only the last layer trains').argParser(
        oneOf('--kernel', kernelNames),
      ),
    )
    .optionsGroup('The training:')
    .addOption(
      new Option(
        '--times <list>',
        'times, or numbers of steps, between commas; inf is the limit. Default: from the fastest direction to the slowest',
      ).argParser(listOf('--times', timeParser)),
    )
    .addOption(
      new Option('--method <name>', 'flow (default) or descent').argParser(oneOf('--method', ['flow', 'descent'])),
    )
    .addOption(
      new Option(
        '--learning-rate <rate>',
        'of flow a factor of time, default 1; of descent the step, default half of the stability limit',
      ).argParser(decimal('--learning-rate', 'a number above 0', positive)),
    )
    .addOption(
      new Option(
        '--ridge <ridge>',
        'penalty on the way from the start, relative to the mean diagonal (in a program ridges are absolute); default 0',
      ).argParser(decimal('--ridge', 'a number of at least 0', notNegative)),
    )
    .addOption(standardizeOption())
    .addOption(maxHoursOption());
  withOutput(command.optionsGroup('The results:'), 'resgram-dynamics');
  return withCommonOptions(command)
    .addHelpText(
      'after',
      examples([
        [
          'an MLP of three layers, with a fifth of the rows to validate',
          'resgram dynamics diabetes.csv --target progression',
        ],
        ['a ResNet at some times', 'resgram dynamics train.csv --network resnet:0.1 --depth 10 --times 0,1,10,100,inf'],
        [
          'gradient descent, against a test set',
          'resgram dynamics train.csv --test test.csv --method descent --times 1,10,100,1000',
        ],
      ]),
    )
    .action((data: string, options: Options) => run(session, command, data, options));
}

function timeParser(text: string): number {
  if (/^inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  const time = decimal('--times')(text);
  if (time >= 0) return time;
  throw refused('--times', 'times from 0 on, or inf', text);
}

async function run(session: Session, command: Command, data: string, options: Options): Promise<void> {
  checkTestOptions(options);
  if (options.test !== undefined && options.validation !== undefined) {
    throw new KernelError('ERR_ARGUMENT', '--validation: the rows of --test validate; leave one of the two out', {
      option: '--validation',
    });
  }
  const fraction = options.method === 'descent' ? options.times?.find((time) => time % 1 > 0) : undefined;
  if (fraction !== undefined) throw refused('--times', 'whole numbers of steps, with --method descent', `${fraction}`);
  const settings = await settingsOf(session, options);
  const record = runRecord(session, options);
  const output = await OutputDirectory.create(options.out, { force: options.force === true, signal: session.signal });
  try {
    const { testLabels: _1, testLimit: _2, ...reading } = pairOptions(session, options);
    const read = await record.time('reading', () => loadWithSchema(data, reading));
    const test = await readTestSet(session, options, read);
    tellNotes(session, options, [read.data, ...(test === undefined ? [] : [test])]);
    const report = await record.time('training', () =>
      withProgress(session, options, (onProgress) =>
        trainOn(
          read.data,
          { ...settings, command: repeatCommand(command, files) },
          jobOptions(session, options, onProgress),
          test,
        ),
      ),
    );
    await record.time('report', () => writeReport(output, report));
    await output.write('losses.csv', lossesCsv(report));
    await output.write('modes.csv', modesCsv(report));
    await output.write('run.json', record.finish([]));
    await output.commit();
    printResult(session, options, report, wrapped(asText(report, options), session.stdout));
  } finally {
    await output.discard();
  }
}

/** Words name a preset whose depth is open; everything else is a network as it is. */
async function settingsOf(session: Session, options: Options): Promise<TrainSettings> {
  const { network, validation, kernel } = options;
  const shared = {
    ...given(options, ['times', 'method', 'learningRate', 'ridge', 'seed']),
    ...hoursOf(options),
    ...(kernel === undefined ? {} : { kernel }),
    ...(validation === undefined ? {} : { validationShare: validation }),
    ...scalingOf(options),
  };
  if (network === undefined || /^(mlp|resnet|huang|belfer|tirer|li)([:,]|$)/.test(network)) {
    return {
      ...shared,
      ...given(options, ['depth', 'convention', 'activation', 'bias']),
      ...(network === undefined ? {} : { words: network }),
    };
  }
  const other = (['depth', 'convention', 'activation', 'bias'] as const).find((key) => options[key] !== undefined);
  if (other !== undefined) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `--${other}: the network is given as it is; say it there, or name it in words`,
      {
        option: `--${other}`,
      },
    );
  }
  return { ...shared, network: await readNetwork(session, network) };
}

function stopText(best: DynamicsReport['earlyStopping'], unit: 'time' | 'steps'): string {
  if (best === null) return 'Training diverges: the learning rate is beyond the stability limit';
  const [loss, start, end] = [best.loss, best.lossAtStart, best.lossAtEnd].map(shortNumber);
  if (best.time === 'Infinity') return `Train to the end: the validation loss falls from ${start} to ${end}`;
  if (best.time === 0) return `Do not train: the validation loss is least at the start, ${start} (${end} in the end)`;
  const time = shortNumber(best.time);
  const when = unit === 'steps' ? `after ${time} ${best.time === 1 ? 'step' : 'steps'}` : `at time ${time}`;
  return `Stop ${when}: validation loss ${loss} (${start} at the start, ${end} in the end)`;
}

function lossesCsv({ moments }: DynamicsReport): string {
  return csvTable(
    ['time', 'training loss', 'validation loss', 'validation error'],
    moments.map(({ time, trainLoss, validationLoss, validationError }) => [
      time,
      trainLoss,
      validationLoss,
      validationError,
    ]),
  );
}

function modesCsv({ modes }: DynamicsReport): string {
  return csvTable(
    ['direction', 'eigenvalue', 'rate', 'share of targets'],
    modes.map(({ eigenvalue, rate, share }, k) => [k + 1, eigenvalue, rate, share]),
  );
}

const shownTimes = 12;

function asText(report: DynamicsReport, { out }: Options): string {
  const { moments, earlyStopping, protocol, stabilityLimit, rank } = report;
  const unit = protocol.method === 'flow' ? 'time' : 'steps';
  const text = (time: Time) => (time === 'Infinity' ? '∞' : shortNumber(time));
  const stride = Math.max(1, Math.ceil(moments.length / shownTimes));
  const rows = moments.filter((_, i) => i % stride === 0 || i === moments.length - 1);
  const error = (value: number) =>
    protocol.metric === 'error rate' ? `${(100 * value).toFixed(1)} %` : shortNumber(value);
  const table = alignedTable(
    [
      unit,
      'training loss',
      'validation loss',
      protocol.metric === 'error rate' ? 'validation error rate' : 'validation RMSE',
    ],
    rows.map((row) => [
      text(row.time),
      shortNumber(row.trainLoss),
      shortNumber(row.validationLoss),
      error(row.validationError),
    ]),
  );
  return (
    `\n${protocol.label}: ${protocol.trainRows} training rows, ${protocol.validationRows} to validate\n\n${table}\n` +
    `${stopText(earlyStopping, unit)}\n` +
    `Gradient descent converges for learning rates below ${text(stabilityLimit)}; ${rank} of ${protocol.trainRows} directions train\n` +
    `\nThe report: ${out}/report.html\n`
  );
}
