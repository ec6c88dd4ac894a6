/** Numbers as a sentence carries them. Never depends on the locale of the machine. */

export type ErrorMetric = 'error rate' | 'rmse';

/** "1.23 %" of an error rate, three significant digits of an rmse. */
export function errorText(metric: ErrorMetric, value: number): string {
  return metric === 'error rate' ? `${(100 * value).toFixed(2)} %` : significant(value);
}

/** "0.80 points" between two error rates, three significant digits between two rmse. */
export function differenceText(metric: ErrorMetric, value: number): string {
  return metric === 'error rate' ? `${(100 * value).toFixed(2)} points` : significant(value);
}

/** "p = 0.032", "p < 0.001", "p = 1". */
export function pText(p: number): string {
  if (p < 0.001) return 'p < 0.001';
  return `p = ${p >= 0.9995 ? '1' : p.toPrecision(2).replace(/0+$/, '')}`;
}

/** Three significant digits, without trailing zeros; powers of ten where the number is far from 1. */
export function significant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6 || magnitude < 1e-4) return value.toExponential(digits - 1);
  const text = value.toPrecision(digits);
  return text.includes('e') ? String(Math.round(value)) : text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** "a", "a and b", "a, b and c". */
export function listText(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** "1 row", "2 rows", "12,000 rows". */
export function countText(count: number, noun: string): string {
  return `${count.toString().replace(/\B(?=(\d{3})+$)/g, ',')} ${noun}${count === 1 ? '' : 's'}`;
}

/** The same sentence with a capital at its start; symbols such as α stay as they are. */
export function sentence(text: string): string {
  return /^[a-z]/.test(text) ? (text[0] as string).toUpperCase() + text.slice(1) : text;
}
