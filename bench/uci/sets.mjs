// @ts-check
// The 90 classification sets and their split files, checked as they are read.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { at } from '../harness/paths.mjs';
import { readArchive } from './archive.mjs';

/** How many sets the published table has. */
export const published = 90;

/**
 * @typedef {{ train: number[], test: number[] }} Fold
 * @typedef {{ name: string, rows: number, columns: number, classes: number, x: { data: Float64Array, shape: number[] },
 *   y: Float64Array, halves: Fold, folds: Fold[] }} UciSet
 */

/** Where the archive is, or what to do about it. */
export function archiveFile() {
  const given = process.env.RESGRAM_UCI;
  const file = given ?? at('..', 'shared', 'data', 'uci90.tar.gz');
  if (existsSync(file)) return { file };
  const how = `RESGRAM_UCI=/path/to/uci90.tar.gz names an archive with NAME/NAME.txt, NAME_R.dat, conxuntos.dat and
conxuntos_kfold.dat of every set (Fernández-Delgado et al. 2014); docs/uci/README.md says where they come from`;
  const where = given === undefined ? path.relative(process.cwd(), file) : file;
  return { missing: `the data are not there: no file ${where}\n${how}` };
}

/** @returns {UciSet[]} by name */
export function readSets(file) {
  const files = readArchive(file);
  const names = [...files.keys()].filter((name) => name.endsWith('/conxuntos.dat')).map((name) => path.dirname(name));
  return names.toSorted().map((folder) => readSet(files, folder));
}

function readSet(files, folder) {
  const name = path.basename(folder);
  const content = (file) => {
    const found = files.get(`${folder}/${file}`);
    if (found === undefined) throw new Error(`${name}: the archive has no ${file}`);
    return found;
  };
  const described = content(`${name}.txt`);
  const fact = (key) => Number(new RegExp(`^\\s*${key}\\s*=\\s*(\\d+)`, 'm').exec(described)?.[1]);
  const [rows, classes] = [fact('n_patrons1'), fact('n_clases')];
  const table = content(`${name}_R.dat`)
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/).map(Number));
  const width = table[0]?.length ?? 0;
  // The number of features of one descriptor counts values, not columns; the table has the last word.
  if (table.length !== rows || width < 3 || table.some((row) => row.length !== width || row.some(Number.isNaN))) {
    throw new Error(`${name}: expected ${rows} rows of numbers, got ${table.length} of ${width}`);
  }
  const y = Float64Array.from(table, (row) => row[width - 1]);
  if (y.some((one) => !Number.isInteger(one) || one < 0 || one >= classes)) {
    throw new Error(`${name}: expected classes from 0 to ${classes - 1}`);
  }
  const data = Float64Array.from(table.flatMap((row) => row.slice(1, -1)));
  const [halves, ...more] = splits(content('conxuntos.dat'), rows, `${name}/conxuntos.dat`);
  const folds = splits(content('conxuntos_kfold.dat'), rows, `${name}/conxuntos_kfold.dat`);
  if (more.length > 0 || folds.length !== 4) throw new Error(`${name}: expected one pair of halves and four folds`);
  return { name, rows, columns: width - 2, classes, x: { data, shape: [rows, width - 2] }, y, halves, folds };
}

/** Two lines of row numbers a split: to train with, to test with. */
function splits(content, rows, where) {
  const lines = content
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/).map(Number));
  if (lines.flat().some((row) => !Number.isInteger(row) || row < 0 || row >= rows) || lines.length % 2 !== 0) {
    throw new Error(`${where}: expected pairs of lines with row numbers below ${rows}`);
  }
  return Array.from({ length: lines.length / 2 }, (_, i) => ({ train: lines[2 * i], test: lines[2 * i + 1] }));
}
