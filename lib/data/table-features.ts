import { KernelError } from '../errors.js';
import { allocate } from './allocate.js';
import type { Column, TextColumn } from './column.js';
import { columnNames } from './csv-header.js';
import type { LoadOptions } from './dataset.js';
import { type FeatureBlock, isMissingAt, listed, type Place, shortened } from './features.js';
import { numberFromText, whyNotNumber } from './number-grammar.js';
import { inSlices, rowsPerSlice } from './slices.js';
import type { Table } from './table-builder.js';

/** How one column becomes features: as it is, or as one indicator for each of its levels. */
export interface Encoding {
  readonly name: string;
  readonly levels?: readonly string[];
}

/** Columns of strings with more levels are identifiers or free text rather than categories. */
const maxAutoLevels = 20;

/** Decides for each column how it becomes features; throws for a column that can become none. */
export function planEncodings(
  table: Table,
  columns: readonly Column[],
  oneHot: LoadOptions['oneHot'],
): { readonly encodings: readonly Encoding[]; readonly messages: readonly string[] } {
  const messages: string[] = [];
  const encodings = columns.map((column): Encoding => {
    if (column.kind === 'number') {
      if (countsRows(column.values)) {
        messages.push(`column '${column.name}' counts the rows; if it only numbers the samples, leave it out (ignore)`);
      }
      return { name: column.name };
    }
    refuseUnlessCategories(table, column, oneHot);
    messages.push(`column '${column.name}' holds text: one indicator for each of its ${column.levels.length} levels`);
    return { name: column.name, levels: column.levels.toSorted() };
  });
  return { encodings, messages };
}

function refuseUnlessCategories(table: Table, column: TextColumn, oneHot: LoadOptions['oneHot']): void {
  const { name, levels } = column;
  const bad = levels.findIndex((level) => !isPlainNumber(level));
  if (oneHot !== true && levels.some(looksNumeric) && bad >= 0) {
    const row = column.codes.indexOf(bad);
    const level = levels[bad] as string;
    throw new KernelError(
      looksNumeric(level) ? 'ERR_NOT_FINITE' : 'ERR_DATA',
      `${placeInTable(table, row, name).text}: ${whyNotNumber(level)}; correct the cell, leave the column out (ignore) ` +
        'or take its values as categories (oneHot)',
      placeInTable(table, row, name).details,
    );
  }
  if (oneHot === false) {
    throw new KernelError(
      'ERR_DATA',
      `${placeInTable(table, Math.max(0, column.codes.indexOf(0)), name).text}: ${whyNotNumber(levels[0] ?? '')}; ` +
        'leave the column out (ignore), name it as the target, or allow one-hot encoding (oneHot)',
      { file: table.name, column: name },
    );
  }
  if (oneHot !== true && levels.length > maxAutoLevels) {
    if (levels.filter(hasDecimalComma).length > levels.length / 2) {
      throw new KernelError(
        'ERR_DATA',
        `${table.name}, column '${name}': '${levels.find(hasDecimalComma)}' looks like a number with a decimal comma; ` +
          'write numbers with a point',
        { file: table.name, column: name },
      );
    }
    throw new KernelError(
      'ERR_DATA',
      `${table.name}, column '${name}': ${levels.length} different texts, more than the ${maxAutoLevels} that are taken ` +
        'as categories unasked; leave the column out (ignore) or ask for one indicator for each (oneHot)',
      { file: table.name, column: name, levels: levels.length },
    );
  }
}

function isPlainNumber(text: string): boolean {
  return !Number.isNaN(numberFromText(text));
}

function hasDecimalComma(text: string): boolean {
  return /^[+-]?\d+,\d+$/.test(text);
}

/** A number, or what was meant as one: infinite or too large. */
function looksNumeric(text: string): boolean {
  return /^[+-]?(inf(inity)?|\.?\d[\d.]*(e[+-]?\d+)?)$/i.test(text);
}

function countsRows(values: Float64Array): boolean {
  const first = values[0] as number;
  return values.length >= 10 && Number.isInteger(first) && values.every((value, i) => value === first + i);
}

export function placeInTable(table: Table, row: number, column: string): Place {
  const line = table.lines[row] as number;
  return {
    text: `${table.name}, line ${line}, column '${shortened(column)}'`,
    details: { file: table.name, line, row, column },
  };
}

/**
 * The columns of a table as features, by encodings made from this table or from the training table. A level that the
 * encoding does not know is refused: its indicators would all be zero and pass for data. `without` says how to do without
 * its column.
 */
export function tableFeatures(
  table: Table,
  encodings: readonly Encoding[],
  ignored: readonly string[],
  messages: readonly string[],
  without: (column: string) => string = () => 'leave the column out (ignore)',
): FeatureBlock {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const columns = encodings.map(({ name }) => byName.get(name) as Column);
  const slots = columns.map((column, k) => slotOf(table, column, encodings[k] as Encoding, without));
  const given = encodings.flatMap(({ name, levels }) => levels?.map((level) => `${name}=${level}`) ?? [name]);
  // The table may have a column 'a=b' beside a level 'b' of column 'a'.
  const { names } = columnNames(given, given.length);
  const owner = encodings.flatMap(({ levels }, k) => (levels ?? [k]).map(() => k));
  const fill = async (rows: Uint32Array, signal?: AbortSignal) => {
    const d = names.length;
    const out = allocate(rows.length * d, `${rows.length} rows of ${d} features`);
    await inSlices(
      rows.length,
      rowsPerSlice(d),
      (from, to) => {
        let first = 0;
        for (const slot of slots) {
          for (let k = from; k < to; k++) slot.write(out, k * d + first, rows[k] as number);
          first += slot.width;
        }
      },
      signal,
    );
    return out;
  };
  return {
    file: table.name,
    kind: 'table',
    names,
    rows: table.rows,
    oneHot: encodings.flatMap(({ name, levels }) => (levels === undefined ? [] : [{ column: name, levels }])),
    ignored,
    messages,
    fill,
    isComplete: (row) => columns.every((column) => !isMissingAt(column, row)),
    columnOf: (feature) => owner[feature] as number,
    place: (row, feature) => placeInTable(table, row, (encodings[owner[feature] as number] as Encoding).name),
  };
}

/** The refusal of a text that a column of categories has not had in training. */
export function unknownLevel(
  { text, details }: Place,
  level: string,
  levels: readonly string[],
  remedy: string,
): KernelError {
  const problem = `the level '${shortened(level)}' does not occur in the training data (${listed(levels)})`;
  return new KernelError('ERR_DATA', `${text}: ${problem}; ${remedy}`, details);
}

interface Slot {
  readonly width: number;
  readonly write: (out: Float64Array, at: number, row: number) => void;
}

function slotOf(table: Table, column: Column, { name, levels }: Encoding, without: (column: string) => string): Slot {
  if (levels === undefined) {
    if (column.kind === 'text') {
      const bad = column.levels.findIndex((level) => !isPlainNumber(level));
      const place = placeInTable(table, column.codes.indexOf(Math.max(0, bad)), name);
      const problem = `${whyNotNumber(column.levels[Math.max(0, bad)] ?? '')}; the training column holds numbers`;
      throw new KernelError('ERR_DATA', `${place.text}: ${problem}`, place.details);
    }
    return {
      width: 1,
      write: (out, at, row) => {
        out[at] = column.values[row] as number;
      },
    };
  }
  if (column.kind === 'number') {
    throw new KernelError('ERR_INTERNAL', `column '${name}' has levels but was not read as text`, { column: name });
  }
  const position = column.levels.map((level, code) => {
    const found = levels.indexOf(level);
    if (found >= 0) return found;
    const place = placeInTable(table, column.codes.indexOf(code), name);
    throw unknownLevel(place, level, levels, `leave these rows out, or ${without(name)}`);
  });
  return {
    width: levels.length,
    write: (out, at, row) => {
      const code = column.codes[row] as number;
      if (code < 0) out.fill(Number.NaN, at, at + levels.length);
      else out[at + (position[code] as number)] = 1;
    },
  };
}
