import { describe, expect, test } from 'vitest';
import {
  bytes,
  chosen,
  fixed,
  integer,
  percent,
  probability,
  scientific,
  sentence,
  significant,
  typeset,
} from '../../lib/report/format.js';
import { uniforms } from './kernels.js';
import { readNumber } from './read-number.js';

describe('numbers as text', () => {
  test.each([
    [0, '0'],
    [0.031245, '0.0312'],
    [1.5, '1.50'],
    [-0.7958, '−0.796'],
    [9.996, '10.0'],
    [0.09999, '0.100'],
    [12345, '12\u202f345'],
    [999_999, '1.00×10⁶'],
    [1234567, '1.23×10⁶'],
    [1.234e-7, '1.23×10⁻⁷'],
    [-1.234e-7, '−1.23×10⁻⁷'],
    [1e-10, '10⁻¹⁰'],
    [Number.POSITIVE_INFINITY, '∞'],
    [Number.NaN, 'not a number'],
  ])('significant(%f) is %s', (value, text) => expect(significant(value)).toBe(text));

  test('a printed number reads back as the number to its last digit', () => {
    const uniform = uniforms(11);
    for (let i = 0; i < 3000; i++) {
      const value = (uniform() < 0.5 ? -1 : 1) * 10 ** (24 * uniform() - 12);
      const digits = 1 + Math.floor(5 * uniform());
      const back = readNumber(significant(value, digits)) as number;
      expect(Math.abs(back - value)).toBeLessThanOrEqual(
        0.5000001 * 10 ** (Math.floor(Math.log10(Math.abs(value))) + 1 - digits),
      );
    }
  });

  test('a rounded zero has no sign', () => {
    expect(fixed(-0.0004, 2)).toBe('0.00');
    expect(fixed(-0.006, 2)).toBe('−0.01');
  });

  test('percent, probability, bytes, integers and powers', () => {
    expect(percent(0.0312)).toBe('3.12\u202f%');
    expect(probability(0.0004)).toBe('< 0.001');
    expect(probability(0.0412)).toBe('0.041');
    expect(bytes(999)).toBe('999\u202fbytes');
    expect(bytes(9_912_422)).toBe('9.91\u202fMB');
    expect(integer(1_048_576)).toBe('1\u202f048\u202f576');
    expect(scientific(-1e5, 1)).toBe('−10⁵');
  });

  test('a chosen number has no more digits than it needs', () => {
    expect([1, 0.001, 100, 1e-10, 10 ** -6.5, 0].map(chosen)).toEqual(['1', '0.001', '100', '10⁻¹⁰', '3.16×10⁻⁷', '0']);
  });

  test('notes become sentences', () => {
    expect(sentence('the first line was read')).toBe('The first line was read.');
    expect(sentence('t10k-images.gz: 3 rows')).toBe('t10k-images.gz: 3 rows.');
    expect(sentence('α = 1 is best.')).toBe('α = 1 is best.');
  });

  test('powers of the depth are set as in a book, other text stays', () => {
    expect(typeset('ResNet, α = 1/√L')).toBe('ResNet, α\u00a0=\u00a01/\u2060√L');
    expect(typeset('ResNet, α = 1/L')).toBe('ResNet, α\u00a0=\u00a01/\u2060L');
    expect(typeset('α = L^-0.75 and 1/L.')).toBe('α\u00a0=\u00a0L⁻⁰·⁷⁵ and 1/\u2060L.');
    expect(typeset('α = L^-3/4')).toBe('α\u00a0=\u00a0L^(−3/4)');
    expect(typeset('column x^2, 1.2 %')).toBe('column x^2, 1.2\u202f%');
    expect(typeset('of 1,984 rows, 12,000 and 3,8')).toBe('of 1984 rows, 12\u202f000 and 3,8');
    expect(typeset('interval -1.15 to 3.15 of x-1')).toBe('interval −1.15 to 3.15 of x-1');
  });
});
