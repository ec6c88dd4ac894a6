/**
 * The definition of the kernels, so plain that it needs no test of its own: one pair of points, plain doubles, closed
 * forms in the correlation, nested quadratures where there is none. It loses half the digits near ρ = ±1 (acos) and leaves the range of doubles at great depth;
 * the native core must not.
 */

import { activationRecord } from '../../lib/activations.js';
import type { Program } from '../../lib/lower.js';
import { mean, product } from './quadrature.js';

/**
 * Second moments of a layer at (x, x), (z, z), (x, z), its means over the weights at x and z, and the tangent kernel at
 * (x, z).
 */
interface State {
  readonly xx: number;
  readonly zz: number;
  readonly xz: number;
  readonly meanX: number;
  readonly meanZ: number;
  readonly tangent: number;
}

export interface KernelPair {
  readonly nngp: number;
  readonly ntk: number;
}

/** One pair of kernels for each `emit` of the listing. */
export function evaluate(program: Program, x: readonly number[], z: readonly number[]): KernelPair[] {
  const emitted: KernelPair[] = [];
  const saved: State[] = [];
  let now: State = { xx: Number.NaN, zz: Number.NaN, xz: Number.NaN, meanX: 0, meanZ: 0, tangent: Number.NaN };

  const run = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      const [op, ...args] = program.steps[at] as readonly [string, ...number[]];
      const [a = Number.NaN, b = Number.NaN, c = Number.NaN, d = Number.NaN, e = Number.NaN] = args;
      switch (op) {
        case 'input': {
          const divisor = a === 1 ? x.length : 1;
          now = { xx: dot(x, x) / divisor, zz: dot(z, z) / divisor, xz: dot(x, z) / divisor, ...centred, tangent: 0 };
          break;
        }
        case 'affine': {
          const [weightVar, trainWeights, biasVar, inCovariance, trainBias] = [a, b, c, d, e];
          const bias = biasVar * inCovariance;
          now = {
            xx: weightVar * now.xx + bias,
            zz: weightVar * now.zz + bias,
            xz: weightVar * now.xz + bias,
            ...centred,
            tangent: weightVar * (now.tangent + trainWeights * now.xz) + trainBias * biasVar,
          };
          break;
        }
        case 'relu':
          now = activate(
            now,
            a,
            (p, q, k) => leakyDual(p, q, k, b),
            (p) => (1 - b) * Math.sqrt(p / (2 * Math.PI)),
          );
          break;
        case 'erf':
          now = activate(now, a, erfDual, () => 0);
          break;
        case 'gelu':
          now = activate(now, a, geluDual, (p) => p / Math.sqrt(2 * Math.PI * (1 + p)));
          break;
        case 'sine':
          now = activate(now, a, sineDual, () => 0);
          break;
        case 'sign':
          now = activate(now, a, signDual, () => 0);
          break;
        case 'tanh':
        case 'softplus':
        case 'silu':
        case 'elu': {
          const { phi, slope, kinks } = activationRecord(op);
          const plain = { phi: (u: number) => phi(u, {}), slope: (u: number) => slope(u, {}), kinks };
          now = activate(now, a, quadratureDual(plain), quadratureMean(plain));
          break;
        }
        case 'tabulated': {
          const plain = piecewise(args.slice(1));
          now = activate(now, a, quadratureDual(plain), quadratureMean(plain));
          break;
        }
        case 'scale':
          now = times(now, a);
          break;
        case 'push':
          saved.push(now);
          break;
        case 'swap': {
          const other = pop(saved);
          saved.push(now);
          now = other;
          break;
        }
        case 'add': {
          const other = pop(saved);
          now = {
            // Units of the two branches are independent, so their products have the product of the means.
            xx: other.xx + now.xx + 2 * other.meanX * now.meanX,
            zz: other.zz + now.zz + 2 * other.meanZ * now.meanZ,
            xz: other.xz + now.xz + other.meanX * now.meanZ + other.meanZ * now.meanX,
            meanX: other.meanX + now.meanX,
            meanZ: other.meanZ + now.meanZ,
            tangent: other.tangent + now.tangent,
          };
          break;
        }
        case 'pop':
          now = pop(saved);
          break;
        case 'repeat': {
          const end = endOf(program, at);
          for (let turn = 0; turn < a; turn++) run(at + 1, end);
          at = end;
          break;
        }
        case 'emit':
          emitted.push({ nngp: now.xz, ntk: now.tangent });
          break;
        default:
          throw new Error(`unknown step '${op}'`);
      }
    }
  };
  run(0, program.steps.length);
  if (saved.length !== 0) throw new Error(`${saved.length} branches were saved and never taken up`);
  return emitted;
}

type Dual = (xx: number, zz: number, xz: number) => { readonly value: number; readonly slope: number };

/** What weights that have just been drawn leave: functions without a mean. */
const centred = { meanX: 0, meanZ: 0 };

/** K ← E φ(u)φ(v), T ← T · E φ′(u)φ′(v), and E φ(u). */
function activate(
  { xx, zz, xz, tangent }: State,
  scale: number,
  dual: Dual,
  average: (variance: number) => number,
): State {
  const c = scale * scale;
  const cross = dual(xx, zz, xz);
  return {
    xx: c * dual(xx, xx, xx).value,
    zz: c * dual(zz, zz, zz).value,
    xz: c * cross.value,
    meanX: scale * average(xx),
    meanZ: scale * average(zz),
    tangent: c * cross.slope * tangent,
  };
}

/** A φ that has no closed form here. */
interface PlainPhi {
  readonly phi: (u: number) => number;
  readonly slope: (u: number) => number;
  readonly kinks: readonly number[];
}

function quadratureDual({ phi, slope, kinks }: PlainPhi): Dual {
  return (p, q, k) => {
    const norm = Math.sqrt(p * q);
    const rho = norm === 0 ? 0 : Math.min(1, Math.max(-1, k / norm));
    return { value: product(phi, p, q, rho, kinks), slope: product(slope, p, q, rho, kinks) };
  };
}

function quadratureMean({ phi, kinks }: PlainPhi): (variance: number) => number {
  return (variance) => {
    const deviation = Math.sqrt(variance);
    const at = kinks.map((kink) => kink / deviation);
    return mean((t) => phi(deviation * t), at, deviation);
  };
}

/** The numbers of a 'tabulated' row: from, to, count and Chebyshev coefficients of each piece; T_k(cos ψ) = cos kψ. */
export function piecewise(numbers: readonly number[]): PlainPhi {
  const pieces: { from: number; to: number; c: readonly number[] }[] = [];
  for (let at = 0; at < numbers.length; ) {
    const [from, to, count] = numbers.slice(at, at + 3) as [number, number, number];
    pieces.push({ from, to, c: numbers.slice(at + 3, at + 3 + count) });
    at += 3 + count;
  }
  const [first, last] = [pieces[0], pieces[pieces.length - 1]] as [(typeof pieces)[number], (typeof pieces)[number]];
  const pieceAt = (u: number) => pieces.find(({ to }) => u <= to) ?? last;
  const inside = (u: number) => Math.min(last.to, Math.max(first.from, u));
  const angle = (u: number, { from, to }: (typeof pieces)[number]) =>
    Math.acos(Math.min(1, Math.max(-1, (2 * u - from - to) / (to - from))));
  const slope = (u: number): number => {
    const piece = pieceAt(u);
    const psi = angle(inside(u), piece);
    // d/dt cos kψ = k sin kψ / sin ψ, and (±1)^{k+1} k² at the ends.
    const ratio = (k: number) =>
      Math.sin(psi) > 1e-9 ? (k * Math.sin(k * psi)) / Math.sin(psi) : k * k * (psi < 1 ? 1 : (-1) ** (k + 1));
    return (2 / (piece.to - piece.from)) * piece.c.reduce((sum, value, k) => sum + value * ratio(k), 0);
  };
  const phi = (u: number): number => {
    const piece = pieceAt(u);
    const psi = angle(inside(u), piece);
    const value = piece.c.reduce((sum, c, k) => sum + c * Math.cos(k * psi), 0);
    return inside(u) === u ? value : value + (u - inside(u)) * slope(inside(u));
  };
  return { phi, slope, kinks: [...pieces.map(({ from }) => from), last.to] };
}

/** u for u > 0, s·u otherwise: s·k + (1 − s)²·½√(pq) κ₁ and s + (1 − s)²·½ κ₀. A zero vector counts as orthogonal. */
export function leakyDual(p: number, q: number, k: number, s: number): ReturnType<Dual> {
  const norm = Math.sqrt(p * q);
  const rho = norm === 0 ? 0 : Math.min(1, Math.max(-1, k / norm));
  const angle = Math.acos(rho);
  const kappa0 = 1 - angle / Math.PI;
  const kappa1 = (Math.sin(angle) + (Math.PI - angle) * Math.cos(angle)) / Math.PI;
  return { value: s * k + ((1 - s) ** 2 / 2) * norm * kappa1, slope: s + ((1 - s) ** 2 / 2) * kappa0 };
}

export function erfDual(p: number, q: number, k: number): ReturnType<Dual> {
  const product = (1 + 2 * p) * (1 + 2 * q);
  return {
    value: (2 / Math.PI) * Math.asin((2 * k) / Math.sqrt(product)),
    slope: 4 / Math.PI / Math.sqrt(product - 4 * k * k),
  };
}

/** u Φ(u). */
export function geluDual(p: number, q: number, k: number): ReturnType<Dual> {
  const A = 1 + p;
  const B = 1 + q;
  const D = A * B - k * k;
  const P = 1 / (2 * Math.PI * Math.sqrt(D));
  const F = 1 / 4 + Math.asin(k / Math.sqrt(A * B)) / (2 * Math.PI);
  const h = 1 / A + 1 / B;
  return { value: k * F + P * (p * q + k * k * (h - 1)), slope: F + P * k * h + (P * k) / D };
}

/** exp(−(p + q)/2) sinh k and cosh k, from sin u sin v = (cos(u − v) − cos(u + v))/2. */
export function sineDual(p: number, q: number, k: number): ReturnType<Dual> {
  const apart = Math.exp(k - (p + q) / 2);
  const together = Math.exp(-k - (p + q) / 2);
  return { value: (apart - together) / 2, slope: (apart + together) / 2 };
}

/** (2/π) asin ρ, the excess of equal signs over opposite ones; its slope is no function. */
export function signDual(p: number, q: number, k: number): ReturnType<Dual> {
  const rho = Math.min(1, Math.max(-1, k / Math.sqrt(p * q)));
  return { value: p * q === 0 ? 0 : (2 / Math.PI) * Math.asin(rho), slope: Number.NaN };
}

function times(state: State, factor: number): State {
  const square = factor * factor;
  return {
    xx: square * state.xx,
    zz: square * state.zz,
    xz: square * state.xz,
    meanX: factor * state.meanX,
    meanZ: factor * state.meanZ,
    tangent: square * state.tangent,
  };
}

function dot(x: readonly number[], z: readonly number[]): number {
  return x.reduce((sum, value, i) => sum + value * (z[i] as number), 0);
}

function pop(saved: State[]): State {
  const top = saved.pop();
  if (top === undefined) throw new Error('nothing was saved');
  return top;
}

function endOf(program: Program, repeat: number): number {
  let open = 0;
  for (let at = repeat; at < program.steps.length; at++) {
    const op = program.steps[at]?.[0];
    if (op === 'repeat') open++;
    if (op === 'end' && --open === 0) return at;
  }
  throw new Error('a repeat has no end');
}
