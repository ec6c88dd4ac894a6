import { sniffDelimiter } from './csv-delimiter.js';
import { scanPlain } from './csv-plain.js';
import { scanQuoted } from './csv-quoted.js';
import type { Delimiter } from './dataset.js';
import { type Table, TableBuilder } from './table-builder.js';
import { checkedText } from './text-bytes.js';

export interface TableOptions {
  readonly delimiter?: Delimiter | undefined;
  readonly header?: 'auto' | boolean | undefined;
  /** Columns whose cells keep their spelling even if they are numbers. */
  readonly textColumns?: ReadonlySet<string> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A delimited text file as columns of numbers and of text.
 *
 * Spaces around a cell are ignored, empty lines are skipped, and a line may end in LF, CRLF or CR. Throws ERR_DATA with
 * the line for text that is not UTF-8, a NUL, quotes that do not match and lines of unequal length.
 */
export async function readTable(bytes: Uint8Array, name: string, options: TableOptions = {}): Promise<Table> {
  const text = await checkedText(bytes, name, options.signal);
  const delimiter = options.delimiter ?? sniffDelimiter(text, name);
  const scan = text.includes(0x22) ? scanQuoted : scanPlain;
  const late = new Set<number>();
  const asText = (column: string, j: number) => late.has(j) || options.textColumns?.has(column) === true;
  // Twice at most: the first pass finds every column that has text after numbers.
  for (;;) {
    const builder = new TableBuilder(name, text.length, options.header ?? 'auto', asText);
    await scan(text, name, delimiter, builder, options.signal);
    const found = builder.lateText();
    if (found.length === 0) return builder.finish();
    for (const column of found) late.add(column);
  }
}
