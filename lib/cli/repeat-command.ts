import { basename } from 'node:path';
import type { Command } from 'commander';
import { isJson } from './network-file.js';

/** Options that say where results go or how they are shown, not what they are. */
const leftOut: readonly string[] = ['out', 'report', 'force', 'json', 'quiet', 'debug', 'threads'];

/**
 * The command that repeats a result, without its place: files by their base names, and no option that cannot change a
 * number. So two runs with different output folders record the same line.
 */
export function repeatCommand(command: Command, files: readonly string[]): string {
  const words = [...pathOf(command), ...command.args.map((word) => shellWord(basename(word)))];
  for (const option of command.options) {
    const key = option.attributeName();
    if (leftOut.includes(key) || command.getOptionValueSource(key) !== 'cli') continue;
    const value: unknown = command.getOptionValue(key);
    words.push(option.long ?? '');
    if (typeof value === 'boolean') continue;
    words.push(shellWord(files.includes(key) ? fileName(String(value)) : written(value)));
  }
  return words.join(' ');
}

/** resgram, study, huang; a command that stands alone is one of resgram. */
function pathOf(command: Command): readonly string[] {
  const { parent } = command;
  if (parent === null) return ['resgram', command.name()];
  return parent.parent === null ? ['resgram', command.name()] : [...pathOf(parent), command.name()];
}

/** --network may be the JSON itself. */
function fileName(value: string): string {
  return isJson(value) ? value : basename(value);
}

/** A value as it can be typed again. */
function written(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return value
    .map((part) => (/[",\s]/.test(String(part)) ? `"${String(part).replaceAll('"', '""')}"` : String(part)))
    .join(',');
}

function shellWord(word: string): string {
  return /^[\w.,:=/+@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
