import { isMissing, numberFromText } from './number-grammar.js';

/**
 * Is the first record a line of names? It is if it has text over a column of numbers, or if it is all text and none of
 * its cells comes up again in the column below it.
 */
export function looksLikeHeader(records: readonly (readonly string[])[]): boolean {
  const [first = [], ...below] = records.map((cells) => cells.map((cell) => cell.trim()));
  if (below.length === 0) return first.every((cell) => cell !== '' && !isNumber(cell));
  const column = (j: number) => below.map((cells) => cells[j] ?? '').filter((cell) => !isMissing(cell));
  const isName = (cell: string) => !isMissing(cell) && !isNumber(cell);
  if (first.some((cell, j) => isName(cell) && column(j).length > 0 && column(j).every(isNumber))) return true;
  return (
    first.every((cell) => !isNumber(cell)) && first.some(isName) && !first.some((cell, j) => column(j).includes(cell))
  );
}

function isNumber(text: string): boolean {
  return !Number.isNaN(numberFromText(text));
}

/** Names for `count` columns: unique, never empty; numbered from 1 where the table gives none. */
export function columnNames(
  header: readonly string[] | undefined,
  count: number,
): { readonly names: readonly string[]; readonly renamed: readonly string[] } {
  const used = new Set<string>();
  const renamed: string[] = [];
  const names = Array.from({ length: count }, (_, j) => {
    const given = header?.[j]?.trim() ?? '';
    const base = given === '' ? `column ${j + 1}` : given;
    let name = base;
    for (let copy = 2; used.has(name); copy++) name = `${base} (${copy})`;
    used.add(name);
    if (given !== '' && name !== given) renamed.push(name);
    return name;
  });
  return { names, renamed };
}
