/**
 * The definition of the kernels, so plain that it needs no test of its own: one pair of points, plain doubles, closed
 * forms in the correlation. It loses half the digits near ρ = ±1 (acos) and leaves the range of doubles at great depth;
 * the native core must not.
 */

import type { Program } from '../../lib/lower.js';

/** Covariances of a layer at (x, x), (z, z), (x, z) and the tangent kernel at (x, z). */
interface State {
  readonly xx: number;
  readonly zz: number;
  readonly xz: number;
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
  let now: State = { xx: Number.NaN, zz: Number.NaN, xz: Number.NaN, tangent: Number.NaN };

  const run = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      const [op, ...args] = program.steps[at] as readonly [string, ...number[]];
      const [a = Number.NaN, b = Number.NaN, c = Number.NaN, d = Number.NaN, e = Number.NaN] = args;
      switch (op) {
        case 'input': {
          const divisor = a === 1 ? x.length : 1;
          now = { xx: dot(x, x) / divisor, zz: dot(z, z) / divisor, xz: dot(x, z) / divisor, tangent: 0 };
          break;
        }
        case 'affine': {
          const [weightVar, trainWeights, biasVar, inCovariance, trainBias] = [a, b, c, d, e];
          const bias = biasVar * inCovariance;
          now = {
            xx: weightVar * now.xx + bias,
            zz: weightVar * now.zz + bias,
            xz: weightVar * now.xz + bias,
            tangent: weightVar * (now.tangent + trainWeights * now.xz) + trainBias * biasVar,
          };
          break;
        }
        case 'relu':
          now = activate(now, a, (p, q, k) => leakyDual(p, q, k, b));
          break;
        case 'erf':
          now = activate(now, a, erfDual);
          break;
        case 'gelu':
          now = activate(now, a, geluDual);
          break;
        case 'scale':
          now = times(now, a * a);
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
            xx: other.xx + now.xx,
            zz: other.zz + now.zz,
            xz: other.xz + now.xz,
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

/** K ← E φ(u)φ(v), T ← T · E φ′(u)φ′(v). */
function activate({ xx, zz, xz, tangent }: State, scale: number, dual: Dual): State {
  const c = scale * scale;
  const cross = dual(xx, zz, xz);
  return {
    xx: c * dual(xx, xx, xx).value,
    zz: c * dual(zz, zz, zz).value,
    xz: c * cross.value,
    tangent: c * cross.slope * tangent,
  };
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

function times(state: State, factor: number): State {
  return {
    xx: factor * state.xx,
    zz: factor * state.zz,
    xz: factor * state.xz,
    tangent: factor * state.tangent,
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
