/**
 * Networks of finite width, sampled and differentiated by hand: the definition that the kernels are the limit of. It
 * reads the layers themselves, not their listing, and shares no formula with the package but φ and φ′.
 *
 * A layer hands back its output and the way a derivative of the scalar f goes back through it. Gradients are never
 * stored: a matrix of weights W that maps columns x_p to factor · W x_p has ⟨∂f(x)/∂W, ∂f(z)/∂W⟩ =
 * factor² Σ_{pp'} ⟨x_p, z_p'⟩⟨δ_p, ε_p'⟩, with δ and ε the derivatives by its outputs; p runs over the pixels.
 */

import { type ActivationName, activationRecord } from '../../lib/activations.js';
import type { ActivationLayer, Conv, Dense, Head, Layer, Pool, Residual, Tabulated } from '../../lib/layers.js';
import { columnGram, type Numbers, product, transposedProduct } from './matrix.js';
import { area, fold, type Signal, unfold, windows } from './windows.js';

/** Points, or images of [length, channels] or [height, width, channels] with the channels of a pixel side by side. */
export interface Inputs {
  readonly rows: readonly (readonly number[])[];
  readonly shape?: readonly number[];
}

/** Where parameters come from: standard normal numbers, or zeros for a bias that starts there. */
export type Draw = (count: number, role: { readonly starts: 'normal' | 'zero'; readonly trains: boolean }) => Numbers;

/** One network: f(x) of every input, E f(x)f(z) over its head, and ⟨∂f(x), ∂f(z)⟩ over all that trains (n × n). */
export interface Sampled {
  readonly outputs: Numbers;
  readonly nngp: Numbers;
  readonly ntk: Numbers;
}

interface Passed {
  readonly signal: Signal;
  readonly back: (derivatives: Numbers) => Numbers;
}

/** Draws the parameters of a network whose hidden layers have `width` units or channels. */
export function sample(network: Layer, inputs: Inputs, width: number, draw: Draw): Sampled {
  const layers = network.kind === 'serial' ? network.layers : [network];
  const head = layers.at(-1);
  if (head?.kind !== 'dense') throw new Error('a sampled network ends in dense()');
  const sampler = new Sampler(inputs, width, draw);
  const trunk = sampler.serial(layers.slice(0, -1), sampler.entry(inputs), 0);
  return sampler.finish(head, trunk);
}

class Sampler {
  readonly #inputs: number;
  readonly #isLine: boolean;
  readonly #width: number;
  readonly #draw: Draw;
  readonly #ntk: Numbers;

  constructor(inputs: Inputs, width: number, draw: Draw) {
    this.#inputs = inputs.rows.length;
    this.#isLine = inputs.shape?.length === 2;
    this.#width = width;
    this.#draw = draw;
    this.#ntk = new Float64Array(this.#inputs ** 2);
  }

  entry({ rows, shape }: Inputs): Signal {
    const all = [1, 1, ...(shape ?? [(rows[0] as readonly number[]).length])];
    const [height, width, channels] = all.slice(-3) as [number, number, number];
    const pixels = height * width;
    const values = new Float64Array(channels * rows.length * pixels);
    for (const [i, row] of rows.entries()) {
      if (row.length !== pixels * channels) throw new Error(`expected ${pixels * channels} numbers, got ${row.length}`);
      for (const [at, value] of row.entries()) {
        values[((at % channels) * rows.length + i) * pixels + Math.floor(at / channels)] = value;
      }
    }
    return { channels, grid: [height, width], values };
  }

  serial(layers: readonly Layer[], signal: Signal, turn: number): Passed {
    const passed: Passed[] = [];
    for (const layer of layers) passed.push(this.#layer(layer, passed.at(-1)?.signal ?? signal, turn));
    const back = (d: Numbers): Numbers => passed.reduceRight((now, { back }) => back(now), d);
    return { signal: passed.at(-1)?.signal ?? signal, back };
  }

  finish(head: Dense, trunk: Passed): Sampled {
    const n = this.#inputs;
    const { channels, grid, values } = trunk.signal;
    if (area(grid) !== 1) throw new Error('a grid needs a head before the last dense()');
    const factor = factorOf(head, channels);
    const biasVar = head.bias?.var ?? 0;
    const weights = this.#weights(head, channels);
    const bias = this.#bias(head, 1)[0] as number;

    const last = columnGram(values, channels, n).map((value) => factor ** 2 * value);
    const nngp = last.map((value) => value + (head.bias?.init === 'normal' ? biasVar : 0));
    const outputs = product(weights, values, 1, channels, n).map((value) => factor * value + bias);
    for (const [at, value] of last.entries()) {
      this.#credit(at, (head.trainable ? value : 0) + (head.bias?.trainable ? biasVar : 0));
    }
    trunk.back(new Float64Array(channels * n).map((_, at) => factor * (weights[Math.floor(at / n)] as number)));
    return { outputs, nngp, ntk: this.#ntk };
  }

  #layer(layer: Layer, signal: Signal, turn: number): Passed {
    switch (layer.kind) {
      case 'dense':
        return this.#affine(layer, signal, signal.channels);
      case 'conv':
        return this.#conv(layer, signal);
      case 'activation':
        return this.#pointwise(signal, ...functionsOf(layer));
      case 'tabulated':
        return this.#pointwise(signal, ...piecesOf(layer));
      case 'scale':
        return this.#scale(layer.factor, signal);
      case 'serial':
        return this.serial(layer.layers, signal, turn);
      case 'repeat':
        return this.#repeat(layer.times, layer.layer, signal);
      case 'residual':
        return this.#residual(layer, signal, turn);
      case 'pool':
        return this.#pool(layer, signal);
      case 'head':
        return this.#head(layer, signal);
    }
  }

  /** factor · W x + β b at every pixel; `inputs` is the number that the weights are divided by the root of. */
  #affine(layer: Dense | Conv, signal: Signal, inputs: number): Passed {
    const { channels, grid, values } = signal;
    const columns = this.#inputs * area(grid);
    const factor = factorOf(layer, inputs);
    const weights = this.#weights(layer, this.#width * channels);
    const bias = this.#bias(layer, this.#width);
    const out = product(weights, values, this.#width, channels, columns);
    for (const [at, value] of out.entries()) out[at] = factor * value + (bias[Math.floor(at / columns)] as number);
    const back = (d: Numbers): Numbers => {
      this.#creditAffine(layer, factor, signal, d);
      return transposedProduct(weights, d, this.#width, channels, columns).map((value) => factor * value);
    };
    return { signal: { channels: this.#width, grid, values: out }, back };
  }

  /** Σ_{pp'} of the inner products of inputs (for a bias 1) with those of derivatives. */
  #creditAffine(layer: Dense | Conv, factor: number, { channels, grid, values }: Signal, d: Numbers): void {
    const biasVar = layer.bias?.trainable ? layer.bias.var : 0;
    if (!layer.trainable && biasVar === 0) return;
    const pixels = area(grid);
    const columns = this.#inputs * pixels;
    const inputs = columnGram(values, channels, columns);
    const derivatives = columnGram(d, this.#width, columns);
    for (const [at, value] of derivatives.entries()) {
      const [i, j] = [Math.floor(at / columns / pixels), Math.floor((at % columns) / pixels)];
      const weightPart = layer.trainable ? factor ** 2 * (inputs[at] as number) : 0;
      this.#credit(i * this.#inputs + j, value * (weightPart + biasVar));
    }
  }

  /** A convolution is a dense layer on the window of every pixel. */
  #conv(layer: Conv, signal: Signal): Passed {
    const where = windows(signal.grid, layer.size, layer.stride, layer.padding, this.#isLine);
    const { signal: out, back } = this.#affine(
      layer,
      unfold(signal, this.#inputs, where),
      where.size * (layer.inputScale === '1' ? 1 : signal.channels),
    );
    return { signal: out, back: (d) => fold(back(d), signal, this.#inputs, where) };
  }

  #pointwise(signal: Signal, phi: (u: number) => number, slope: (u: number) => number): Passed {
    return {
      signal: { ...signal, values: signal.values.map(phi) },
      back: (d) => d.map((value, at) => value * slope(signal.values[at] as number)),
    };
  }

  #scale(factor: number, signal: Signal): Passed {
    const times = (values: Numbers): Numbers => values.map((value) => factor * value);
    return { signal: { ...signal, values: times(signal.values) }, back: times };
  }

  #repeat(times: number, layer: Layer, signal: Signal): Passed {
    const passed: Passed[] = [];
    for (let turn = 0; turn < times; turn++) passed.push(this.#layer(layer, passed.at(-1)?.signal ?? signal, turn));
    return {
      signal: passed.at(-1)?.signal ?? signal,
      back: (d) => passed.reduceRight((now, { back }) => back(now), d),
    };
  }

  #residual({ body, shortcut, bodyScale, shortcutScale }: Residual, signal: Signal, turn: number): Passed {
    const factor = typeof bodyScale === 'number' ? bodyScale : (bodyScale[turn] as number);
    const one = this.#layer(body, signal, turn);
    const other = shortcut === 'identity' ? { signal, back: (d: Numbers) => d } : this.#layer(shortcut, signal, turn);
    const sum = (a: Numbers, b: Numbers): Numbers => a.map((value, at) => value + (b[at] as number));
    const times = (values: Numbers, by: number): Numbers => values.map((value) => by * value);
    return {
      signal: {
        ...one.signal,
        values: sum(times(one.signal.values, factor), times(other.signal.values, shortcutScale)),
      },
      back: (d) => sum(one.back(times(d, factor)), other.back(times(d, shortcutScale))),
    };
  }

  /** Means of windows that touch and do not overlap. */
  #pool({ size }: Pool, signal: Signal): Passed {
    const where = windows(signal.grid, size, size, 'valid', this.#isLine);
    const open = unfold(signal, this.#inputs, where);
    const channels = signal.channels * this.#inputs * area(where.grid);
    const values = new Float64Array(channels).map((_, at) => {
      let sum = 0;
      for (let k = 0; k < where.size; k++) sum += open.values[k * channels + at] as number;
      return sum / where.size;
    });
    const back = (d: Numbers): Numbers => {
      const spread = open.values.map((_, at) => (d[at % channels] as number) / where.size);
      return fold(spread, signal, this.#inputs, where);
    };
    return { signal: { channels: signal.channels, grid: where.grid, values }, back };
  }

  /** One pixel; all of them as channels of their own (so that the head has a weight for each); or their mean. */
  #head({ read, at }: Head, signal: Signal): Passed {
    const pixels = area(signal.grid);
    const chosen = read === 'pixel' ? pixelOf(at, signal.grid[1]) : null;
    const channels = read === 'trace' ? signal.channels * pixels : signal.channels;
    const share = read === 'pool' ? 1 / pixels : 1;
    const values = new Float64Array(channels * this.#inputs);
    const each = (visit: (from: number, to: number) => void): void => {
      for (let from = 0; from < signal.values.length; from++) {
        const pixel = from % pixels;
        if (chosen !== null && pixel !== chosen) continue;
        const input = Math.floor(from / pixels) % this.#inputs;
        const channel = Math.floor(from / pixels / this.#inputs);
        visit(from, (read === 'trace' ? channel * pixels + pixel : channel) * this.#inputs + input);
      }
    };
    each((from, to) => {
      values[to] = (values[to] as number) + share * (signal.values[from] as number);
    });
    const back = (d: Numbers): Numbers => {
      const out = new Float64Array(signal.values.length);
      each((from, to) => {
        out[from] = share * (d[to] as number);
      });
      return out;
    };
    return { signal: { channels, grid: [1, 1], values }, back };
  }

  #weights({ trainable }: Dense | Conv, count: number): Numbers {
    return this.#draw(count, { starts: 'normal', trains: trainable });
  }

  /** β b, one number for each unit or channel. */
  #bias({ bias }: Dense | Conv, count: number): Numbers {
    if (bias === null) return new Float64Array(count);
    const numbers = this.#draw(count, { starts: bias.init, trains: bias.trainable });
    return numbers.map((value) => Math.sqrt(bias.var) * value);
  }

  #credit(at: number, amount: number): void {
    this.#ntk[at] = (this.#ntk[at] as number) + amount;
  }
}

/** Only where the data enter can the division by the number of inputs be left out. */
function factorOf({ weightVar, inputScale, kind }: Dense | Conv, inputs: number): number {
  return Math.sqrt(kind === 'dense' && inputScale === '1' ? weightVar : weightVar / inputs);
}

type Pair = [phi: (u: number) => number, slope: (u: number) => number];

function functionsOf({ name, scale, params }: ActivationLayer): Pair {
  const record = activationRecord(name as ActivationName);
  return [(u) => scale * record.phi(u, params as never), (u) => scale * record.slope(u, params as never)];
}

/** Chebyshev sums, term by term; beyond the outer pieces straight lines. */
function piecesOf({ scale, pieces }: Tabulated): Pair {
  const first = pieces[0] as Tabulated['pieces'][number];
  const last = pieces.at(-1) as Tabulated['pieces'][number];
  const inside = (u: number) => pieces.find(({ to }) => u <= to) ?? last;
  const clamp = (u: number) => Math.min(Math.max(u, first.from), last.to);
  const slopeAt = (u: number): number => {
    const { from, to, coefficients } = inside(clamp(u));
    const angle = Math.acos(Math.min(1, Math.max(-1, (2 * clamp(u) - from - to) / (to - from))));
    // T_k′ = k U_{k−1}, and U_{k−1}(cos a) = sin(k a)/sin a, which is k or ±k at the ends.
    const derivative = (k: number): number => {
      if (Math.sin(angle) > 1e-9) return (k * Math.sin(k * angle)) / Math.sin(angle);
      return k * k * (angle < 1 ? 1 : (-1) ** (k - 1));
    };
    return (2 / (to - from)) * coefficients.reduce((sum, c, k) => sum + c * derivative(k), 0);
  };
  const valueAt = (u: number): number => {
    const held = clamp(u);
    const { from, to, coefficients } = inside(held);
    const angle = Math.acos(Math.min(1, Math.max(-1, (2 * held - from - to) / (to - from))));
    const sum = coefficients.reduce((total, c, k) => total + c * Math.cos(k * angle), 0);
    return sum + (u - held) * (u === held ? 0 : slopeAt(u));
  };
  return [(u) => scale * valueAt(u), (u) => scale * slopeAt(u)];
}

function pixelOf(at: readonly number[] | undefined, width: number): number {
  const [y, x] = at?.length === 1 ? [0, at[0] as number] : [at?.[0] ?? 0, at?.[1] ?? 0];
  return y * width + x;
}
