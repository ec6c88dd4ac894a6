import { type Command, Option } from 'commander';
import { kernelNames } from '../evaluate.js';
import type { KernelName } from '../kernel.js';
import { maxTimes } from '../layer-rules.js';
import { integer, listOf, oneOf } from './options.js';

/** Which network and which of its kernels; the same for gram, spectrum, profile and sphere. */
export interface KernelOptions {
  readonly network: string;
  readonly kernel: readonly KernelName[];
  readonly depths?: readonly number[];
}

export function withKernelOptions(command: Command): Command {
  return command
    .option('--network <file>', "the network as JSON: layers, or a preset; '-' reads it from stdin")
    .addOption(
      new Option('--kernel <names>', 'nngp, ntk or both')
        .argParser(listOf('--kernel', oneOf('--kernel', kernelNames)))
        .default(kernelNames, 'nngp,ntk'),
    )
    .addOption(
      new Option('--depths <list>', 'depths of a preset, between commas; they replace its own').argParser(
        listOf('--depths', integer('--depths', 0, maxTimes)),
      ),
    );
}

/** "ntk", or "ntk-L5" where several depths were asked for. */
export function seriesName(kernel: KernelName, depth: number | null): string {
  return depth === null ? kernel : `${kernel}-L${depth}`;
}
