import { Command, Option } from 'commander';
import { OutputDirectory } from '../../data/atomic-write.js';
import { loadPoints, loadPointsPair, type Points } from '../../data/load-points.js';
import { npyChunks } from '../../data/npy.js';
import { info } from '../../info.js';
import {
  hoursOf,
  type ImageOptions,
  type ReadingOptions,
  readingOptions,
  withImageOptions,
  withReadingOptions,
} from '../data-options.js';
import { type KernelOptions, seriesName, withKernelOptions } from '../kernel-options.js';
import { type KernelMatrix, kernelMatrices } from '../kernels.js';
import { readNetworkRequest } from '../network-file.js';
import {
  type CommonOptions,
  examples,
  oneOf,
  precisions,
  requireOptions,
  withCommonOptions,
  withOutput,
} from '../options.js';
import { provenance } from '../provenance.js';
import { jobOptions, printResult, type Session, tellNotes, withProgress } from '../session.js';

interface Options extends CommonOptions, KernelOptions, ReadingOptions, ImageOptions {
  readonly data: string;
  readonly against?: string;
  readonly precision: (typeof precisions)[number];
  readonly out: string;
  readonly force?: boolean;
}

/** `resgram gram`: kernel matrices of a network on data, as .npy files. */
export function gramCommand(session: Session): Command {
  const command = new Command('gram').summary('kernel matrices of a network on data, as .npy files');
  command.description(
    'Computes the Gram matrix of a network over the rows of a file, or the matrix between two files, and writes ' +
      'ntk.npy and nngp.npy (ntk-L5.npy and so on with --depths) and gram.json beside them. A kernel that leaves the ' +
      'range of doubles is written as values · exp(logScale); gram.json holds the logScale of each file.',
  );
  withKernelOptions(command)
    .option(
      '--data <file>',
      'the rows: CSV, TSV, .npy, .npz or IDX, also gzipped, every column a feature; or a folder of PNG images',
    )
    .option('--against <file>', 'a second set of rows: one matrix row per row of --data, one column per row of this')
    .addOption(
      new Option('--precision <name>', 'float64 or float32 (half the memory)')
        .argParser(oneOf('--precision', precisions))
        .default('float64'),
    );
  withOutput(command, 'resgram-gram');
  withImageOptions(withReadingOptions(command.optionsGroup('Reading the data:')));
  return withCommonOptions(command)
    .addHelpText(
      'after',
      examples([
        [
          'both kernels of a network on the rows of a matrix',
          'resgram gram --network net.json --data X.npy --out grams',
        ],
        [
          'the NTK of a ResNet at three depths, test rows against training rows',
          `resgram gram --network '{"preset": "huang", "alpha": 0.1}' --depths 1,2,5 --kernel ntk \\\n` +
            '      --data test.npy --against train.npy --out cross',
        ],
        [
          'a convolutional ResNet on a folder of PNG images',
          `resgram gram --network '{"preset": "barzilai", "depth": 5, "alpha": 0.1, "head": "trace"}' --data images/`,
        ],
      ]),
    )
    .action((options: Options) => run(session, command, options));
}

async function run(session: Session, command: Command, options: Options): Promise<void> {
  requireOptions(command, ['network', 'data']);
  const request = await readNetworkRequest(session, options.network, options.depths);
  const output = await OutputDirectory.create(options.out, { force: options.force === true, signal: session.signal });
  try {
    const [points, against] = await read(session, options);
    tellNotes(session, options, [points, ...(against === undefined ? [] : [against])]);
    const matrices = await withProgress(session, options, (onProgress) =>
      kernelMatrices(request, options.kernel, points, against, {
        ...jobOptions(session, options, onProgress),
        ...hoursOf(options),
        precision: options.precision,
      }),
    );
    for (const matrix of matrices) await output.write(fileName(matrix), npyChunks(matrix));
    const document = {
      schema: 1,
      kind: 'gram',
      version: info().version,
      network: request.network,
      data: pointsSummary(points),
      against: against === undefined ? null : pointsSummary(against),
      precision: options.precision,
      matrices: matrices.map((matrix) => ({
        file: fileName(matrix),
        kernel: matrix.kernel,
        depth: matrix.depth,
        shape: matrix.shape,
        logScale: matrix.logScale,
      })),
      provenance: provenance(command, ['network', 'data', 'against']),
    };
    await output.write('gram.json', `${JSON.stringify(document, null, 2)}\n`);
    await output.commit();
    const written = matrices.map(
      (matrix) => `${options.out}/${fileName(matrix)}  ${matrix.shape.join(' × ')}${scaleNote(matrix)}\n`,
    );
    printResult(session, options, document, written.join(''));
  } finally {
    await output.discard();
  }
}

async function read(session: Session, options: Options): Promise<readonly [Points, Points?]> {
  const reading = readingOptions(session, options);
  return options.against === undefined
    ? [await loadPoints(options.data, reading)]
    : loadPointsPair(options.data, options.against, reading);
}

function fileName({ kernel, depth }: KernelMatrix): string {
  return `${seriesName(kernel, depth)}.npy`;
}

function scaleNote({ logScale }: KernelMatrix): string {
  return logScale === 0 ? '' : `  times exp(${logScale})`;
}

/** What a result says about the rows it comes from. */
export function pointsSummary({ x, image, source, notes }: Points): Record<string, unknown> {
  const [rows, features] = x.shape;
  const { name, bytes, sha256 } = source;
  return { name, bytes, sha256, rows, features, ...(image === undefined ? {} : { image }), notes: notes.messages };
}
