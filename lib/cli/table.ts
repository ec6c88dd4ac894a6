/** Rows under a header, columns aligned: numbers and words alike to the right, the first column to the left. */
export function alignedTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const padding = ' '.repeat((widths[column] ?? 0) - [...cell].length);
          return column === 0 ? cell + padding : padding + cell;
        })
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Rows of a CSV file as RFC 4180 has them, with numbers in their shortest exact form. */
export function csvTable(header: readonly string[], rows: readonly (readonly (number | string)[])[]): string {
  return [header, ...rows].map((row) => `${row.map((cell) => csvCell(cell)).join(',')}\n`).join('');
}

function csvCell(cell: number | string): string {
  if (typeof cell === 'number') return String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Six significant digits: enough to read, not enough to be taken for all of them. */
export function shortNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-4 ? value.toExponential(5) : String(Number(value.toPrecision(6)));
}
