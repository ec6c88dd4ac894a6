import { pipeline } from 'node:stream/promises';
import { KernelError } from '../errors.js';
import type { Delimiter } from './dataset.js';
import { breathe } from './slices.js';
import { maxRecordBytes, type TableBuilder } from './table-builder.js';

const chunkBytes = 32 * 1024;

/** Reads a table with quoted cells: the delimiter, line ends and doubled quotes may stand inside quotes. */
export async function scanQuoted(
  text: Buffer,
  name: string,
  delimiter: Delimiter,
  builder: TableBuilder,
  signal?: AbortSignal,
): Promise<void> {
  // Few tables have quotes, and all callers would wait for the parser when they import the package.
  const { parse } = await import('csv-parse');
  // The parser counts a CRLF inside quotes as two lines.
  let extraLines = 0;
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    trim: true,
    relax_column_count: true,
    max_record_size: maxRecordBytes,
    on_record: (cells: string[], { lines }: { lines: number }) => {
      let inside = 0;
      for (const cell of cells) {
        if (!/[\r\n]/.test(cell)) continue;
        const crlf = cell.match(/\r\n/g)?.length ?? 0;
        extraLines += crlf;
        inside += (cell.match(/[\r\n]/g)?.length ?? 0) - crlf;
      }
      builder.addRecord(cells, lines - extraLines - inside);
      return null;
    },
  });
  async function* chunks() {
    for (let from = 0; from < text.length; from += chunkBytes) {
      yield text.subarray(from, from + chunkBytes);
      await breathe(signal);
    }
  }
  try {
    await pipeline(chunks, parser, async (records) => {
      for await (const _ of records) throw new Error('records are taken by on_record');
    });
  } catch (cause) {
    throw translated(cause, name, extraLines);
  }
}

function translated(cause: unknown, name: string, extraLines: number): unknown {
  const { code, lines } = cause as { code?: unknown; lines?: unknown };
  if (cause instanceof KernelError || typeof code !== 'string' || typeof lines !== 'number') return cause;
  const line = lines - extraLines;
  const problem =
    {
      CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
      CSV_MAX_RECORD_SIZE: `a record is longer than ${maxRecordBytes} bytes; is a quote opened and never closed?`,
      INVALID_OPENING_QUOTE: 'a quote stands inside a cell; quote the whole cell and double the quotes in it',
      CSV_INVALID_CLOSING_QUOTE: 'a quoted cell goes on after its closing quote; double the quotes inside a cell',
    }[code] ?? (cause as Error).message;
  return new KernelError('ERR_DATA', `${name}, line ${line}: ${problem}`, { file: name, line }, { cause });
}
