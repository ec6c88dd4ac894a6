import { describe, expect, test } from 'vitest';
import {
  activation,
  compile,
  dense,
  type KernelName,
  type Layer,
  type Network,
  profile,
  repeat,
  residual,
  serial,
  tabulate,
  tabulated,
} from '../../lib/index.js';

const names: readonly KernelName[] = ['nngp', 'ntk'];

/** Nodes and weights of Gauss–Legendre quadrature on [−1, 1]. */
function gaussLegendre(n: number): { nodes: number[]; weights: number[] } {
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < n; i++) {
    let t = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let turn = 0; turn < 20; turn++) {
      let [before, at] = [1, t];
      for (let k = 2; k <= n; k++) [before, at] = [at, ((2 * k - 1) * t * at - (k - 1) * before) / k];
      slope = (n * (t * at - before)) / (t * t - 1);
      t -= at / slope;
    }
    nodes.push(t);
    weights.push(2 / ((1 - t * t) * slope * slope));
  }
  return { nodes, weights };
}

const bias = { var: 0.3, init: 'normal', trainable: true } as const;
const input = (options = {}) => dense({ inputScale: '1', ...options });
const mlp = (phi: Layer, depth: number, options = {}) =>
  serial(input(options), repeat(depth, serial(phi, dense(options))));
const relu = activation('relu', { scale: Math.SQRT2 });
const erf = (scale: number) => activation('erf', { scale });
const gelu = (scale: number) => activation('gelu', { scale });

/** φ without closed forms: the first has three kinks, the second jumps in φ″ alone. */
const hat = tabulated([
  { from: -1, to: 0, coefficients: [0.5, 0.5] },
  { from: 0, to: 1, coefficients: [0.5, -0.5] },
]);
const odd = tabulated([{ from: -2, to: 2, coefficients: [0, 1, 0, 0.125] }]);

/** Networks of every step, every kind of bias, corners at one end, at both and at none. */
const networks: Record<string, Network> = {
  'MLP of depth 5': { preset: 'mlp', depth: 5 },
  'MLP of depth 300': { preset: 'mlp', depth: 300 },
  huang: { preset: 'huang', depth: 20, alpha: 0.3 },
  'huang, tiny α': { preset: 'huang', depth: 20, alpha: 1e-3 },
  'huang, a hundred blocks of α = 1/100': { preset: 'huang', depth: 100, alpha: 0.01 },
  tirer: { preset: 'tirer', depth: 20, alpha: 1 },
  'leaky ReLU': mlp(activation('leakyRelu', { slope: 0.2 }), 5),
  'leaky ReLU of negative slope': mlp(activation('leakyRelu', { slope: -0.5 }), 5),
  'leaky ReLU that is all but |u|': mlp(activation('leakyRelu', { slope: -0.999 }), 5),
  '|u|': mlp(activation('abs'), 4),
  'ReLU, biases': mlp(relu, 5, { bias }),
  'ReLU, biases from zero': mlp(relu, 5, { bias: { ...bias, init: 'zero' } }),
  erf: mlp(erf(1.3), 5),
  'erf, chaotic': mlp(erf(3), 8, { weightVar: 4 }),
  'erf, biases': mlp(erf(3), 5, { bias }),
  gelu: mlp(gelu(1.4), 5),
  'gelu, biases': mlp(gelu(1.4), 5, { bias }),
  'gelu, large variances': mlp(gelu(1.4), 3, { weightVar: 100 }),
  'erf, ReLU and GELU in turns': serial(input(), erf(2), dense(), relu, dense(), gelu(2), dense(), relu, dense()),
  'GELU, |u| and erf in turns': serial(
    input({ weightVar: 30 }),
    gelu(2),
    dense(),
    activation('abs'),
    dense({ bias }),
    erf(3),
    dense(),
    relu,
    dense(),
  ),
  'a hat between kinks': mlp(hat, 2),
  'an odd cubic that goes on as lines, then ReLU': serial(input(), odd, dense({ bias }), relu, dense()),
  'ResNet of erf': serial(input(), repeat(5, residual(serial(dense(), erf(2), dense()), { bodyScale: 0.5 })), dense()),
  'ResNet of GELU with biases, shortcut through ReLU': serial(
    input({ bias }),
    repeat(3, residual(serial(dense({ bias }), gelu(2), dense()), { bodyScale: 0.5, shortcut: serial(relu, dense()) })),
    dense(),
  ),
};

describe('derivatives of profiles', () => {
  const { nodes, weights } = gaussLegendre(20);
  // Panels that halve towards both ends, where curves change fastest.
  const near = Array.from({ length: 31 }, (_, i) => 1.5 * 2 ** (i - 30));
  const cuts = [0, ...near, ...near.map((h) => Math.PI - h).reverse(), Math.PI];
  const panels = cuts.slice(1).map((to, i) => ({ from: cuts[i] as number, half: (to - (cuts[i] as number)) / 2 }));
  const angles = [...panels.flatMap(({ from, half }) => [from, ...nodes.map((t) => from + half * (1 + t))]), Math.PI];
  const stride = nodes.length + 1;

  for (const [name, network] of Object.entries(networks)) {
    test(`integrate to what they derive from, ends included: ${name}`, () => {
      using kernel = compile(network);
      const curves = profile(kernel, angles, names, { dimension: 3, derivatives: 2 });
      for (const which of names) {
        const { values, slopes, curvatures } = curves[which];
        const unit = values[0] as number;
        const largest = (list: Float64Array) => list.reduce((most, value) => Math.max(most, Math.abs(value)), unit);
        const check = (derivative: Float64Array, of: Float64Array, what: string) => {
          // What is integrated is known to 1e-12 of its size next to it, and to the ulps of its peak, which the rounding
          // of the angle moves. Of tables, good to 3e-14, the derivatives are: n² and n⁴/3 times that for degree n = 20,
          // most of it at the ends.
          const fitted = name.startsWith('a hat') || name.startsWith('an odd') ? 1e-10 : 0;
          const tolerance = (1e-12 + fitted) * largest(of) + 2 ** -50 * largest(derivative);
          panels.forEach(({ from, half }, p) => {
            const at = p * stride;
            const integral = weights.reduce((sum, w, i) => sum + w * half * (derivative[at + 1 + i] as number), 0);
            const change = (of[at + stride] as number) - (of[at] as number);
            expect(Math.abs(integral - change), `${which}, ${what} from ${from}`).toBeLessThan(tolerance);
          });
        };
        check(slopes, values, 'slopes');
        check(curvatures, slopes, 'curvatures');
      }
    });
  }

  test('are scaled like the values where these leave the range of numbers', () => {
    using deep = compile({ preset: 'huang', depth: 2000, alpha: 1 });
    using shallow = compile({ preset: 'huang', depth: 20, alpha: 1 });
    for (const which of names) {
      const { values, slopes, logScale } = profile(deep, [0, 1e-4], which, { derivatives: 1 });
      expect(logScale).toBeGreaterThan(600);
      // s₀ grows with depth, by A/(1 + A)/2π for each block.
      const slope = -(slopes[0] as number) / (values[0] as number);
      expect(slope).toBeCloseTo(which === 'ntk' ? (1 + 1999 / 2) / (2 * Math.PI) : 0, 10);
    }
    const curve = profile(shallow, [0], 'ntk', { derivatives: 1 });
    expect(-(curve.slopes[0] as number) / (curve.values[0] as number)).toBeCloseTo((1 + 19 / 2) / (2 * Math.PI), 13);
  });

  test('of a sampled odd φ turn sign with the curve, from one end to the other', () => {
    for (const phi of [Math.tanh, (u: number) => u * Math.exp(-u * u)]) {
      using kernel = compile({ preset: 'mlp', depth: 3, activation: tabulate(phi).layer });
      const { curvatures } = profile(kernel, [0, Math.PI], 'ntk', { derivatives: 2 });
      const [near, far] = [...curvatures] as [number, number];
      // κ(π − θ) = −κ(θ), to what samples know of φ″.
      expect(Math.abs(far + near)).toBeLessThan(1e-9 * Math.abs(near));
    }
  });

  test('of a smooth φ that is all but odd keep their digits where opposite inputs are all but opposite', () => {
    // An even part of 1e-9 adds 1e-18 to every covariance, for odd and even functions of a normal variable do not correlate.
    const angles = [Math.PI - 1e-3, Math.PI - 1e-6, Math.PI - 1e-9, Math.PI - 1e-10, Math.PI - 1e-11, Math.PI];
    const curves = (phi: (u: number) => number) => {
      using kernel = compile({ preset: 'mlp', depth: 3, activation: tabulate(phi).layer });
      return profile(kernel, angles, names, { derivatives: 2 });
    };
    const [near, odd] = [curves((u) => Math.tanh(u) + 1e-9 * Math.exp(-u * u)), curves(Math.tanh)];
    for (const which of names) {
      odd[which].curvatures.forEach((wanted, i) => {
        expect(Math.abs((near[which].curvatures[i] as number) / wanted - 1)).toBeLessThan(1e-11);
      });
    }
  });

  test('are there as far as they were asked for', () => {
    using kernel = compile({ preset: 'mlp', depth: 2 });
    expect(Object.keys(profile(kernel, [1], 'ntk'))).toEqual(['kernel', 'angles', 'values', 'logScale']);
    expect(profile(kernel, [1], 'ntk', { derivatives: 0 })).not.toHaveProperty('slopes');
    expect(profile(kernel, [1], 'ntk', { derivatives: 1 })).not.toHaveProperty('curvatures');
    const { values } = profile(kernel, [1], 'ntk');
    expect(profile(kernel, [1], 'ntk', { derivatives: 2 }).values).toEqual(values);
    expect(() => profile(kernel, [1], 'ntk', { derivatives: 3 as 2 })).toThrow(
      /derivatives: expected 0, 1 or 2, got 3/,
    );
  });

  test('are refused where they would keep the calling thread busy for long', () => {
    using kernel = compile({ preset: 'mlp', depth: 10_000 });
    const many = new Float64Array(2000).fill(1);
    expect(() => profile(kernel, many, 'ntk', { derivatives: 1 })).toThrow(/at most 30000000 steps of a profile with/);
  });
});
