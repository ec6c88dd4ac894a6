import { describe, expect, test } from 'vitest';
import { decimal, integer, keywordOr, listOf, names, oneOf } from '../../lib/cli/options.js';
import { KernelError } from '../../lib/errors.js';

function refusal(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof KernelError && error.code === 'ERR_ARGUMENT') return error.message;
    throw error;
  }
  throw new Error('was not refused');
}

describe('whole numbers', () => {
  const parse = integer('--limit', 1, 100);
  test.each([
    ['1', 1],
    ['100', 100],
    ['+7', 7],
    ['007', 7],
  ])('%s is %d', (text, value) => {
    expect(parse(text)).toBe(value);
  });
  test.each(['0', '101', '-1', '1.5', '1e2', '0x10', '', ' 1', 'NaN', 'Infinity', '9007199254740993'])(
    'refuses %j with the option, the range and what came',
    (text) => {
      expect(refusal(() => parse(text))).toBe(`--limit: expected an integer from 1 to 100, got '${text}'`);
    },
  );
  test('without an upper limit, the message names the lower one', () => {
    expect(refusal(() => integer('--seed', 0)('-3'))).toBe("--seed: expected an integer of at least 0, got '-3'");
  });
});

describe('decimal numbers', () => {
  const parse = decimal('--ridge', 'a number of at least 0', (value) => value >= 0);
  test.each([
    ['0', 0],
    ['1e-3', 1e-3],
    ['.5', 0.5],
    ['2.', 2],
    ['+1E2', 100],
  ])('%s is %d', (text, value) => {
    expect(parse(text)).toBe(value);
  });
  test.each(['', ' ', '1,5', '0x10', '1e400', '-1', 'NaN', 'Infinity', '1e', 'one', '.'])('refuses %j', (text) => {
    expect(refusal(() => parse(text))).toBe(`--ridge: expected a number of at least 0, got '${text}'`);
  });
});

test('a mistyped name is answered with the nearest one', () => {
  const parse = oneOf('--kernel', ['nngp', 'ntk']);
  expect(parse('ntk')).toBe('ntk');
  expect(refusal(() => parse('nkt'))).toContain("--kernel: unknown value 'nkt'; did you mean 'ntk'?");
  // Names of Object.prototype are no names of ours.
  expect(refusal(() => parse('constructor'))).toContain('known: nngp, ntk');
});

test('a keyword or a number', () => {
  const parse = keywordOr('loo', decimal('--ridge'));
  expect(parse('loo')).toBe('loo');
  expect(parse('1e-6')).toBe(1e-6);
  expect(refusal(() => parse('lo'))).toContain("'lo'");
});

describe('lists', () => {
  const parse = listOf('--depths', integer('--depths', 1));
  test('values between commas, blanks around them do not count', () => {
    expect(parse('1,2, 5')).toEqual([1, 2, 5]);
  });
  test.each(['', '1,', ',1', '1,,2', '1 2', '1,x'])('refuses %j', (text) => {
    expect(refusal(() => parse(text))).toContain('--depths');
  });
  test('each value once', () => {
    expect(refusal(() => parse('1,2,1'))).toBe("--depths: expected each value once, got '1,2,1'");
  });
});

describe('names of columns and classes', () => {
  const parse = names('--ignore');
  test.each([
    ['a', ['a']],
    ['a, b c ,3', ['a', 'b c', '3']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",x', ['say "hi"', 'x']],
    ['__proto__,constructor', ['__proto__', 'constructor']],
  ])('%s', (text, parts) => {
    expect(parse(text)).toEqual(parts);
  });
  test.each(['', 'a,', ',a', 'a,,b', '"a', '"a"b', 'a,a'])('refuses %j', (text) => {
    expect(refusal(() => parse(text))).toContain('--ignore');
  });
});
