import { Command, Option } from 'commander';
import { info } from '../../info.js';
import { compile, type KernelName } from '../../kernel.js';
import { localDecay, sphereSpectrum } from '../../sphere-spectrum.js';
import { type KernelOptions, seriesName, withKernelOptions } from '../kernel-options.js';
import { readNetworkRequest } from '../network-file.js';
import { type CommonOptions, examples, integer, requireOptions, withCommonOptions } from '../options.js';
import { prepareOutputFile } from '../output-file.js';
import { provenance } from '../provenance.js';
import { jobOptions, printResult, type Session, withProgress } from '../session.js';
import { alignedTable, csvTable, shortNumber } from '../table.js';

interface Options extends CommonOptions, KernelOptions {
  readonly dimension: number;
  readonly degrees: number;
  readonly out?: string;
  readonly force?: boolean;
}

/** Eigenvalues of one kernel at one depth. */
interface Series {
  readonly name: string;
  readonly kernel: KernelName;
  readonly depth: number | null;
  /** By degree, divided by exp(logScale). */
  readonly eigenvalues: readonly number[];
  /** Bounds for their absolute errors, on the same scale. */
  readonly errors: readonly number[];
  /** The share of the trace that these degrees have. */
  readonly captured: number;
  /** −d log λ_k/d log k at the end of the even and of the odd degrees; null where they cannot be told from 0. */
  readonly decay: { readonly even: number | null; readonly odd: number | null };
  readonly logScale: number;
}

/** `resgram sphere`: eigenvalues of kernels on the unit sphere, by degree. */
export function sphereCommand(session: Session): Command {
  const command = new Command('sphere').summary('eigenvalues of a kernel on the unit sphere, by degree');
  command.description(
    'Computes the eigenvalues of a kernel on the sphere of unit vectors, one for every degree of spherical harmonics, and how ' +
      'fast they decay: which frequencies the network learns, and how slowly.',
  );
  withKernelOptions(command)
    .addOption(
      new Option('--dimension <d>', 'number of inputs: the sphere of unit vectors in d dimensions').argParser(
        integer('--dimension', 2, 20_000),
      ),
    )
    .addOption(
      new Option('--degrees <k>', 'the highest degree').argParser(integer('--degrees', 0, 20_000)).default(100),
    )
    .option('--out <file>', 'write all eigenvalues to a .csv file; it must not exist yet')
    .option('--force', 'replace the file when it exists');
  return withCommonOptions(command)
    .addHelpText(
      'after',
      examples([
        [
          'the decay of the NTK of MLPs of three depths',
          `resgram sphere --network '{"preset": "mlp"}' --kernel ntk --depths 1,3,10 --dimension 3`,
        ],
        [
          'a thousand degrees as a table',
          'resgram sphere --network net.json --dimension 10 --degrees 1000 --out decay.csv',
        ],
      ]),
    )
    .action((options: Options) => run(session, command, options));
}

async function run(session: Session, command: Command, options: Options): Promise<void> {
  requireOptions(command, ['network', 'dimension']);
  const { network, depths } = await readNetworkRequest(session, options.network, options.depths);
  const output = await prepareOutputFile(session, options, ['.csv']);
  const requests =
    depths === null ? [{ network, depth: null }] : depths.map((depth) => ({ network: { ...network, depth }, depth }));
  let multiplicities = new Float64Array(0);
  const series = await withProgress(session, options, async (onProgress) => {
    const all: Series[] = [];
    for (const request of requests) {
      using kernel = compile(request.network);
      const spectra = await sphereSpectrum(kernel, options.kernel, {
        ...jobOptions(session, options, onProgress),
        dimension: options.dimension,
        degrees: options.degrees,
      });
      for (const name of options.kernel) {
        const spectrum = spectra[name];
        multiplicities = Float64Array.from(spectrum.multiplicities);
        all.push({
          name: seriesName(name, request.depth),
          kernel: name,
          depth: request.depth,
          eigenvalues: [...spectrum.values],
          errors: [...spectrum.errors],
          captured: spectrum.captured,
          decay: { even: localDecay(spectrum, 0), odd: localDecay(spectrum, 1) },
          logScale: spectrum.logScale,
        });
      }
    }
    return all;
  });
  if (output !== undefined) await output.write(asCsv(series, multiplicities));
  const document = {
    schema: 1,
    kind: 'sphere',
    version: info().version,
    network,
    dimension: options.dimension,
    // JSON has no infinity.
    multiplicities: [...multiplicities].map((count) => (Number.isFinite(count) ? count : null)),
    series,
    provenance: provenance(command, ['network']),
  };
  printResult(session, options, document, asText(series, multiplicities, options));
}

/** 0 … 10, then 1, 2 and 5 times powers of ten, and the last with its neighbour of the other parity. */
function shownDegrees(last: number): number[] {
  const round = Array.from({ length: 15 }, (_, i) => [1, 2, 5].map((m) => m * 10 ** (1 + Math.floor(i / 3)))).flat();
  const some = [...Array.from({ length: 11 }, (_, k) => k), ...round, last - 1, last];
  return [...new Set(some)].filter((k) => k >= 0 && k <= last).sort((a, b) => a - b);
}

function asText(series: readonly Series[], multiplicities: Float64Array, { degrees, out }: Options): string {
  const exponent = (value: number | null) => (value === null ? '–' : value.toFixed(3));
  const summary = alignedTable(
    ['kernel', 'decay, even', 'odd', 'share of the trace', 'scale'],
    series.map(({ name, decay, captured, logScale }) => [
      name,
      exponent(decay.even),
      exponent(decay.odd),
      `${(100 * captured).toFixed(3)} %`,
      logScale === 0 ? '1' : `exp(${shortNumber(logScale)})`,
    ]),
  );
  const values = alignedTable(
    ['degree', 'harmonics', ...series.map(({ name }) => name)],
    shownDegrees(degrees).map((k) => [
      String(k),
      shortNumber(multiplicities[k] as number),
      ...series.map(({ eigenvalues, errors }) => {
        const [value, error] = [eigenvalues[k] as number, errors[k] as number];
        return Math.abs(value) > error ? shortNumber(value) : `< ${shortNumber(error)}`;
      }),
    ]),
  );
  // Only where there is something to explain.
  const unknown = series.some(({ decay }) => decay.even === null || decay.odd === null);
  const lacking = series.some(({ captured }) => captured < 0.9995);
  const legend = [
    ...(unknown ? ['–: too few degrees, or eigenvalues below their errors, to tell the decay'] : []),
    ...(lacking
      ? [`the share of the trace that these degrees lack belongs to higher ones, or to values below their errors`]
      : []),
  ];
  const rest = degrees > 12 && out === undefined ? '--out FILE.csv or --json has all degrees\n' : '';
  return `${summary}${legend.map((line) => `${line}\n`).join('')}\n${values}${rest}`;
}

function asCsv(series: readonly Series[], multiplicities: Float64Array): string {
  return csvTable(
    ['degree', 'harmonics', ...series.flatMap(({ name }) => [name, `${name} error`])],
    [...multiplicities].map((count, k) => [
      k,
      count,
      ...series.flatMap(({ eigenvalues, errors }) => [eigenvalues[k] as number, errors[k] as number]),
    ]),
  );
}
