/**
 * The numbers that a table may hold: digits with an optional sign, decimal point and exponent. JavaScript's own
 * conversion also takes '' and ' ' (0), '0x10' (16) and 'Infinity', and these are never meant.
 */
const grammar = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number that a text spells, or NaN if it spells none or one beyond the range of doubles. */
export function numberFromText(text: string): number {
  if (!grammar.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : Number.NaN;
}

const missingWords = ['NA', 'N/A', 'NaN', 'nan', '?', 'null', 'NULL'];
const missing: ReadonlySet<string> = new Set(['', ...missingWords]);

/** Does a cell say that there is no value? */
export function isMissing(text: string): boolean {
  return missing.has(text);
}

/** Why a text is not a number, for a reader who thought that it was. */
export function whyNotNumber(text: string): string {
  const shown = `'${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`;
  if (/^[+-]?inf(inity)?$/i.test(text)) return `${shown} is infinite; kernels need finite numbers`;
  if (grammar.test(text)) return `${shown} is beyond the range of doubles (1.8e308)`;
  if (/^[+-]?\d+,\d+$/.test(text)) return `${shown} is not a number: write the decimal point as '.'`;
  return `${shown} is not a number`;
}

const powersOfTen = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const zero = 48;

/**
 * `numberFromText` on the bytes [from, to), without making a string.
 *
 * A mantissa below 2^53 and a power of ten up to 10^22 are both exact doubles, so their product or quotient is rounded
 * once and equals the correctly rounded value (Clinger 1990). Anything longer goes the slow way.
 */
export function numberFromBytes(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  const first = bytes[at];
  const negative = first === 45;
  if (negative || first === 43) at++;
  let mantissa = 0;
  let digits = 0;
  let decimals = 0;
  for (; at < to; at++) {
    const digit = (bytes[at] as number) - zero;
    if (digit < 0 || digit > 9) break;
    mantissa = 10 * mantissa + digit;
    digits++;
  }
  if (at < to && bytes[at] === 46) {
    for (at++; at < to; at++) {
      const digit = (bytes[at] as number) - zero;
      if (digit < 0 || digit > 9) break;
      mantissa = 10 * mantissa + digit;
      digits++;
      decimals++;
    }
  }
  if (digits === 0) return Number.NaN;
  let exponent = 0;
  if (at < to) {
    if (bytes[at] !== 101 && bytes[at] !== 69) return Number.NaN;
    at++;
    const sign = bytes[at];
    if (sign === 45 || sign === 43) at++;
    const start = at;
    for (; at < to; at++) {
      const digit = (bytes[at] as number) - zero;
      if (digit < 0 || digit > 9) return Number.NaN;
      exponent = 10 * exponent + digit;
    }
    if (at === start) return Number.NaN;
    if (sign === 45) exponent = -exponent;
  }
  exponent -= decimals;
  if (digits > 15 || exponent < -22 || exponent > 22) {
    return numberFromText(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1'));
  }
  const scale = powersOfTen[Math.abs(exponent)] as number;
  const value = exponent < 0 ? mantissa / scale : mantissa * scale;
  return negative ? -value : value;
}
