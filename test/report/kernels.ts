/**
 * Slow and obvious kernels for the report's fixture: the NTK of a bias-free ReLU MLP and of the two-matrix ResNet whose
 * ends are frozen, as functions of the angle, normalised to 1 at angle 0.
 */
export type Network = { readonly alpha: number | null };

export function kernelAt(network: Network, depth: number, angle: number): number {
  return network.alpha === null ? mlp(depth, angle) : resnet(depth, network.alpha, angle);
}

function mlp(depth: number, angle: number): number {
  let rho = Math.cos(angle);
  let tangent = rho;
  for (let l = 0; l < depth; l++) {
    const { k0, k1 } = arcCosine(rho);
    tangent = k0 * tangent + k1;
    rho = k1;
  }
  return tangent / (depth + 1);
}

function resnet(depth: number, alpha: number, angle: number): number {
  const a = alpha * alpha;
  let rho = Math.cos(angle);
  let scale = 1;
  let tangent = 0;
  for (let l = 0; l < depth; l++) {
    const { k0, k1 } = arcCosine(rho);
    tangent = tangent * (1 + a * k0) + a * scale * (k1 + rho * k0);
    rho = (rho + a * k1) / (1 + a);
    scale *= 1 + a;
  }
  return tangent / (2 * depth * a * (1 + a) ** (depth - 1));
}

function arcCosine(rho: number): { k0: number; k1: number } {
  const theta = Math.acos(Math.min(1, Math.max(-1, rho)));
  return { k0: 1 - theta / Math.PI, k1: (Math.sin(theta) + (Math.PI - theta) * Math.cos(theta)) / Math.PI };
}

/** −κ′(0⁺) of the normalised kernel. */
export function cuspSlope(network: Network, depth: number): number {
  if (network.alpha === null) return depth / (2 * Math.PI);
  const a = network.alpha ** 2;
  return (1 + (a * (depth - 1)) / (1 + a)) / (2 * Math.PI);
}

/** Solves a small symmetric positive definite system by Gaussian elimination. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  for (let k = 0; k < n; k++) {
    const pivot = rows[k] as number[];
    for (let i = k + 1; i < n; i++) {
      const row = rows[i] as number[];
      const factor = (row[k] as number) / (pivot[k] as number);
      for (let j = k; j <= n; j++) row[j] = (row[j] as number) - factor * (pivot[j] as number);
    }
  }
  const x = Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    const row = rows[i] as number[];
    let sum = row[n] as number;
    for (let j = i + 1; j < n; j++) sum -= (row[j] as number) * (x[j] as number);
    x[i] = sum / (row[i] as number);
  }
  return x;
}

/** Eigenvalues of a symmetric matrix by cyclic Jacobi rotations, largest first. */
export function eigenvalues(matrix: readonly (readonly number[])[]): number[] {
  const a = matrix.map((row) => Float64Array.from(row));
  const n = a.length;
  const at = (i: number, j: number) => (a[i] as Float64Array)[j] as number;
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(at(p, q)) < 1e-18) continue;
        const angle = 0.5 * Math.atan2(2 * at(p, q), at(q, q) - at(p, p));
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < n; k++) {
          const row = a[k] as Float64Array;
          const [x, y] = [row[p] as number, row[q] as number];
          row[p] = c * x - s * y;
          row[q] = s * x + c * y;
        }
        const [rp, rq] = [a[p] as Float64Array, a[q] as Float64Array];
        for (let k = 0; k < n; k++) {
          const [x, y] = [rp[k] as number, rq[k] as number];
          rp[k] = c * x - s * y;
          rq[k] = s * x + c * y;
        }
      }
    }
  }
  return Array.from({ length: n }, (_, i) => at(i, i)).sort((x, y) => y - x);
}

/** A fixed stream of uniform numbers in [0, 1) (mulberry32). */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function gaussian(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
