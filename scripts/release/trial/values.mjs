// A first Gram matrix, and whether it is one: the arc-cosine kernel of one ReLU layer has ⟨x, x⟩ = |x|² on its diagonal.
export const rows = [
  [3, 0],
  [0, 2],
  [1, 1],
];

export function check(values) {
  if (values.length !== 9) throw new Error(`expected 9 values, got ${values.length}`);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      if (!Number.isFinite(values[3 * i + j])) throw new Error(`value ${i}, ${j} is ${values[3 * i + j]}`);
      if (values[3 * i + j] !== values[3 * j + i]) throw new Error(`not symmetric at ${i}, ${j}`);
    }
  }
  // Homogeneous of degree 1 in each argument: k(cx, cx) = c² k(x, x).
  const ratio = values[0] / values[4] / (9 / 4);
  if (Math.abs(ratio - 1) > 8 * 2 ** -52) throw new Error(`diagonal: expected 9 : 4, got ${values[0]} : ${values[4]}`);
}
