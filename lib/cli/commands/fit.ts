import { Command } from 'commander';
import { OutputDirectory, requireFile } from '../../data/atomic-write.js';
import { loadWithSchema } from '../../data/load.js';
import { KernelError } from '../../errors.js';
import { type FitOutcome, fitModel } from '../../fitting/fit.js';
import type { FitReport } from '../../fitting/schema.js';
import { pairOptions } from '../compare-options.js';
import { type FitCommandOptions, fitFiles, fitSettings, withFitOptions } from '../fit-options.js';
import { fitText } from '../fit-text.js';
import { readNetwork } from '../network-file.js';
import { examples } from '../options.js';
import { writeReport } from '../render.js';
import { repeatCommand } from '../repeat-command.js';
import { runRecord } from '../run-record.js';
import { jobOptions, printResult, type Session, tellNotes, withProgress } from '../session.js';
import { checkTestOptions, readTestSet } from '../test-set.js';
import { wrapped } from '../wrap.js';

/** `resgram fit`: a model with honest error bars out of a file. */
export function fitCommand(session: Session): Command {
  const command = new Command('fit').summary('a regression or classification model of your data, with how good it is');
  command
    .description(
      'Fits kernel regression with infinitely wide networks to your data: chooses network, depth and ridge by exact ' +
        'leave-one-out, fits all rows, and says how well rows that were left out are predicted. The model file holds all ' +
        "that 'resgram predict' needs: columns, scaling, labels, network.",
    )
    .argument('<data>', 'a table (CSV, TSV), .npy, .npz or IDX, also gzipped; or a folder of PNG images');
  return withFitOptions(command)
    .addHelpText(
      'after',
      examples([
        ['a table whose column "progression" is to be predicted', 'resgram fit diabetes.csv --target progression'],
        [
          'classes, with a test set and a report',
          'resgram fit train.csv --target label --test test.csv --out label.safetensors --report label-report',
        ],
        [
          'three families of networks at four depths, both kernels',
          'resgram fit train.csv --networks mlp,resnet:0.1,resnet:gamma=0.5 --depths 1,2,5,10 --kernel ntk,nngp',
        ],
      ]),
    )
    .action((data: string, options: FitCommandOptions) => run(session, command, data, options));
}

async function run(session: Session, command: Command, data: string, options: FitCommandOptions): Promise<void> {
  checkTestOptions(options);
  checkOptions(options);
  const network = options.network === undefined ? undefined : await readNetwork(session, options.network);
  await requireFile(options.out, options.force);
  const record = runRecord(session, options);
  const force = options.force === true;
  const folder =
    options.report === undefined
      ? undefined
      : await OutputDirectory.create(options.report, { force, signal: session.signal });
  try {
    const { testLabels: _1, testLimit: _2, ...reading } = pairOptions(session, options);
    const read = await record.time('reading', () => loadWithSchema(data, reading));
    const { data: train, schema } = read;
    const test = await readTestSet(session, options, read);
    tellNotes(session, options, [train, ...(test === undefined ? [] : [test])]);
    const settings = {
      ...fitSettings(options),
      ...(network === undefined ? {} : { network }),
      command: repeatCommand(command, fitFiles),
    };
    const outcome = await record.time('fitting', () =>
      withProgress(session, options, (onProgress) =>
        fitModel(train, schema, settings, jobOptions(session, options, onProgress), test),
      ),
    );
    const { model, report } = outcome;
    try {
      if (folder !== undefined) {
        await record.time('report', () => writeReport(folder, report));
        await folder.write('run.json', record.finish([]));
      }
      await save(session, options, outcome);
      await folder?.commit();
      printResult(session, options, withoutRows(report), wrapped(fitText(report, options), session.stdout));
    } finally {
      model.dispose();
    }
  } finally {
    await folder?.discard();
  }
}

function checkOptions(options: FitCommandOptions): void {
  const needs = (option: string, other: string) => {
    throw new KernelError('ERR_ARGUMENT', `${option}: expected together with ${other}`, { option });
  };
  if (options.folds !== undefined && options.criterion !== 'folds') needs('--folds', '--criterion folds');
  if (options.network === undefined) return;
  const other = (['networks', 'depths', 'convention', 'activation', 'bias'] as const).find(
    (key) => options[key] !== undefined,
  );
  if (other === undefined) return;
  throw new KernelError('ERR_ARGUMENT', `--${other}: --network is one network as it is; leave one of the two out`, {
    option: `--${other}`,
  });
}

async function save(session: Session, options: FitCommandOptions, { model, notes }: FitOutcome): Promise<void> {
  await model.save(options.out, {
    notes,
    factor: options.factor,
    force: options.force === true,
    signal: session.signal,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
}

/** The document on stdout; the predictions of every row are in the report's. */
function withoutRows(report: FitReport): object {
  const { leftOut, test } = report;
  const brief = ({ predictions: _, ...scores }: NonNullable<FitReport['test']>) => scores;
  return { ...report, leftOut: brief(leftOut), test: test === null ? null : brief(test) };
}
