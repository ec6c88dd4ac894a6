/**
 * Networks of finite width, sampled and differentiated by hand: the definition that the kernels are the limit of. It
 * shares no formula with the package but the forward pass of the papers.
 */

import type { Random } from '../../lib/data/rng.js';

export interface FiniteNetwork {
  readonly width: number;
  readonly depth: number;
  readonly phi: (u: number) => number;
  readonly slope: (u: number) => number;
  /** Of the inner product of the data: 1 or 1/d. */
  readonly inputScale: number;
  /** h ↦ h + (α/√m) V φ(W h/√m) per block; undefined: an MLP. */
  readonly alpha?: number;
  /** β², and whether biases are drawn or start at zero; they train in both cases. */
  readonly bias?: { readonly var: number; readonly init: 'normal' | 'zero' };
  readonly trains: { readonly first: boolean; readonly hidden: boolean; readonly head: boolean };
}

export interface Sample {
  /** E f(x)f(z) over the head, and the inner product of the gradients, for all pairs of inputs. */
  readonly nngp: number[][];
  readonly ntk: number[][];
}

type Vector = Float64Array<ArrayBuffer>;

function normals(count: number, random: Random): Vector {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
    const angle = 2 * Math.PI * random.uniform();
    out[i] = radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/** factor · W x, W of rows × x.length. */
function forward(w: Vector, x: Vector, rows: number, factor: number): Vector {
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let k = 0; k < x.length; k++) sum += (w[i * x.length + k] as number) * (x[k] as number);
    out[i] = factor * sum;
  }
  return out;
}

/** factor · Wᵀ y. */
function backward(w: Vector, y: Vector, columns: number, factor: number): Vector {
  const out = new Float64Array(columns);
  for (let i = 0; i < y.length; i++) {
    const scaled = factor * (y[i] as number);
    for (let k = 0; k < columns; k++) out[k] = (out[k] as number) + scaled * (w[i * columns + k] as number);
  }
  return out;
}

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

/** A matrix of weights as the gradient sees it: its inputs and the derivatives of f by its outputs, per sample. */
interface Use {
  readonly trains: boolean;
  readonly factor: number;
  readonly inputs: Vector[];
  readonly outputs: Vector[];
  readonly biased: boolean;
}

/** One draw of the weights. */
export function sample(network: FiniteNetwork, points: readonly (readonly number[])[], random: Random): Sample {
  const { width: m, depth, phi, slope, alpha, bias, trains } = network;
  const xs = points.map((point) => Float64Array.from(point));
  const dimension = (xs[0] as Vector).length;
  const beta = Math.sqrt(bias?.var ?? 0);
  const drawBias = (): Vector =>
    bias?.init === 'normal' ? normals(m, random).map((value) => beta * value) : new Float64Array(m);
  const uses: Use[] = [];
  const hidden = 1 / Math.sqrt(m);
  const layer = (inputs: Vector[], w: Vector, factor: number, isTrained: boolean, b: Vector): Vector[] => {
    uses.push({ trains: isTrained, factor, inputs, outputs: [], biased: bias !== undefined });
    return inputs.map((x) => forward(w, x, m, factor).map((value, i) => value + (b[i] as number)));
  };

  // Forward; `undo` holds, from the last layer to the first, how a derivative passes each of them.
  const undo: ((derivatives: Vector[]) => Vector[])[] = [];
  const first = normals(m * dimension, random);
  let h = layer(xs, first, Math.sqrt(network.inputScale), trains.first, drawBias());
  const firstUse = uses[0] as Use;
  for (let l = 0; l < depth; l++) {
    const before = h;
    if (alpha === undefined) {
      const active = before.map((vector) => vector.map(phi));
      if (l === depth - 1) {
        h = active;
        undo.unshift((d) => d.map((vector, i) => vector.map((v, k) => v * slope((before[i] as Vector)[k] as number))));
      } else {
        const w = normals(m * m, random);
        h = layer(active, w, hidden, trains.hidden, drawBias());
        const use = uses.at(-1) as Use;
        undo.unshift((d) => {
          use.outputs.push(...d);
          return d.map((vector, i) =>
            backward(w, vector, m, hidden).map((v, k) => v * slope((before[i] as Vector)[k] as number)),
          );
        });
      }
    } else {
      const w = normals(m * m, random);
      const v = normals(m * m, random);
      const inner = layer(before, w, hidden, trains.hidden, drawBias());
      const innerUse = uses.at(-1) as Use;
      const branch = layer(
        inner.map((vector) => vector.map(phi)),
        v,
        hidden,
        trains.hidden,
        drawBias(),
      );
      const outerUse = uses.at(-1) as Use;
      h = before.map((vector, i) => vector.map((value, k) => value + alpha * ((branch[i] as Vector)[k] as number)));
      undo.unshift((d) => {
        const scaled = d.map((vector) => vector.map((value) => alpha * value));
        outerUse.outputs.push(...scaled);
        const through = scaled.map((vector, i) =>
          backward(v, vector, m, hidden).map((value, k) => value * slope((inner[i] as Vector)[k] as number)),
        );
        innerUse.outputs.push(...through);
        return d.map((vector, i) => {
          const own = backward(w, through[i] as Vector, m, hidden);
          return vector.map((value, k) => value + (own[k] as number));
        });
      });
    }
  }

  const head = normals(m, random);
  let derivatives = h.map(() => head.map((value) => hidden * value));
  for (const step of undo) derivatives = step(derivatives);
  firstUse.outputs.push(...derivatives);

  const entry = (i: number, j: number): { nngp: number; ntk: number } => {
    const last = dot(h[i] as Vector, h[j] as Vector) / m;
    const nngp = last + (bias?.init === 'normal' ? bias.var : 0);
    let ntk = trains.head ? last + (bias?.var ?? 0) : 0;
    for (const use of uses) {
      if (!use.trains) continue;
      const outputs = dot(use.outputs[i] as Vector, use.outputs[j] as Vector);
      const inputs = use.factor ** 2 * dot(use.inputs[i] as Vector, use.inputs[j] as Vector);
      ntk += outputs * (inputs + (use.biased ? (bias?.var ?? 0) : 0));
    }
    return { nngp, ntk };
  };
  const all = points.map((_, i) => points.map((__, j) => entry(i, j)));
  return { nngp: all.map((row) => row.map(({ nngp }) => nngp)), ntk: all.map((row) => row.map(({ ntk }) => ntk)) };
}
