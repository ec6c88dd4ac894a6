/** A φ in polynomial pieces: Chebyshev coefficients between neighbouring borders, straight lines beyond the ends. */

/** φ(u) = Σ c_k T_k(t), t = (2u − from − to)/(to − from), for u in [from, to]. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly coefficients: readonly number[];
}

/** φ at u. The outer pieces go on as lines with the slope of their ends. */
export function valueAt(pieces: readonly Piece[], u: number): number {
  const piece = pieceOf(pieces, u);
  const inside = Math.min(piece.to, Math.max(piece.from, u));
  const value = series(piece.coefficients, position(piece, inside));
  return inside === u ? value : value + (u - inside) * slopeInside(piece, inside);
}

/** φ′ at u; at a border the value from the left. */
export function slopeAt(pieces: readonly Piece[], u: number): number {
  const piece = pieceOf(pieces, u);
  return slopeInside(piece, Math.min(piece.to, Math.max(piece.from, u)));
}

/** Borders between the pieces, and the two ends: φ is analytic everywhere else. */
export function borders(pieces: readonly Piece[]): number[] {
  return [...pieces.map(({ from }) => from), (pieces[pieces.length - 1] as Piece).to];
}

/** How much φ jumps from one piece to the next, and the size of what rounding would see. */
export function jumpAt(before: Piece, next: Piece): { readonly jump: number; readonly size: number } {
  const size = (piece: Piece): number => piece.coefficients.reduce((sum, value) => sum + Math.abs(value), 0);
  return { jump: series(next.coefficients, -1) - series(before.coefficients, 1), size: size(before) + size(next) };
}

/** Σ c_k T_k(t) by Clenshaw's recurrence. [chebyshev-pieces] */
export function series(coefficients: readonly number[], t: number): number {
  let next = 0;
  let afterNext = 0;
  for (let k = coefficients.length - 1; k > 0; k--) {
    [next, afterNext] = [(coefficients[k] as number) + 2 * t * next - afterNext, next];
  }
  return (coefficients[0] as number) + t * next - afterNext;
}

/** Σ k c_k U_{k−1}(t), the derivative of the series in t, likewise. [chebyshev-pieces] */
function derivative(coefficients: readonly number[], t: number): number {
  let next = 0;
  let afterNext = 0;
  for (let k = coefficients.length - 1; k > 0; k--) {
    [next, afterNext] = [k * (coefficients[k] as number) + 2 * t * next - afterNext, next];
  }
  return next;
}

function slopeInside(piece: Piece, u: number): number {
  return (2 * derivative(piece.coefficients, position(piece, u))) / (piece.to - piece.from);
}

function position({ from, to }: Piece, u: number): number {
  return Math.min(1, Math.max(-1, (u - from - (to - u)) / (to - from)));
}

/** The piece that u is in: the first that does not end before it, or the last. */
function pieceOf(pieces: readonly Piece[], u: number): Piece {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle] as Piece).to < u) low = middle + 1;
    else high = middle;
  }
  return pieces[low] as Piece;
}
