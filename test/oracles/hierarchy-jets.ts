/**
 * The neural tangent hierarchy by its definition, D_γ being the derivative along ∇f_γ: derivatives are coefficients of
 * numbers a + b ε, ε² = 0, nested three deep. Slow and obvious: a network of p weights is evaluated p times for every
 * combination of inputs. Activations go through sums, products, exp and log alone, so that no derivative of φ is written.
 */

import type { Conv, Dense, Layer, Residual } from '../../lib/layers.js';
import { area, type Grid, windows } from './windows.js';

/** Coefficients of the products of some of ε₀, ε₁, ε₂: entry s belongs to the subset s, as bits. */
export type Jet = Float64Array;
const subsets = 8;

export const constant = (value: number): Jet => new Float64Array(subsets).fill(value, 0, 1);

export function plus(a: Jet, b: Jet): Jet {
  return a.map((value, s) => value + (b[s] as number));
}

export function times(a: Jet, b: Jet): Jet {
  const out = new Float64Array(subsets);
  for (let s = 0; s < subsets; s++) {
    // All splits of the subset s into two parts.
    for (let part = s; ; part = (part - 1) & s) {
      out[s] = (out[s] as number) + (a[part] as number) * (b[s ^ part] as number);
      if (part === 0) break;
    }
  }
  return out;
}

const scaled = (a: Jet, by: number): Jet => a.map((value) => by * value);

const factorials = [1, 1, 2, 6];

/** f(a) from f and its first three derivatives at the number in a: a power of what is nilpotent ends with the third. */
function composed(a: Jet, derivatives: readonly [number, number, number, number]): Jet {
  const rest = Float64Array.from(a).fill(0, 0, 1);
  let power = constant(1);
  let out = constant(0);
  for (const [k, derivative] of derivatives.entries()) {
    out = plus(out, scaled(power, derivative / (factorials[k] as number)));
    power = times(power, rest);
  }
  return out;
}

function exp(a: Jet): Jet {
  const e = Math.exp(a[0] as number);
  return composed(a, [e, e, e, e]);
}

function log(a: Jet): Jet {
  const u = a[0] as number;
  return composed(a, [Math.log(u), 1 / u, -1 / u ** 2, 2 / u ** 3]);
}

function reciprocal(a: Jet): Jet {
  const u = a[0] as number;
  return composed(a, [1 / u, -1 / u ** 2, 2 / u ** 3, -6 / u ** 4]);
}

const functions: Readonly<Record<string, (u: Jet) => Jet>> = {
  tanh: (u) => plus(constant(1), scaled(reciprocal(plus(exp(scaled(u, 2)), constant(1))), -2)),
  softplus: (u) => log(plus(constant(1), exp(u))),
  silu: (u) => times(u, reciprocal(plus(constant(1), exp(scaled(u, -1))))),
  sine: (u) => {
    const [s, c] = [Math.sin(u[0] as number), Math.cos(u[0] as number)];
    return composed(u, [s, c, -s, -c]);
  },
};

/** [pixel][channel]. */
interface Signal {
  readonly grid: Grid;
  readonly pixels: readonly (readonly Jet[])[];
}

export interface Data {
  readonly rows: readonly (readonly number[])[];
  /** [length, channels] or [height, width, channels], channels side by side. */
  readonly shape?: readonly number[];
}

/** Takes parameters one layer after another: the weights row by row, then the biases that are not for ever 0. */
class Evaluation {
  #at = 0;
  readonly #parameters: readonly Jet[];
  readonly #width: number;
  readonly #isLine: boolean;
  /** Whether each parameter trains, as they were taken. */
  readonly trains: boolean[] = [];

  constructor(parameters: readonly Jet[], width: number, isLine: boolean) {
    this.#parameters = parameters;
    this.#width = width;
    this.#isLine = isLine;
  }

  run(network: Layer, signal: Signal): Jet {
    const layers = network.kind === 'serial' ? network.layers : [network];
    let now = signal;
    for (const layer of layers.slice(0, -1)) now = this.#layer(layer, now, 0);
    const out = this.#affine(layers.at(-1) as Dense, now, 1, (now.pixels[0] as Jet[]).length);
    return (out.pixels[0] as Jet[])[0] as Jet;
  }

  #layer(layer: Layer, signal: Signal, turn: number): Signal {
    switch (layer.kind) {
      case 'dense':
        return this.#affine(layer, signal, this.#width, (signal.pixels[0] as Jet[]).length);
      case 'conv':
        return this.#conv(layer, signal);
      case 'activation': {
        const phi = functions[layer.name];
        if (phi === undefined) throw new Error(`no ${layer.name} here`);
        return { ...signal, pixels: signal.pixels.map((row) => row.map((u) => scaled(phi(u), layer.scale))) };
      }
      case 'scale':
        return { ...signal, pixels: signal.pixels.map((row) => row.map((u) => scaled(u, layer.factor))) };
      case 'serial':
        return layer.layers.reduce((now, one) => this.#layer(one, now, turn), signal);
      case 'repeat':
        return Array.from({ length: layer.times }).reduce<Signal>(
          (now, _, t) => this.#layer(layer.layer, now, t),
          signal,
        );
      case 'residual':
        return this.#residual(layer, signal, turn);
      case 'pool': {
        const where = windows(signal.grid, layer.size, layer.size, 'valid', this.#isLine);
        return {
          grid: where.grid,
          pixels: where.pixels.map((window) => mean(window.map((p) => signal.pixels[p] as Jet[]))),
        };
      }
      case 'head':
        if (layer.read === 'trace') return { grid: [1, 1], pixels: [signal.pixels.flat()] };
        if (layer.read === 'pool') return { grid: [1, 1], pixels: [mean(signal.pixels)] };
        return { grid: [1, 1], pixels: [signal.pixels[pixelOf(layer.at, signal.grid[1])] as Jet[]] };
      default:
        throw new Error(`no ${layer.kind} here`);
    }
  }

  #residual({ body, shortcut, bodyScale, shortcutScale }: Residual, signal: Signal, turn: number): Signal {
    const factor = typeof bodyScale === 'number' ? bodyScale : (bodyScale[turn] as number);
    const one = this.#layer(body, signal, turn);
    const other = shortcut === 'identity' ? signal : this.#layer(shortcut, signal, turn);
    const pixels = one.pixels.map((row, p) =>
      row.map((u, c) => plus(scaled(u, factor), scaled((other.pixels[p] as Jet[])[c] as Jet, shortcutScale))),
    );
    return { grid: one.grid, pixels };
  }

  #conv(layer: Conv, signal: Signal): Signal {
    const where = windows(signal.grid, layer.size, layer.stride, layer.padding, this.#isLine);
    const channels = (signal.pixels[0] as Jet[]).length;
    const zeros = Array.from({ length: channels }, () => constant(0));
    const open = where.pixels.map((window) => window.flatMap((p) => (p < 0 ? zeros : (signal.pixels[p] as Jet[]))));
    const inputs = where.size * (layer.inputScale === '1' ? 1 : channels);
    return this.#affine(layer, { grid: where.grid, pixels: open }, this.#width, inputs);
  }

  /** `inputs`: the number that the weights are divided by the root of. */
  #affine(layer: Dense | Conv, signal: Signal, outputs: number, inputs: number): Signal {
    const fanIn = (signal.pixels[0] as Jet[]).length;
    const factor = Math.sqrt(
      layer.kind === 'dense' && layer.inputScale === '1' ? layer.weightVar : layer.weightVar / inputs,
    );
    const weights = this.#take(outputs * fanIn, layer.trainable);
    const { bias } = layer;
    const none = bias === null || bias.var === 0 || (bias.init === 'zero' && !bias.trainable);
    const biases = none ? [] : this.#take(outputs, bias.trainable).map((b) => scaled(b, Math.sqrt(bias.var)));
    const pixels = signal.pixels.map((row) =>
      Array.from({ length: outputs }, (_, o) => {
        const sum = row.reduce((now, h, i) => plus(now, times(weights[o * fanIn + i] as Jet, h)), constant(0));
        return plus(scaled(sum, factor), biases[o] ?? constant(0));
      }),
    );
    return { grid: signal.grid, pixels };
  }

  #take(count: number, trains: boolean): readonly Jet[] {
    const taken = this.#parameters.slice(this.#at, this.#at + count);
    if (taken.length !== count) throw new Error('too few parameters');
    this.#at += count;
    for (let k = 0; k < count; k++) this.trains.push(trains);
    return taken;
  }
}

function mean(rows: readonly (readonly Jet[])[]): Jet[] {
  return (rows[0] as Jet[]).map((_, c) =>
    scaled(
      rows.reduce((sum, row) => plus(sum, row[c] as Jet), constant(0)),
      1 / rows.length,
    ),
  );
}

function pixelOf(at: readonly number[] | undefined, width: number): number {
  const [y, x] = at?.length === 1 ? [0, at[0] as number] : [at?.[0] ?? 0, at?.[1] ?? 0];
  return y * width + x;
}

/** Row-major, of n, n², n³ and n⁴ numbers. */
export interface Hierarchy {
  readonly outputs: number[];
  readonly second: number[];
  readonly third: number[];
  readonly fourth: number[];
}

/** f, K⁽²⁾, K⁽³⁾ and K⁽⁴⁾ of one network of given parameters. */
export function hierarchyByJets(network: Layer, data: Data, width: number, parameters: ArrayLike<number>): Hierarchy {
  const all = [1, 1, ...(data.shape ?? [(data.rows[0] as readonly number[]).length])];
  const [height, wide, channels] = all.slice(-3) as [number, number, number];
  const grid: Grid = [height, wide];
  const signals = data.rows.map((row) => ({
    grid,
    pixels: Array.from({ length: area(grid) }, (_, p) =>
      Array.from({ length: channels }, (_, c) => constant(row[p * channels + c] as number)),
    ),
  }));
  let trains: readonly boolean[] = [];
  const value = (theta: readonly Jet[], sample: number): Jet => {
    const evaluation = new Evaluation(theta, width, data.shape?.length === 2);
    const out = evaluation.run(network, signals[sample] as Signal);
    trains = evaluation.trains;
    return out;
  };
  const start = Array.from(parameters, constant);
  const outputs = signals.map((_, sample) => value(start, sample)[0] as number);
  // ∂f by every parameter, from ε₀: itself a number in ε₁ and ε₂.
  const gradient = (theta: readonly Jet[], sample: number): Jet[] =>
    theta.map((_, p) => {
      if (trains[p] !== true) return constant(0);
      const moved = theta.map((one, q) => (q === p ? plus(one, unit(1)) : one));
      return withEpsilon(value(moved, sample), 1);
    });
  const dot = (a: readonly Jet[], b: readonly Jet[]): Jet =>
    a.reduce((sum, one, p) => plus(sum, times(one, b[p] as Jet)), constant(0));
  const along = (theta: readonly Jet[], direction: readonly Jet[], epsilon: number): Jet[] =>
    theta.map((one, p) => plus(one, times(direction[p] as Jet, unit(epsilon))));

  const n = signals.length;
  const each = Array.from({ length: n }, (_, i) => i);
  const second = new Array<number>(n ** 2);
  const third = new Array<number>(n ** 3);
  const fourth = new Array<number>(n ** 4);
  for (const d of each) {
    // θ + ε₂∇f_δ, then θ + ε₁∇f_γ with that gradient taken at the former.
    const one = along(start, gradient(start, d), 4);
    for (const c of each) {
      const two = along(one, gradient(one, c), 2);
      const gradients = each.map((sample) => gradient(two, sample));
      for (const a of each) {
        for (const b of each) {
          const product = dot(gradients[a] as Jet[], gradients[b] as Jet[]);
          second[a * n + b] = product[0] as number;
          third[(a * n + b) * n + c] = product[2] as number;
          fourth[((a * n + b) * n + c) * n + d] = product[6] as number;
        }
      }
    }
  }
  return { outputs, second, third, fourth };
}

/** The number ε of a bit. */
function unit(bit: number): Jet {
  return new Float64Array(subsets).fill(1, bit, bit + 1);
}

/** What stands beside the ε of a bit. */
function withEpsilon(a: Jet, bit: number): Jet {
  return a.map((_, s) => ((s & bit) === 0 ? (a[s | bit] as number) : 0));
}
