/**
 * How numbers look in reports and figures: true minus sign, narrow no-break spaces, powers of ten in words of one line.
 * Every function is a pure function of the number, so the same report prints the same bytes.
 */

const minus = '\u2212';
const narrowSpace = '\u202f';
/** Has no width; forbids a line break. */
const joiner = '\u2060';
/** Stands where there is no number. */
export const missing = '–';

/** A number to so many significant digits: 0.0312, 1.50, 12 345, 1.2×10⁻⁷. */
export function significant(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return notFinite(value);
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(digits));
  const exponent = exponentOf(rounded);
  if (exponent < -3 || exponent >= 6) return scientific(value, digits);
  // Digits before the point are never replaced by zeros: 12 345, not 12 300.
  return fixed(value, Math.max(0, digits - 1 - exponent));
}

/** A number with so many decimals, digits grouped from 10 000 on. */
export function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const [whole = '0', fraction] = Math.abs(value).toFixed(decimals).split('.');
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, narrowSpace) : whole;
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? minus + text : text;
}

export function integer(value: number): string {
  return fixed(Math.round(value), 0);
}

/** m×10ⁿ; of an exact power of ten only the power. */
export function scientific(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const [mantissa = '0', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const power = powerOfTen(Number(exponent));
  if (Math.abs(value) === Number(`1e${Number(exponent)}`)) return value < 0 ? minus + power : power;
  return `${mantissa.replace('-', minus)}×${power}`;
}

/** 10ⁿ with superscript digits. */
export function powerOfTen(exponent: number): string {
  return `10${superscript(String(exponent))}`;
}

/** A fraction as a percentage: 0.0312 → 3.12 %. */
export function percent(fraction: number, decimals = 2): string {
  return Number.isFinite(fraction) ? `${fixed(100 * fraction, decimals)}${narrowSpace}%` : notFinite(fraction);
}

/** A probability: three decimals, and below them only the bound. */
export function probability(p: number): string {
  if (!Number.isFinite(p)) return notFinite(p);
  return p < 0.001 ? `< 0.001` : fixed(p, 3);
}

/** A file size in decimal units. */
export function bytes(count: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let scaled = count;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${unit === 0 ? integer(scaled) : significant(scaled)}${narrowSpace}${units[unit]}`;
}

/** "1 row", "12 rows". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${integer(number)} ${number === 1 ? one : many}`;
}

/** "a; b; c": items that may hold commas of their own. */
export function sequence(items: readonly string[]): string {
  return items.join('; ');
}

/**
 * Our own sentences and labels as a book would set them: L^-0.7 → L⁻⁰·⁷, L^-3/4 → L^(−3/4), a true minus, thin spaces in
 * 12,000, and no line break inside "α = 0.1", "1/L" or "1.2 %".
 */
export function typeset(text: string): string {
  return text
    .replace(/\/(√?L)\b/g, `/${joiner}$1`)
    .replace(/\bL\^-(\d+\/\d+)/g, `L^(${minus}$1)`)
    .replace(/\bL\^(-?\d+(?:\.\d+)?)/g, (_, power: string) => `L${superscript(power)}`)
    .replace(/(^|[\s(])-(?=\d)/g, `$1${minus}`)
    .replace(/(?<=^|[\s(])([αpL]) ([=<]) /g, '$1\u00a0$2\u00a0')
    .replace(/\b\d{1,3}(?:,\d{3})+\b/g, (grouped) => integer(Number(grouped.replaceAll(',', ''))))
    .replace(/(\d) %/g, `$1${narrowSpace}%`);
}

/** A note as a sentence: a capital at its start, unless a file name stands there, and a full stop at its end. */
export function sentence(text: string): string {
  const capital = /^[a-z]+[\s:,]/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

/** A number that somebody chose, with no more digits than it needs: 1, 0.001, 3.16×10⁻⁷. */
export function chosen(value: number): string {
  const short = Number(value.toPrecision(3));
  if (short !== 0 && (Math.abs(short) < 1e-3 || Math.abs(short) >= 1e6)) return scientific(short);
  return String(short).replace('-', minus);
}

function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

function superscript(text: string): string {
  return Array.from(text, (c) => (c === '-' ? '⁻' : c === '.' ? '·' : ('⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)] ?? c))).join('');
}

function notFinite(value: number): string {
  if (Number.isNaN(value)) return 'not a number';
  return value > 0 ? '∞' : `${minus}∞`;
}
