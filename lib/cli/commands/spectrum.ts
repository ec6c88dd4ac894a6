import { Command, Option } from 'commander';
import { loadPoints, type Points } from '../../data/load-points.js';
import { npyChunks } from '../../data/npy.js';
import { KernelError } from '../../errors.js';
import { type ConditionNumber, conditionNumber } from '../../extremes.js';
import { info } from '../../info.js';
import { roundingFloor } from '../../smoothness/decay.js';
import { spectrum } from '../../spectrum.js';
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
import { type CommonOptions, examples, integer, requireOptions, withCommonOptions } from '../options.js';
import { prepareOutputFile } from '../output-file.js';
import { provenance } from '../provenance.js';
import { jobOptions, printResult, type Session, tellNotes, withProgress } from '../session.js';
import { alignedTable, csvTable, shortNumber } from '../table.js';
import { pointsSummary } from './gram.js';

interface Options extends CommonOptions, KernelOptions, ReadingOptions, ImageOptions {
  readonly data: string;
  readonly top?: number;
  readonly condition?: boolean;
  readonly out?: string;
  readonly force?: boolean;
}

/** Eigenvalues of one kernel at one depth. */
interface Series {
  readonly name: string;
  readonly kernel: KernelMatrix['kernel'];
  readonly depth: number | null;
  /** Descending, of the matrix divided by exp(logScale); none where only the condition number was asked for. */
  readonly eigenvalues: readonly number[];
  /** λ_max / λ_min; null where λ_min cannot be told from 0, or where only the largest were asked for. */
  readonly conditionNumber: number | null;
  /** With --condition: both ends of the spectrum with their errors. */
  readonly extremes: Omit<ConditionNumber, 'value' | 'logScale'> | null;
  /** null where no eigenvalues were asked for. */
  readonly residual: number | null;
  readonly logScale: number;
}

const shownRanks = 20;

/** `resgram spectrum`: eigenvalues and condition number of Gram matrices. */
export function spectrumCommand(session: Session): Command {
  const command = new Command('spectrum').summary('eigenvalues and condition number of a Gram matrix');
  command.description(
    'Computes the eigenvalues of the Gram matrix of a network over the rows of a file, largest first, with the ' +
      'condition number and the residual of the decomposition.',
  );
  withKernelOptions(command)
    .option(
      '--data <file>',
      'the rows: CSV, TSV, .npy, .npz or IDX, also gzipped, every column a feature; or a folder of PNG images',
    )
    .addOption(new Option('--top <k>', 'only the k largest eigenvalues').argParser(integer('--top', 1)))
    .option(
      '--condition',
      'the condition number from the two ends of the spectrum alone, at a quarter of the time; with --top, besides these',
    )
    .option('--out <file>', 'write all eigenvalues to a .csv or .npy file; it must not exist yet')
    .option('--force', 'replace the file when it exists');
  withImageOptions(withReadingOptions(command.optionsGroup('Reading the data:')));
  return withCommonOptions(command)
    .addHelpText(
      'after',
      examples([
        [
          'how the condition number changes with depth',
          'resgram spectrum --network mlp.json --data X.csv --kernel ntk --depths 1,5,20',
        ],
        [
          'the condition number of a large matrix',
          'resgram spectrum --network net.json --data X.npy --kernel ntk --condition',
        ],
        [
          'the ten largest eigenvalues, for a program',
          'resgram spectrum --network net.json --data X.npy --top 10 --json',
        ],
      ]),
    )
    .action((options: Options) => run(session, command, options));
}

async function run(session: Session, command: Command, options: Options): Promise<void> {
  requireOptions(command, ['network', 'data']);
  if (options.condition === true && options.top === undefined && options.out !== undefined) {
    throw new KernelError(
      'ERR_ARGUMENT',
      '--out: --condition has no eigenvalues to write; add --top, or leave it out',
      {
        option: '--out',
      },
    );
  }
  const request = await readNetworkRequest(session, options.network, options.depths);
  const output = await prepareOutputFile(session, options, ['.csv', '.npy']);
  const points = await loadPoints(options.data, readingOptions(session, options));
  const [rows] = points.x.shape;
  if (options.top !== undefined && options.top > rows) {
    throw new KernelError('ERR_ARGUMENT', `--top: expected at most ${rows}, the number of rows, got ${options.top}`, {
      option: '--top',
      rows,
    });
  }
  tellNotes(session, options, [points]);
  const series = await withProgress(session, options, async (onProgress) => {
    const job = jobOptions(session, options, onProgress);
    const matrices = await kernelMatrices(request, options.kernel, points, undefined, { ...job, ...hoursOf(options) });
    const { onProgress: _onProgress, ...silent } = job;
    const all: Series[] = [];
    for (const [i, matrix] of matrices.entries()) {
      // A decomposition tells nothing before its end.
      onProgress({ phase: `spectrum of ${seriesName(matrix.kernel, matrix.depth)}`, done: i, total: matrices.length });
      const gram = { kernel: matrix.kernel, size: rows, values: matrix.data, logScale: matrix.logScale };
      const ends = options.condition === true ? await conditionNumber(gram, silent) : undefined;
      const { top, condition } = options;
      const found =
        condition === true && top === undefined
          ? undefined
          : await spectrum(gram, { ...silent, ...(top === undefined ? {} : { top }) });
      all.push({
        name: seriesName(matrix.kernel, matrix.depth),
        kernel: matrix.kernel,
        depth: matrix.depth,
        eigenvalues: [...(found?.values ?? [])],
        conditionNumber: ends === undefined ? fromSpectrum(found?.values, rows) : ends.value,
        extremes: ends === undefined ? null : extremesOf(ends),
        residual: found?.residual ?? null,
        logScale: matrix.logScale,
      });
    }
    return all;
  });
  if (output !== undefined) await output.write(output.ending === '.csv' ? asCsv(series) : npyChunks(asTensor(series)));
  const document = {
    schema: 1,
    kind: 'spectrum',
    version: info().version,
    network: request.network,
    data: pointsSummary(points),
    series,
    provenance: provenance(command, ['network', 'data']),
  };
  printResult(session, options, document, asText(series, points, options));
}

function fromSpectrum(values: Float64Array | undefined, rows: number): number | null {
  if (values?.length !== rows) return null;
  const smallest = values.at(-1) as number;
  return smallest > roundingFloor(values) ? (values[0] as number) / smallest : null;
}

function extremesOf({ value: _value, logScale: _logScale, ...ends }: ConditionNumber): Series['extremes'] {
  return ends;
}

type Column = readonly [title: string, cell: (one: Series) => string];

/** Eigenvalues of the kernel itself would leave the range of doubles, so each series carries its scale. */
function columnsOf({ top, condition }: Options, rows: number): readonly Column[] {
  const last: Column = [
    top === undefined ? 'smallest' : `λ${top}`,
    ({ eigenvalues }) => shortNumber(eigenvalues.at(-1) as number),
  ];
  const singular = (one: Series): string =>
    one.conditionNumber === null ? 'singular' : shortNumber(one.conditionNumber);
  const residual: Column = ['residual', (one) => (one.residual as number).toExponential(1)];
  const ends: readonly Column[] = [
    ['smallest', ({ extremes }) => shortNumber(extremes?.smallest as number)],
    ['condition number', singular],
    ['relative error', ({ extremes }) => extremes?.relativeError?.toExponential(1) ?? '–'],
  ];
  const without: Column = ['condition number', (one) => (top !== undefined && top < rows ? '–' : singular(one))];
  return [
    ['kernel', ({ name }) => name],
    ['largest', ({ eigenvalues, extremes }) => shortNumber(eigenvalues[0] ?? (extremes?.largest as number))],
    ...(condition !== true ? [last, without, residual] : top === undefined ? ends : [last, ...ends, residual]),
    ['scale', ({ logScale }) => (logScale === 0 ? '1' : `exp(${shortNumber(logScale)})`)],
  ];
}

function asText(series: readonly Series[], points: Points, options: Options): string {
  const [rows] = points.x.shape;
  const columns = columnsOf(options, rows);
  const summary = alignedTable(
    columns.map(([title]) => title),
    series.map((one) => columns.map(([, cell]) => cell(one))),
  );
  const count = series[0]?.eigenvalues.length ?? 0;
  const shown = Math.min(count, shownRanks);
  const values = alignedTable(
    ['rank', ...series.map(({ name }) => name)],
    Array.from({ length: shown }, (_, i) => [
      String(i + 1),
      ...series.map(({ eigenvalues }) => shortNumber(eigenvalues[i] as number)),
    ]),
  );
  const rest =
    count > shown && options.out === undefined
      ? `and ${count - shown} more: --out FILE.csv or --json has all of them\n`
      : '';
  const repeated = points.notes.duplicateRows > 0 ? 'rows that repeat other rows make the matrix singular\n' : '';
  return count === 0 ? `${summary}${repeated}` : `${summary}\n${values}${rest}${repeated}`;
}

function asCsv(series: readonly Series[]): string {
  const ranks = series[0]?.eigenvalues.length ?? 0;
  return csvTable(
    ['rank', ...series.map(({ name }) => name)],
    Array.from({ length: ranks }, (_, i) => [i + 1, ...series.map(({ eigenvalues }) => eigenvalues[i] as number)]),
  );
}

/** One row per series, in the order of the JSON document; a vector where there is only one. */
function asTensor(series: readonly Series[]): { data: Float64Array; shape: number[] } {
  const ranks = series[0]?.eigenvalues.length ?? 0;
  return {
    data: Float64Array.from(series.flatMap(({ eigenvalues }) => eigenvalues)),
    shape: series.length === 1 ? [ranks] : [series.length, ranks],
  };
}
