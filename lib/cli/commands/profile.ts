import { Command, Option } from 'commander';
import { KernelError } from '../../errors.js';
import { info } from '../../info.js';
import { compile, type Kernel, type KernelName, type ProfileOptions, profile } from '../../kernel.js';
import { type KernelOptions, seriesName, withKernelOptions } from '../kernel-options.js';
import { type NetworkRequest, readNetworkRequest } from '../network-file.js';
import {
  type CommonOptions,
  decimal,
  examples,
  integer,
  listOf,
  requireOptions,
  withCommonOptions,
} from '../options.js';
import { prepareOutputFile } from '../output-file.js';
import { provenance } from '../provenance.js';
import { printResult, type Session } from '../session.js';
import { alignedTable, csvTable, shortNumber } from '../table.js';

interface Options extends CommonOptions, KernelOptions {
  readonly points: number;
  readonly angles?: readonly number[];
  readonly dimension?: number;
  readonly out?: string;
  readonly force?: boolean;
}

/** The curve of one kernel at one depth. */
interface Series {
  readonly name: string;
  readonly kernel: KernelName;
  readonly depth: number | null;
  /** At the angles, divided by exp(logScale). */
  readonly values: readonly number[];
  readonly logScale: number;
  /** −κ′(0⁺)/κ(0); null where the kernel is 0 at angle 0, or has no finite slope there, as behind two layers of `sign`. */
  readonly cuspSlope: number | null;
}

/** `resgram profile`: kernels over the angle between two unit vectors. */
export function profileCommand(session: Session): Command {
  const command = new Command('profile').summary('the curve of a kernel over the angle between two inputs');
  command.description(
    'Computes a kernel for pairs of unit vectors at angles from 0 to π, and the slope of its corner at angle 0: ' +
      'the curve whose smoothness distinguishes MLPs from ResNets.',
  );
  withKernelOptions(command)
    .addOption(
      new Option('--points <n>', 'so many angles, evenly from 0 to π')
        .argParser(integer('--points', 2, 2 ** 20))
        .default(19),
    )
    .addOption(
      new Option('--angles <list>', 'these angles instead, in radians from 0 to π, between commas')
        .argParser(
          listOf(
            '--angles',
            decimal('--angles', 'radians from 0 to π', (angle) => angle >= 0 && angle <= Math.PI),
          ),
        )
        .conflicts('points'),
    )
    .addOption(
      new Option('--dimension <d>', 'number of inputs; needed where the network divides by it').argParser(
        integer('--dimension', 1, 2 ** 31 - 1),
      ),
    )
    .option('--out <file>', 'write the curves to a .csv file; it must not exist yet')
    .option('--force', 'replace the file when it exists');
  return withCommonOptions(command)
    .addHelpText(
      'after',
      examples([
        ['an MLP at three depths', `resgram profile --network '{"preset": "mlp"}' --kernel ntk --depths 1,5,50`],
        [
          'a fine curve as a table for a plotting program',
          'resgram profile --network net.json --points 721 --out curve.csv',
        ],
      ]),
    )
    .action((options: Options) => run(session, command, options));
}

async function run(session: Session, command: Command, options: Options): Promise<void> {
  requireOptions(command, ['network']);
  const request = await readNetworkRequest(session, options.network, options.depths);
  const output = await prepareOutputFile(session, options, ['.csv']);
  const angles = Float64Array.from(options.angles ?? evenAngles(options.points));
  const series = curvesOf(request, options, angles);
  if (output !== undefined) await output.write(asCsv(angles, series));
  const document = {
    schema: 1,
    kind: 'profile',
    version: info().version,
    network: request.network,
    dimension: options.dimension ?? null,
    angles: [...angles],
    series,
    provenance: provenance(command, ['network']),
  };
  printResult(session, options, document, asText(angles, series));
}

function evenAngles(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? Math.PI : (i * Math.PI) / (count - 1)));
}

function curvesOf(request: NetworkRequest, options: Options, angles: Float64Array): Series[] {
  const { network, depths } = request;
  if (depths === null) return seriesOf(compile(network), null, options, angles);
  return depths.flatMap((depth) => seriesOf(compile({ ...network, depth }), depth, options, angles));
}

function seriesOf(kernel: Kernel, depth: number | null, options: Options, angles: Float64Array): Series[] {
  const settings = options.dimension === undefined ? {} : { dimension: options.dimension };
  try {
    return options.kernel.map((name) => {
      const { values, logScale } = profile(kernel, angles, name, settings);
      const cuspSlope = cuspSlopeOf(kernel, name, settings);
      return { name: seriesName(name, depth), kernel: name, depth, values: [...values], logScale, cuspSlope };
    });
  } finally {
    kernel.dispose();
  }
}

/** The curve stands without it: a slope that is infinite is no reason to refuse the values. */
function cuspSlopeOf(kernel: Kernel, name: KernelName, settings: ProfileOptions): number | null {
  try {
    const { values, slopes } = profile(kernel, [0], name, { ...settings, derivatives: 1 });
    const [start = 0] = values;
    return start > 0 ? 0 - (slopes[0] as number) / start : null;
  } catch (cause) {
    if (cause instanceof KernelError && cause.code === 'ERR_RANGE') return null;
    throw cause;
  }
}

function asText(angles: Float64Array, series: readonly Series[]): string {
  const curves = alignedTable(
    ['angle', 'degrees', ...series.map(({ name }) => name)],
    [...angles].map((angle, i) => [
      angle.toFixed(6),
      shortNumber((angle * 180) / Math.PI),
      ...series.map(({ values }) => shortNumber(values[i] as number)),
    ]),
  );
  const summary = alignedTable(
    ['kernel', 'cusp slope', 'scale'],
    series.map(({ name, cuspSlope, logScale }) => [
      name,
      cuspSlope === null ? '–' : shortNumber(cuspSlope),
      logScale === 0 ? '1' : `exp(${shortNumber(logScale)})`,
    ]),
  );
  return `${curves}\n${summary}`;
}

function asCsv(angles: Float64Array, series: readonly Series[]): string {
  return csvTable(
    ['angle', ...series.map(({ name }) => name)],
    [...angles].map((angle, i) => [angle, ...series.map(({ values }) => values[i] as number)]),
  );
}
