import type { Delimiter } from './dataset.js';

const candidates: readonly Delimiter[] = ['\t', ';', '|', ','];
const sampleBytes = 64 * 1024;
const sampleLines = 50;

/**
 * The delimiter that appears equally often, outside quotes, in each of the first lines.
 *
 * A tab or a semicolon that does so is always meant; commas beside them are decimal commas or text. Between bar and
 * comma the more frequent one wins. A table of one column has none, and then the comma is as good as any.
 */
export function sniffDelimiter(text: Buffer, name: string): Delimiter {
  if (/\.(tsv|tab)(\.gz)?$/i.test(name)) return '\t';
  const counts = countsPerLine(text);
  const regular = candidates
    .map((delimiter, k) => ({ delimiter, perLine: counts.map((line) => line[k] as number) }))
    .filter(({ perLine }) => (perLine[0] ?? 0) > 0 && perLine.every((count) => count === perLine[0]));
  const decisive = regular.find(({ delimiter }) => delimiter === '\t' || delimiter === ';');
  if (decisive !== undefined) return decisive.delimiter;
  regular.sort((a, b) => (b.perLine[0] as number) - (a.perLine[0] as number));
  if (regular[0] !== undefined) return regular[0].delimiter;
  // No regular one: the most frequent, so that the message about unequal lines is about the right thing.
  const totals = candidates.map((_, k) => counts.reduce((sum, line) => sum + (line[k] as number), 0));
  const most = Math.max(...totals);
  return most === 0 ? ',' : (candidates[totals.indexOf(most)] as Delimiter);
}

function countsPerLine(text: Buffer): number[][] {
  const sample = text.toString('latin1', 0, sampleBytes);
  const lines: number[][] = [];
  let counts = candidates.map(() => 0);
  let blank = true;
  let quoted = false;
  for (const character of sample) {
    if (character === '"') quoted = !quoted;
    if (!quoted && (character === '\n' || character === '\r')) {
      if (!blank) lines.push(counts);
      if (lines.length === sampleLines) return lines;
      counts = candidates.map(() => 0);
      blank = true;
      continue;
    }
    blank = false;
    const k = quoted ? -1 : candidates.indexOf(character as Delimiter);
    if (k >= 0) counts[k] = (counts[k] as number) + 1;
  }
  // The last line counts only where the sample did not cut it.
  if (!blank && (text.length <= sampleBytes || lines.length === 0)) lines.push(counts);
  return lines;
}
