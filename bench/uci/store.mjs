// @ts-check
// What has been computed, a line of JSON each, in a file that is only appended to: a run that was stopped goes on from it.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Raised when results computed before no longer mean the same. */
export const scheme = 1;

/**
 * @typedef {{ scheme: number, set: string, rows: number, protocol: string, classifier: string, method: string,
 *   accuracy: number, folds: number[], choices: { kernel: string, strength: number }[], seconds: number }} Line
 */

/** @returns {Line[]} the latest line of each kind; one that was cut short by a crash is no line */
export function readLines(file) {
  if (!existsSync(file)) return [];
  const lines = new Map();
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    const line = parsed(text);
    if (line?.scheme === scheme) lines.set(keyOf(line), line);
  }
  return [...lines.values()];
}

/** Appends with one write, behind whatever a crash has left of a line. */
export function append(file, lines) {
  mkdirSync(path.dirname(file), { recursive: true });
  const torn = existsSync(file) && !/(^|\n)$/.test(readFileSync(file, 'utf8'));
  appendFileSync(file, `${torn ? '\n' : ''}${lines.map((line) => `${JSON.stringify(line)}\n`).join('')}`);
}

export const keyOf = ({ set, protocol, classifier, method }) => [set, protocol, classifier, method].join(' / ');

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
