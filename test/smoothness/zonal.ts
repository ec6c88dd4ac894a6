/**
 * Oracle: bias-free ReLU kernels over the angle in plain TypeScript, by the recursion on the complement 1 − ρ (the
 * angle itself comes in, so nothing is lost near 0). Slow and obvious; knows nothing of the package.
 */
export type Values = (angles: Float64Array) => Float64Array;

interface Layer {
  readonly kappa0: number;
  /** 1 − κ1. */
  readonly defect1: number;
}

function relu(theta: number): Layer {
  const series =
    theta < 0.3
      ? (theta ** 3 / 3) * (1 - theta ** 2 / 10 + theta ** 4 / 280 - theta ** 6 / 15120 + theta ** 8 / 1330560)
      : Math.sin(theta) - theta * Math.cos(theta);
  return { kappa0: 1 - theta / Math.PI, defect1: 2 * Math.sin(theta / 2) ** 2 - series / Math.PI };
}

const angleOf = (defect: number) =>
  defect <= 1 ? 2 * Math.asin(Math.sqrt(defect / 2)) : Math.PI - 2 * Math.asin(Math.sqrt((2 - defect) / 2));

/** c = 2, every layer trained; `head: false` freezes the last one. Divided by the value at angle 0. */
export function mlpCurve(depth: number, head = true): Values {
  return (angles) =>
    angles.map((angle) => {
      let theta = angle;
      let ntk = Math.cos(theta);
      let defect = 0;
      for (let layer = 1; layer <= depth; layer++) {
        const { kappa0, defect1 } = relu(theta);
        ntk = kappa0 * ntk + (layer < depth || head ? 1 - defect1 : 0);
        defect = defect1;
        theta = angleOf(defect);
      }
      return ntk / (depth + (head ? 1 : 0));
    });
}

/** A = α²c/2; `ends` trains the first and the last layer too. Divided by the value at angle 0. */
export function resnetCurve(depth: number, a: number, ends: boolean): Values {
  const raw = (angle: number) => {
    let theta = angle;
    let defect = 2 * Math.sin(angle / 2) ** 2;
    let scale = 1;
    let ntk = ends ? 1 - defect : 0;
    for (let layer = 1; layer <= depth; layer++) {
      const { kappa0, defect1 } = relu(theta);
      ntk = ntk * (1 + a * kappa0) + a * scale * (1 - defect1 + (1 - defect) * kappa0);
      defect = (defect + a * defect1) / (1 + a);
      scale *= 1 + a;
      theta = angleOf(defect);
    }
    return ends ? ntk + scale * (1 - defect) : ntk;
  };
  return (angles) => angles.map((angle) => raw(angle) / raw(0));
}

/** Closed forms of −κ′(0⁺). */
export const closedCusp = {
  mlp: (depth: number) => depth / (2 * Math.PI),
  huang: (depth: number, a: number) => (1 + (a * (depth - 1)) / (1 + a)) / (2 * Math.PI),
  tirer: (depth: number, a: number) =>
    ((a * depth) / Math.PI) * ((2 * (1 + a) + a * (depth - 1)) / (1 + a) / (2 * (1 + a) + 2 * a * depth)),
};

const levels = 44;
/** Bound on the rounding error of one value of the curves above. */
const rounding = 2 ** -50;

/**
 * lim (κ(end) − κ(end ± h))/h for h → 0 from the values alone: quotients at halved steps are extrapolated (one power of h
 * per column), and of the tableau the entry is taken whose neighbours agree best, the rounding of its quotients included.
 */
export function extrapolatedSlope(values: Values, end: 0 | typeof Math.PI): number {
  const steps = Array.from({ length: levels }, (_, i) => 0.5 * 2 ** -i);
  const [start, ...rest] = values(Float64Array.of(end, ...steps.map((h) => Math.abs(end - h)))) as unknown as number[];
  let best = { value: 0, error: Number.POSITIVE_INFINITY };
  let above: number[] = [];
  steps.forEach((h, row) => {
    const current = [((start as number) - (rest[row] as number)) / h];
    for (let column = 1; column <= row; column++) {
      const [finer, coarser] = [current[column - 1] as number, above[column - 1] as number];
      const value = finer + (finer - coarser) / (2 ** column - 1);
      const error = Math.max(Math.abs(value - finer), Math.abs(value - coarser)) + (4 * rounding) / h;
      if (error < best.error) best = { value, error };
      current.push(value);
    }
    above = current;
  });
  return best.value;
}
