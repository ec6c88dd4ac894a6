import { type Command, Option } from 'commander';
import type { Delimiter, PointOptions } from '../data/dataset.js';
import { decimal, integer, names, oneOf } from './options.js';
import type { Session } from './session.js';

/** How files are read; the same for every command that takes data. */
export interface ReadingOptions {
  readonly limit?: number;
  readonly ignore?: readonly string[];
  readonly missing?: 'refuse' | 'drop-rows' | 'mean';
  readonly oneHot?: boolean;
  readonly header?: 'auto' | 'yes' | 'no';
  readonly delimiter?: keyof typeof delimiters;
  readonly xKey?: string;
  readonly maxBytes?: number;
}

/** What only kernels on images need. */
export interface ImageOptions {
  readonly unitPixels?: boolean;
  readonly maxHours?: number;
}

const delimiters = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const satisfies Record<string, Delimiter>;
const delimiterNames = Object.keys(delimiters) as (keyof typeof delimiters)[];

export type Delimiters = keyof typeof delimiters;

export function delimiterOption(): Option {
  return new Option(
    '--delimiter <name>',
    `between the cells of a table: ${delimiterNames.join(', ')}; default: found out`,
  ).argParser(oneOf('--delimiter', delimiterNames));
}

/** As the readers take it. */
export function delimiterOf({ delimiter }: { readonly delimiter?: Delimiters }): { readonly delimiter?: Delimiter } {
  return delimiter === undefined ? {} : { delimiter: delimiters[delimiter] };
}

export function withReadingOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--limit <n>', 'at most so many rows, the first in the file').argParser(integer('--limit', 1)),
    )
    .addOption(
      new Option('--ignore <columns>', 'columns to leave out: names, or numbers from 1, between commas').argParser(
        names('--ignore'),
      ),
    )
    .addOption(
      new Option('--missing <how>', 'missing values: refuse (default), drop-rows or mean (of the column)').argParser(
        oneOf('--missing', ['refuse', 'drop-rows', 'mean']),
      ),
    )
    .option('--one-hot', 'every column of text becomes indicators, however many texts it has')
    .addOption(
      new Option('--header <how>', 'is the first line of a table a line of names: auto (default), yes or no').argParser(
        oneOf('--header', ['auto', 'yes', 'no']),
      ),
    )
    .addOption(delimiterOption())
    .option('--x-key <name>', 'the array of samples in an .npz file')
    .addOption(
      new Option(
        '--max-bytes <n>',
        'largest file that is read, before and after decompression; default 2 GiB',
      ).argParser(integer('--max-bytes', 1, 2 ** 32)),
    );
}

export function maxHoursOption(): Option {
  return new Option(
    '--max-hours <n>',
    'kernels on images that would take longer are refused before work starts; default 24',
  ).argParser(decimal('--max-hours', 'a number of hours above 0', (hours) => hours > 0));
}

/** Of commands that take images. */
export function withImageOptions(command: Command): Command {
  return command
    .option('--unit-pixels', 'divide every pixel of an image by the length of its channels')
    .addOption(maxHoursOption());
}

/** The limit of time as the library takes it. */
export function hoursOf({ maxHours }: ImageOptions): { readonly maxHours?: number } {
  return maxHours === undefined ? {} : { maxHours };
}

/** The options of the reader. */
export function readingOptions(session: Session, options: ReadingOptions & ImageOptions): PointOptions {
  const { limit, ignore, missing, oneHot, header, delimiter, xKey, maxBytes, unitPixels } = options;
  return {
    signal: session.signal,
    ...(limit === undefined ? {} : { limit }),
    ...(ignore === undefined ? {} : { ignore }),
    ...(missing === undefined ? {} : { missing }),
    ...(oneHot === undefined ? {} : { oneHot }),
    ...(header === undefined ? {} : { header: header === 'auto' ? header : header === 'yes' }),
    ...delimiterOf({ ...(delimiter === undefined ? {} : { delimiter }) }),
    ...(xKey === undefined ? {} : { xKey }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(unitPixels === undefined ? {} : { unitPixels }),
  };
}
