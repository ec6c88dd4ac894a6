/** Products of matrices in plain loops; rows one after another, in double precision. */

export type Numbers = Float64Array<ArrayBuffer>;

/** A B, with A of rows × inner and B of inner × columns. */
export function product(a: Numbers, b: Numbers, rows: number, inner: number, columns: number): Numbers {
  if (rows % 2 === 0 && columns % 4 === 0) return blockedProduct(a, b, rows, inner, columns);
  const out = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += (a[r * inner + k] as number) * (b[k * columns + c] as number);
      out[r * columns + c] = sum;
    }
  }
  return out;
}

/** Aᵀ D, with A of rows × inner and D of rows × columns. */
export function transposedProduct(a: Numbers, d: Numbers, rows: number, inner: number, columns: number): Numbers {
  if (rows % 2 === 0 && columns % 4 === 0) return blockedTransposed(a, d, rows, inner, columns);
  const out = new Float64Array(inner * columns);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inner; k++) {
      const value = a[r * inner + k] as number;
      for (let c = 0; c < columns; c++) {
        out[k * columns + c] = (out[k * columns + c] as number) + value * (d[r * columns + c] as number);
      }
    }
  }
  return out;
}

/** Inner products of the columns of A, which is rows × columns: Aᵀ A. */
export const columnGram = (a: Numbers, rows: number, columns: number): Numbers =>
  transposedProduct(a, a, rows, columns, columns);

/** Two rows and four columns at a time, because reading costs more than multiplying. */
function blockedProduct(a: Numbers, b: Numbers, rows: number, inner: number, columns: number): Numbers {
  const out = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r += 2) {
    const first = r * inner;
    const second = first + inner;
    for (let c = 0; c < columns; c += 4) {
      let [s0, s1, s2, s3, t0, t1, t2, t3] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let k = 0, at = c; k < inner; k++, at += columns) {
        const v = a[first + k] as number;
        const w = a[second + k] as number;
        const b0 = b[at] as number;
        const b1 = b[at + 1] as number;
        const b2 = b[at + 2] as number;
        const b3 = b[at + 3] as number;
        s0 += v * b0;
        s1 += v * b1;
        s2 += v * b2;
        s3 += v * b3;
        t0 += w * b0;
        t1 += w * b1;
        t2 += w * b2;
        t3 += w * b3;
      }
      out.set([s0, s1, s2, s3], r * columns + c);
      out.set([t0, t1, t2, t3], (r + 1) * columns + c);
    }
  }
  return out;
}

function blockedTransposed(a: Numbers, d: Numbers, rows: number, inner: number, columns: number): Numbers {
  const out = new Float64Array(inner * columns);
  for (let r = 0; r < rows; r += 2) {
    const first = r * inner;
    const second = first + inner;
    for (let c = 0; c < columns; c += 4) {
      const from = r * columns + c;
      const [d0, d1, d2, d3] = d.subarray(from, from + 4) as unknown as [number, number, number, number];
      const below = from + columns;
      const [e0, e1, e2, e3] = d.subarray(below, below + 4) as unknown as [number, number, number, number];
      for (let k = 0, to = c; k < inner; k++, to += columns) {
        const v = a[first + k] as number;
        const w = a[second + k] as number;
        out[to] = (out[to] as number) + v * d0 + w * e0;
        out[to + 1] = (out[to + 1] as number) + v * d1 + w * e1;
        out[to + 2] = (out[to + 2] as number) + v * d2 + w * e2;
        out[to + 3] = (out[to + 3] as number) + v * d3 + w * e3;
      }
    }
  }
  return out;
}
