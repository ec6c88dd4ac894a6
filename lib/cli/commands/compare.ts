import { Command } from 'commander';
import { compare } from '../../compare/compare.js';
import type { CompareOutcome } from '../../compare/options.js';
import { OutputDirectory } from '../../data/atomic-write.js';
import type { Dataset } from '../../data/dataset.js';
import { loadDataset, loadPair } from '../../data/load.js';
import { npyChunks } from '../../data/npy.js';
import type { Gram, KernelName } from '../../kernel.js';
import {
  type ComparisonOptions,
  comparisonFiles,
  comparisonOptions,
  pairOptions,
  withComparisonOptions,
} from '../compare-options.js';
import { examples } from '../options.js';
import { writeReport } from '../render.js';
import { repeatCommand } from '../repeat-command.js';
import { runRecord } from '../run-record.js';
import { jobOptions, printResult, type Session, tellNotes, withProgress } from '../session.js';
import { checkTestOptions } from '../test-set.js';
import { wrapped } from '../wrap.js';

/** `resgram compare`: the main job. */
export function compareCommand(session: Session): Command {
  const command = new Command('compare').summary(
    'which network suits the data: MLP or ResNet, how deep, which α, how smooth',
  );
  command
    .description(
      'Compares infinitely wide MLPs and ResNets on your data: Gram matrices, spectra, smoothness, and cross-validated ' +
        'test error for each network and depth. Writes a report (report.html), its numbers (report.json), the splits ' +
        '(splits.json), timings (run.json) and figures (SVG and PNG).',
    )
    .argument('<data>', 'a table (CSV, TSV), .npy, .npz or IDX, also gzipped; or a folder of PNG images');
  return withComparisonOptions(command)
    .addHelpText(
      'after',
      examples([
        ['a table whose column "cultivar" is to be predicted', 'resgram compare examples/wine.csv --target cultivar'],
        [
          'two digits of MNIST, 500 images',
          'resgram compare train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz --classes 3,8 --limit 500',
        ],
        [
          'an MLP and two ResNets at three depths, with a test set',
          'resgram compare train.csv --test test.csv --networks mlp,resnet:0.1,resnet:gamma=0.5 --depths 1,5,20 --out runs/1',
        ],
      ]),
    )
    .action((data: string, options: ComparisonOptions) => run(session, command, data, options));
}

async function run(session: Session, command: Command, data: string, options: ComparisonOptions): Promise<void> {
  checkTestOptions(options);
  const record = runRecord(session, options);
  const output = await OutputDirectory.create(options.out, { force: options.force === true, signal: session.signal });
  try {
    const { train, test } = await record.time('reading', () => read(session, data, options));
    tellNotes(session, options, [train, ...(test === undefined ? [] : [test])]);
    const matrices: MatrixEntry[] = [];
    const outcome = await withProgress(session, options, (onProgress) =>
      compare(
        train,
        {
          ...comparisonOptions(options),
          ...(test === undefined ? {} : { holdout: test }),
          command: repeatCommand(command, comparisonFiles),
        },
        {
          ...jobOptions(session, options, onProgress),
          ...(options.matrices !== true
            ? {}
            : {
                onGram: async (id, depth, gram) => {
                  const entry = matrixEntry(id, depth, gram);
                  await output.write(`matrices/${entry.file}`, npyChunks({ data: gram.values, shape: entry.shape }));
                  matrices.push(entry);
                },
              }),
        },
      ),
    );
    await record.time('report', () => write(output, outcome));
    if (matrices.length > 0) {
      const document = { schema: 1, kind: 'matrices', version: outcome.report.version, matrices };
      await output.write('matrices/matrices.json', `${JSON.stringify(document, null, 2)}\n`);
    }
    await output.write('run.json', record.finish(outcome.timings));
    await output.commit();
    printResult(session, options, outcome.report, wrapped(asText(outcome, options), session.stdout));
  } finally {
    await output.discard();
  }
}

/** What a Gram matrix file holds: the kernel is values · exp(logScale). */
interface MatrixEntry {
  readonly file: string;
  readonly kernel: KernelName;
  readonly network: string;
  readonly depth: number;
  readonly shape: readonly [number, number];
  readonly dtype: 'float64' | 'float32';
  readonly logScale: number;
}

function matrixEntry(network: string, depth: number, { values, size, kernel, logScale }: Gram): MatrixEntry {
  return {
    file: `${network}-L${depth}-${kernel}.npy`,
    kernel,
    network,
    depth,
    shape: [size, size],
    dtype: values instanceof Float64Array ? 'float64' : 'float32',
    logScale,
  };
}

async function read(
  session: Session,
  data: string,
  options: ComparisonOptions,
): Promise<{ train: Dataset; test?: Dataset }> {
  const settings = pairOptions(session, options);
  return options.test === undefined
    ? { train: await loadDataset(data, settings) }
    : loadPair(data, options.test, settings);
}

async function write(output: OutputDirectory, { report, splits }: CompareOutcome): Promise<void> {
  await writeReport(output, report);
  await output.write('splits.json', `${JSON.stringify(splits)}\n`);
}

function asText({ report: { verdict } }: CompareOutcome, { out }: ComparisonOptions): string {
  const answers = verdict.answers.map(({ question, answer }) => `${question}\n  ${answer}\n`).join('');
  const caveats = verdict.caveats.map((caveat) => `  - ${caveat}\n`).join('');
  return (
    `\n${verdict.headline}\n\n${answers}` +
    (caveats === '' ? '' : `\nKeep in mind:\n${caveats}`) +
    `\nThe report: ${out}/report.html\n`
  );
}
