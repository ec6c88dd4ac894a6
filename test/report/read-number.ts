/** Reads a number as reports print it; undefined where the text is no number. */
export function readNumber(text: string): number | undefined {
  const plain = text
    .replace(/[\u202f%]/g, '')
    .replace(/−/g, '-')
    .trim();
  const scientific = /^(-?)(?:(\d+(?:\.\d+)?)×)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/.exec(plain);
  if (scientific !== null) {
    const [, sign, mantissa = '1', exponent = ''] = scientific;
    return Number(`${sign}${mantissa}e${Array.from(exponent, digit).join('')}`);
  }
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined;
}

/** Half a unit in the last printed place. */
export function resolution(text: string): number {
  const mantissa = text.replace(/×10.*$/, '');
  const decimals = /\.(\d+)/.exec(mantissa)?.[1]?.length ?? 0;
  const power = readNumber(text.replace(/^.*×/, '').replace(/^(?!10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+$).*$/, '1')) ?? 1;
  return 0.5 * 10 ** -decimals * power;
}

function digit(character: string): string {
  return character === '⁻' ? '-' : String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(character));
}
