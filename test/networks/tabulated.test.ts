import { describe, expect, test } from 'vitest';
import { describe as inWords } from '../../lib/describe.js';
import { activation, dense, homogeneous, type Layer, repeat, residual, serial, tabulated } from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { parseNetworkText } from '../../lib/parse-network.js';
import { borders, type Piece, slopeAt, valueAt } from '../../lib/pieces.js';
import { isDeeplyFrozen, refusal } from './refusals.js';

const relu: readonly Piece[] = [
  { from: -1, to: 0, coefficients: [0] },
  { from: 0, to: 2, coefficients: [1, 1] },
];
/** 1 + 2u − 3u² + u³ on [−1, 1] in Chebyshev polynomials. */
const cubic: readonly Piece[] = [{ from: -1, to: 1, coefficients: [1 - 1.5, 2 + 0.75, -1.5, 0.25] }];
const first = dense({ inputScale: '1' });

describe('pieces', () => {
  test('values and slopes of a polynomial, and lines beyond its ends', () => {
    const value = (u: number) => 1 + 2 * u - 3 * u ** 2 + u ** 3;
    const slope = (u: number) => 2 - 6 * u + 3 * u ** 2;
    for (const u of [-1, -0.99, -0.3, 0, 0.2, 0.5, 1]) {
      expect(valueAt(cubic, u)).toBeCloseTo(value(u), 14);
      expect(slopeAt(cubic, u)).toBeCloseTo(slope(u), 14);
    }
    for (const [u, end] of [
      [-7, -1],
      [5.5, 1],
    ] as const) {
      expect(valueAt(cubic, u)).toBeCloseTo(value(end) + (u - end) * slope(end), 12);
      expect(slopeAt(cubic, u)).toBeCloseTo(slope(end), 13);
    }
  });
  test('the piece that u is in, a border belonging to the left', () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ from: i, to: i + 1, coefficients: [i + 0.5, 0.5] }));
    for (const u of [0, 0.25, 1, 17.5, 63, 99.9, 100, 250]) expect(valueAt(many, u)).toBeCloseTo(u, 11);
    expect(slopeAt(relu, 0)).toBe(0);
    expect(slopeAt(relu, 1e-12)).toBe(1);
    expect(borders(relu)).toEqual([-1, 0, 2]);
  });
});

describe('the layer', () => {
  test('is frozen plain data that JSON gives back', () => {
    const network = serial(first, tabulated(relu, { scale: 2 }), dense());
    expect(isDeeplyFrozen(network)).toBe(true);
    expect(parseNetworkText(JSON.stringify(network))).toEqual(network);
    const short = '{"kind": "tabulated", "pieces": [{"from": -1, "to": 1, "coefficients": [0, 1]}]}';
    const parsed = parseNetworkText(
      `{"kind": "serial", "layers": [{"kind": "dense", "inputScale": "1"}, ${short}, {"kind": "dense"}]}`,
    );
    expect(parsed).toEqual(serial(first, tabulated([{ from: -1, to: 1, coefficients: [0, 1] }]), dense()));
  });
  test('stays the caller’s where the caller made it', () => {
    const pieces = [{ from: -1, to: 1, coefficients: [0, 1] }];
    const layer = tabulated(pieces);
    (pieces[0] as { coefficients: number[] }).coefficients[1] = 9;
    expect(layer.pieces[0]?.coefficients).toEqual([0, 1]);
  });
  test('becomes one step: scale, and from, to, count and coefficients of every piece', () => {
    expect(lower(serial(first, tabulated(relu, { scale: 3 }), dense())).steps[2]).toEqual([
      ...['tabulated', 3],
      ...[-1, 0, 1, 0],
      ...[0, 2, 2, 1, 1],
    ]);
  });
  test('stands wherever an activation does', () => {
    const own = tabulated(relu);
    lower(serial(first, repeat(3, residual(serial(dense(), own, dense()))), dense()));
    expect(homogeneous(serial(first, own, dense()))).toBe(false);
    expect(inWords(serial(first, own, dense(), tabulated(cubic, { scale: 0.5 }), dense()))).toBe(
      'dense, own φ (2 pieces), dense, own φ (1 piece) × 0.5, dense',
    );
  });
});

describe('refusals', () => {
  const piece = (from: unknown, to: unknown, ...coefficients: unknown[]) => ({ from, to, coefficients });
  const cases: [what: string, pieces: unknown, message: RegExp][] = [
    ['no pieces', [], /^tabulated: pieces: expected an array of 1 to 1000 pieces, got an array of 0$/],
    ['no array', { 0: piece(0, 1, 1) }, /expected an array of 1 to 1000 pieces, got an object/],
    ['too many', Array.from({ length: 1001 }, (_, i) => piece(i, i + 1, 1)), /got an array of 1001/],
    ['a piece that is none', [3], /pieces\[0\]: expected an object with from, to and coefficients, got 3/],
    ['an unknown key', [{ ...piece(0, 1, 1), coefs: [] }], /unknown key 'coefs'/],
    ['a missing end', [{ from: 0, coefficients: [1] }], /pieces\[0\]\.to: expected a number .*, got nothing/],
    ['an infinite end', [piece(0, Number.POSITIVE_INFINITY, 1)], /pieces\[0\]\.to: .*got Infinity/],
    ['nothing between the ends', [piece(1, 1, 1)], /expected from < to .*, got 1 and 1/],
    ['ends the wrong way round', [piece(1, 0, 1)], /expected from < to/],
    ['ends a rounding apart', [piece(1, 1 + 1e-12, 1)], /expected from < to by more than 1e-9/],
    ['no coefficients', [piece(0, 1)], /1 to 64 Chebyshev coefficients, got an array of 0/],
    ['too many coefficients', [piece(0, 1, ...new Array(65).fill(1))], /got an array of 65; split the piece/],
    ['NaN', [piece(0, 1, 1, Number.NaN)], /coefficients\[1\]: expected a number of size at most 1e\+50, got NaN/],
    ['text', [piece(0, 1, '1')], /coefficients\[0\]: .*got '1'/],
    ['a gap', [piece(0, 1, 1), piece(2, 3, 1)], /pieces\[1\]\.from: expected 1, where the piece before it ends, got 2/],
    ['a jump', [piece(-1, 0, -1), piece(0, 1, 1)], /pieces\[1\]: φ jumps by 2 at 0, and a jump has no tangent kernel/],
    ['zero', [piece(-1, 0, 0), piece(0, 1, 0)], /φ is 0 everywhere, which would make the kernel vanish/],
  ];
  test.each(cases)('%s', (_what, pieces, message) => {
    expect(refusal(() => tabulated(pieces as Piece[])).message).toMatch(message);
    const network = { kind: 'serial', layers: [first, { kind: 'tabulated', scale: 1, pieces }, dense()] };
    const error = refusal(() => lower(network as unknown as Layer));
    expect(error.message).toContain('layers[1] (tabulated');
    expect(error.details.path).toBe('layers[1]');
  });
  test('a jump of rounding is none', () => {
    tabulated([
      { from: -1, to: 0, coefficients: [0.1 + 0.2] },
      { from: 0, to: 1, coefficients: [0.3] },
    ]);
  });
  test('scale 0, and a second activation right after', () => {
    expect(refusal(() => tabulated(relu, { scale: 0 })).message).toMatch(/^tabulated: scale: expected a factor/);
    const twice = serial(first, activation('erf'), tabulated(relu), dense());
    expect(refusal(() => lower(twice)).message).toMatch(/^layers\[2\] \(tabulated\): needs Gaussian input/);
  });
});
