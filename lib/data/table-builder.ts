import { KernelError } from '../errors.js';
import { type Column, ColumnBuilder } from './column.js';
import { columnNames, looksLikeHeader } from './csv-header.js';

/** A table of named columns of equal length. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  /** Line of the file on which each row begins, counted from 1. */
  readonly lines: Uint32Array;
  readonly hasHeader: boolean;
  readonly messages: readonly string[];
}

/** Records that are looked at before the header is decided. */
const sampleSize = 51;
const maxColumns = 100_000;

/** Longest record. A quote that is never closed would otherwise swallow the rest of the file. */
export const maxRecordBytes = 4 * 2 ** 20;

/**
 * Turns records into columns. The first records are kept as text until it is clear whether a header is among them;
 * from then on cells go straight to their columns.
 */
export class TableBuilder {
  private readonly name: string;
  private readonly header: 'auto' | boolean;
  private readonly asText: (name: string, column: number) => boolean;
  private hasHeader = false;
  private readonly messages: string[] = [];
  private sample: { cells: readonly string[]; line: number }[] | undefined = [];
  private columns: ColumnBuilder[] = [];
  private firstLine = 0;
  private rows = 0;
  private lines = new Uint32Array(64);
  private readonly bytes: number;

  /** `bytes` is the length of the whole text, from which the number of rows is guessed. */
  constructor(
    name: string,
    bytes: number,
    header: 'auto' | boolean,
    asText: (name: string, column: number) => boolean,
  ) {
    this.name = name;
    this.bytes = bytes;
    this.header = header;
    this.asText = asText;
  }

  /** False while records are still collected for the decision about the header. */
  get started(): boolean {
    return this.sample === undefined;
  }

  get width(): number {
    return this.columns.length;
  }

  addRecord(cells: readonly string[], line: number): void {
    if (cells.length === 1 && cells[0]?.trim() === '') return;
    if (this.sample === undefined) {
      this.openRow(line);
      this.checkWidth(cells.length, line);
      for (let j = 0; j < cells.length; j++) (this.columns[j] as ColumnBuilder).addText(this.rows, cells[j] as string);
      this.rows++;
      return;
    }
    this.sample.push({ cells, line });
    if (this.sample.length === sampleSize) this.start();
  }

  /** Begins a row whose cells are then given one by one with `column(j).addBytes(row, …)`. */
  openRow(line: number): number {
    if (this.rows === this.lines.length) this.grow();
    this.lines[this.rows] = line;
    return this.rows;
  }

  closeRow(cells: number): void {
    this.checkWidth(cells, this.lines[this.rows] as number);
    this.rows++;
  }

  /** Undefined for a cell beyond the width of the table; `closeRow` then refuses the row. */
  column(j: number): ColumnBuilder | undefined {
    return this.columns[j];
  }

  /** Columns that must be read again as text. */
  lateText(): number[] {
    if (this.sample !== undefined) this.start();
    return this.columns.flatMap((column, j) => (column.lateText ? [j] : []));
  }

  finish(): Table {
    const { name, rows, hasHeader, messages } = this;
    if (rows === 0) throw new KernelError('ERR_DATA', `${name} has no rows of data`, { file: name });
    const columns = this.columns.map((column) => column.finish(rows));
    return { name, columns, rows, lines: this.lines.subarray(0, rows), hasHeader, messages };
  }

  private start(): void {
    const sample = this.sample ?? [];
    this.sample = undefined;
    const [first] = sample;
    if (first === undefined) return;
    const width = first.cells.length;
    if (width > maxColumns) {
      throw new KernelError(
        'ERR_DATA',
        `${this.name} has ${width} columns, more than the limit of ${maxColumns}; use .npy for wide data`,
        { file: this.name },
      );
    }
    const hasHeader = this.header === 'auto' ? looksLikeHeader(sample.map(({ cells }) => cells)) : this.header;
    const { names, renamed } = columnNames(hasHeader ? first.cells : undefined, width);
    if (this.header === 'auto') {
      this.messages.push(
        hasHeader ? 'the first line was read as names of columns' : 'no line of column names was found',
      );
    }
    this.hasHeader = hasHeader;
    if (renamed.length > 0) {
      this.messages.push(`names of columns appear twice; renamed: ${renamed.map((name) => `'${name}'`).join(', ')}`);
    }
    this.firstLine = first.line;
    this.lines = new Uint32Array(this.guessedRows(sample));
    this.columns = names.map((name, j) => new ColumnBuilder(name, this.lines.length, this.asText(name, j)));
    for (const { cells, line } of hasHeader ? sample.slice(1) : sample) this.addRecord(cells, line);
  }

  /** Growing copies every column at once; a guess from the length of the first lines mostly avoids it. */
  private guessedRows(sample: readonly { cells: readonly string[] }[]): number {
    if (sample.length < sampleSize) return sampleSize;
    let characters = 0;
    for (const { cells } of sample) for (const cell of cells) characters += cell.length + 1;
    const guess = Math.ceil(1.1 * (this.bytes / characters) * sample.length) + sampleSize;
    return Math.min(guess, 2 ** 22);
  }

  private grow(): void {
    const larger = new Uint32Array(2 * this.lines.length);
    larger.set(this.lines);
    this.lines = larger;
    for (const column of this.columns) column.grow(larger.length);
  }

  private checkWidth(cells: number, line: number): void {
    if (cells === this.columns.length) return;
    throw new KernelError(
      'ERR_DATA',
      `${this.name}, line ${line}: expected ${this.columns.length} cells as in line ${this.firstLine}, got ${cells}; ` +
        'check the delimiter, and quote cells that contain it',
      { file: this.name, line, expected: this.columns.length, got: cells },
    );
  }
}
