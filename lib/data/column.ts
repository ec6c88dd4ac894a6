import { isMissing, numberFromBytes, numberFromText } from './number-grammar.js';

/** A column whose every cell is a number or missing (NaN). */
export interface NumberColumn {
  readonly kind: 'number';
  readonly name: string;
  readonly values: Float64Array;
}

/** A column with text in it. Cell i is `levels[codes[i]]`, or missing where the code is −1. */
export interface TextColumn {
  readonly kind: 'text';
  readonly name: string;
  readonly codes: Int32Array;
  /** Distinct texts in order of appearance. */
  readonly levels: readonly string[];
}

export type Column = NumberColumn | TextColumn;

/** What is used of a Buffer, spelled out: whoever imports these declarations need not have Node's. */
export interface TextBytes extends Uint8Array {
  toString(encoding?: 'utf8', from?: number, to?: number): string;
}

/**
 * Collects the cells of one column as numbers for as long as they are numbers.
 *
 * A column that begins with numbers and turns out to hold text has lost the spelling of its first cells ('007', '1.0').
 * It then reports `lateText`, and the table is read again with that column declared as text.
 */
export class ColumnBuilder {
  readonly name: string;
  lateText = false;
  private numbers: Float64Array | undefined;
  private codes: Int32Array | undefined;
  private readonly levels = new Map<string, number>();
  private capacity: number;

  constructor(name: string, capacity: number, asText: boolean) {
    this.name = name;
    this.capacity = capacity;
    if (asText) this.codes = new Int32Array(capacity);
  }

  addText(row: number, text: string): void {
    const trimmed = text.trim();
    const value = this.codes === undefined ? numberFromText(trimmed) : Number.NaN;
    if (!Number.isNaN(value)) this.addNumber(row, value);
    else if (isMissing(trimmed)) this.addMissing(row);
    else this.addLevel(row, trimmed);
  }

  /** The cell that is spelled by the bytes [from, to), without a space or a tab at either end. */
  addBytes(row: number, bytes: TextBytes, from: number, to: number): void {
    if (from === to) {
      this.addMissing(row);
      return;
    }
    if (this.codes === undefined) {
      const value = numberFromBytes(bytes, from, to);
      if (!Number.isNaN(value)) {
        this.addNumber(row, value);
        return;
      }
    }
    this.addText(row, bytes.toString('utf8', from, to));
  }

  grow(capacity: number): void {
    const { numbers, codes } = this;
    if (numbers !== undefined) {
      this.numbers = new Float64Array(capacity);
      this.numbers.set(numbers);
    }
    if (codes !== undefined) {
      this.codes = new Int32Array(capacity);
      this.codes.set(codes);
    }
    this.capacity = capacity;
  }

  finish(rows: number): Column {
    if (this.codes !== undefined) {
      return { kind: 'text', name: this.name, codes: this.codes.subarray(0, rows), levels: [...this.levels.keys()] };
    }
    const values = this.numbers?.subarray(0, rows) ?? new Float64Array(rows).fill(Number.NaN);
    return { kind: 'number', name: this.name, values };
  }

  private addNumber(row: number, value: number): void {
    this.numbers ??= new Float64Array(this.capacity).fill(Number.NaN, 0, row);
    // + 0 turns −0 into 0, so that equal rows have equal bytes.
    this.numbers[row] = value + 0;
  }

  /** Every cell is written: the arrays begin as zeros, and filling them beforehand would cost a long pause. */
  private addMissing(row: number): void {
    if (this.numbers !== undefined) this.numbers[row] = Number.NaN;
    if (this.codes !== undefined) this.codes[row] = -1;
  }

  private addLevel(row: number, text: string): void {
    if (this.numbers !== undefined) {
      this.lateText = true;
      this.numbers[row] = Number.NaN;
      return;
    }
    this.codes ??= new Int32Array(this.capacity).fill(-1, 0, row);
    let code = this.levels.get(text);
    if (code === undefined) {
      code = this.levels.size;
      this.levels.set(text, code);
    }
    this.codes[row] = code;
  }
}
