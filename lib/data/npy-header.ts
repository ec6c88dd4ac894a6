import type { KernelError } from '../errors.js';

export interface NpyHeader {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

const maxAxes = 32;

/**
 * The dictionary of an .npy header, by a grammar that admits what NumPy writes and no other Python:
 * three known keys, each once, in any order; a plain string, True or False, a tuple of plain whole numbers.
 */
export function parseNpyHeader(text: string, fail: (problem: string) => KernelError): NpyHeader {
  let position = 0;
  const skipSpaces = () => {
    while (text[position] === ' ') position++;
  };
  const take = (token: string): boolean => {
    skipSpaces();
    if (!text.startsWith(token, position)) return false;
    position += token.length;
    return true;
  };
  const expect = (token: string) => {
    if (!take(token)) throw unexpected(`'${token}'`);
  };
  const match = (pattern: RegExp, what: string): string => {
    skipSpaces();
    pattern.lastIndex = position;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) throw unexpected(what);
    position += found.length;
    return found;
  };
  const unexpected = (what: string) =>
    fail(`its header is not one that NumPy writes for plain numbers: expected ${what} at character ${position}`);

  const string = () => match(/'[ -&(-[\]-~]*'|"[ !#-[\]-~]*"/y, 'a plain string').slice(1, -1);
  const description = () => {
    skipSpaces();
    // A list in place of a string describes records.
    if (text[position] === '[') throw fail('it holds records with named fields; save them as one float64 array');
    return string();
  };
  const boolean = () => match(/True|False/y, 'True or False') === 'True';
  const tuple = (): number[] => {
    const lengths: number[] = [];
    expect('(');
    while (!take(')')) {
      lengths.push(Number(match(/(?:0|[1-9]\d{0,15})(?!\d)/y, 'a whole number')));
      if (lengths.length > maxAxes) throw fail(`its shape has more than ${maxAxes} axes`);
      // (3,) needs its comma: (3) is a number in brackets, not a tuple.
      if (take(',')) continue;
      if (lengths.length === 1) throw unexpected("','");
      expect(')');
      break;
    }
    return lengths;
  };

  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: number[] | undefined;
  expect('{');
  while (!take('}')) {
    const key = string();
    expect(':');
    if (key === 'descr' && descr === undefined) descr = description();
    else if (key === 'fortran_order' && fortranOrder === undefined) fortranOrder = boolean();
    else if (key === 'shape' && shape === undefined) shape = tuple();
    else throw fail(`its header has an unknown or repeated key '${key}'`);
    if (take(',')) continue;
    expect('}');
    break;
  }
  if (!/^ *\n?$/.test(text.slice(position))) throw unexpected('the end of the header');
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    throw fail("its header must have the keys 'descr', 'fortran_order' and 'shape'");
  }
  return { descr, fortranOrder, shape };
}
