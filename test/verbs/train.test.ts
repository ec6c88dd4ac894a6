/** Training of finite networks: what it computes, what it writes down, and how it fails. */

import { describe, expect, test } from 'vitest';
import { empirical, type Movement, type Network, sample, type TrainOptions, train } from '../../lib/index.js';
import { activation, conv, dense, head, serial } from '../../lib/layers.js';
import { logSlope } from '../../lib/studies/measure.js';
import { sync } from '../../lib/sync.js';
import { distance, nested, numbers, points, refusal } from './support.js';

const mlp = (phi: 'tanh' | 'relu' | 'sign') =>
  serial(
    dense({ inputScale: '1', bias: { var: 0.1, init: 'zero', trainable: true } }),
    activation(phi),
    dense(),
    activation(phi),
    dense({ trainable: phi !== 'relu' }),
  );
const draw = (phi: 'tanh' | 'relu' | 'sign', outputs = 1, width = 24) =>
  sample(mlp(phi), { width, shape: 3, seed: 5, outputs });
const x = points(6, 3);
const y = numbers(6, 4);

describe('train', () => {
  test('descends by the gradient of the loss', async () => {
    using network = await draw('tanh', 2);
    const goals = points(6, 2, 9);
    const { network: after, loss } = await train(network, x, goals, {
      method: 'descent',
      learningRate: 0.5,
      times: [0, 3],
    });
    let theta = network.weights();
    for (let step = 0; step < 3; step++) {
      using now = network.withWeights(theta);
      const residual = Float64Array.from((await now.forward(x)).data, (f, i) => (f - (goals.data[i] as number)) / 6);
      if (step === 0) expect(loss[0]).toBeCloseTo(residual.reduce((sum, r) => sum + (6 * r) ** 2, 0) / 12, 14);
      const slope = await now.vjp(x, { data: residual, shape: [6, 2] });
      theta = theta.map((value, i) => value - 0.5 * (slope[i] as number));
    }
    expect(distance(after.weights(), theta)).toBeLessThan(1e-14);
    after.dispose();
  });

  test('flows to what it learns, and writes down what the network says on the way', async () => {
    for (const phi of ['tanh', 'relu'] as const) {
      using network = await draw(phi);
      const test = points(4, 3, 8);
      const times = [0, 0.5, 20];
      const got = await train(network, x, y, { times, test, kernels: true, movement: true });
      using after = got.network;
      expect(got.loss[2]).toBeLessThan(0.5 * (got.loss[0] as number));
      expect(distance(got.train.data.slice(12), (await after.forward(x)).data)).toBeLessThan(1e-12);
      expect(distance(got.test?.data.slice(8) as Float64Array, (await after.forward(test)).data)).toBeLessThan(1e-12);
      expect(got.kernels?.shape).toEqual([3, 6, 6]);
      // K v = J Jᵀ v of the network that came out.
      const jtv = await after.vjp(x, y);
      const product = (await after.jvp(x, jtv)).data;
      const kernel = got.kernels?.data.slice(72) as Float64Array;
      const byMatrix = nested({ data: kernel, shape: [6, 6] }).map((row) =>
        row.reduce((sum, k, j) => sum + k * (y[j] as number), 0),
      );
      expect(distance(byMatrix, product)).toBeLessThan(1e-12);
      const [start, end] = [network.weights(), after.weights()];
      expect(got.movement?.distance[0]).toBe(0);
      expect(got.movement?.distance[2]).toBeCloseTo(Math.hypot(...start.map((one, i) => one - (end[i] as number))), 12);
      expect(got.movement?.blocks.map(({ kind }) => kind)).toEqual(['weights', 'bias', 'weights', 'weights']);
      expect(got.movement?.blocks[1]?.relative).toBeNull();
      expect(got.movement?.blocks[0]?.relative?.[2]).toBeGreaterThan(0);
      expect((got.movement?.blocks[3]?.distance[2] as number) > 0).toBe(phi === 'tanh');
    }
  });

  test('trains images, and the same on any number of threads', async () => {
    const layers = serial(conv(3, { inputScale: '1', padding: 'same' }), activation('tanh'), head('pool'), dense());
    using network = await sample(layers, { width: 8, shape: [4, 4, 1] });
    const images = { data: numbers(5 * 16, 3), shape: [5, 4, 4, 1] };
    const options: TrainOptions = { times: [2] };
    const [one, two] = await Promise.all(
      [1, 2].map((threads) => train(network, images, numbers(5, 2), { ...options, threads })),
    );
    expect(one?.network.weights()).toEqual(two?.network.weights());
    expect(one?.loss[0]).toBeLessThan(0.1);
  });

  test('reports progress and stops when asked', async () => {
    using network = await draw('tanh', 1, 200);
    const seen: number[] = [];
    const { network: after } = await train(network, x, y, {
      times: [400],
      onProgress: ({ done, total }) => seen.push(done / total),
    });
    after.dispose();
    expect(seen.at(-1)).toBe(1);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    const signal = AbortSignal.timeout(30);
    const forever = train(network, x, y, { method: 'descent', learningRate: 0.01, times: [1e9], signal });
    await expect(forever).rejects.toThrow(/timeout/);
    expect(signal.aborted).toBe(true);
  });

  test('says where and why it diverged', async () => {
    using network = await draw('tanh');
    const error = await refusal(
      () => train(network, x, y, { method: 'descent', learningRate: 1000, times: [1000] }),
      'ERR_NO_CONVERGENCE',
    );
    expect(error.message).toMatch(/diverged: at step \d+ the loss is .* learning rate 1e\+03; .*2n\/λ_max = /);
    const { step, stabilityLimit, learningRate } = error.details as Record<string, number>;
    expect(step).toBeGreaterThan(0);
    expect(learningRate).toBe(1000);
    const steady = await train(network, x, y, {
      method: 'descent',
      learningRate: 0.2 * (stabilityLimit as number),
      times: [0, 50],
    });
    expect(steady.stabilityLimit).toBe(stabilityLimit);
    expect(steady.loss[1]).toBeLessThan(steady.loss[0] as number);
    steady.network.dispose();
  });

  test('refuses what makes no sense', async () => {
    using network = await draw('tanh');
    const given = (options: object) => refusal(() => train(network, x, y, options as TrainOptions), 'ERR_ARGUMENT');
    expect((await given({})).message).toMatch(/times: expected a list/);
    expect((await given({ times: [2, 1] })).message).toMatch(/times\[1\]: expected at least 2, the time before, got 1/);
    expect((await given({ times: [Number.POSITIVE_INFINITY] })).message).toMatch(/finite.*`dynamics`/);
    expect((await given({ times: [1], method: 'descent' })).message).toMatch(
      /learningRate: method 'descent' needs one/,
    );
    expect((await given({ times: [0.5], method: 'descent', learningRate: 1 })).message).toMatch(
      /whole number of steps/,
    );
    expect((await given({ times: [1], learningRate: -1 })).message).toMatch(
      /learningRate: expected a finite number above 0/,
    );
    expect((await refusal(() => train(network, x, points(6, 2), { times: [1] }), 'ERR_SHAPE')).message).toMatch(
      /y: expected 1 columns, one for each output/,
    );
    using sign = await draw('sign');
    expect((await refusal(() => train(sign, x, y, { times: [1] }), 'ERR_NETWORK')).message).toMatch(
      /training takes the first derivative of its activation, and that of sign/,
    );
    await refusal(() => train(network, x, y, { times: [1e6], maxSteps: 3 }), 'ERR_NO_CONVERGENCE');
    network.dispose();
    await refusal(() => train(network, x, y, { times: [1] }), 'ERR_DISPOSED');
  });
});

describe('drift', () => {
  test('is the change of the kernel, for smooth and for kinked units, without its values and whatever the times', async () => {
    for (const phi of ['tanh', 'relu'] as const) {
      using network = await draw(phi, 2);
      const goals = points(6, 2, 9);
      const start = sync.empirical(network, x, 'ntk').values;
      const size = Math.hypot(...start);
      const alone = await train(network, x, goals, { times: [1, 4], drift: true });
      using after = alone.network;
      const end = sync.empirical(after, x, 'ntk').values;
      expect(alone.kernels).toBeUndefined();
      expect(alone.drift?.[1]).toBeCloseTo(Math.hypot(...end.map((k, i) => k - (start[i] as number))) / size, 12);
      const both = await train(network, x, goals, { times: [0, 1, 4], drift: true, kernels: true });
      expect(both.drift?.[0]).toBe(0);
      expect(both.drift?.[1]).toBeCloseTo(alone.drift?.[0] as number, 8);
      const kernel = both.kernels?.data.subarray(36, 72) as Float64Array;
      expect(both.drift?.[1]).toBeCloseTo(Math.hypot(...kernel.map((k, i) => k - (start[i] as number))) / size, 12);
      both.network.dispose();
    }
  });

  // One pass over eight widths of 16 networks says the slope to 0.06; of tanh it is −1, of relu between −½ and −1, the latter
  // because the order of the units that change sides enters as well. Networks with and without skips.
  test.each([
    ['tanh', 'mlp', -1.25, -0.75],
    ['relu', 'mlp', -1.15, -0.4],
    ['tanh', 'tirer', -1.25, -0.75],
    ['relu', 'tirer', -1.15, -0.4],
  ] as const)('of %s, %s, falls with the width', async (phi, preset, low, high) => {
    const spec = { preset, depth: 2, activation: phi, ...(preset === 'tirer' ? { alpha: 0.5 } : {}) } as const;
    const widths = [32, 64, 128, 256];
    const drifts: number[] = [];
    const moves: number[] = [];
    for (const width of widths) {
      let [drift, moved] = [0, 0];
      for (let seed = 0; seed < 16; seed++) {
        using network = sync.sample(spec as Network, { width, shape: 3, seed });
        const how = { method: 'descent', learningRate: 0.3, times: [30], drift: true, movement: true } as const;
        const got = sync.train(network, x, y, how);
        got.network.dispose();
        drift += got.drift?.[0] as number;
        moved += Math.max(...(got.movement as Movement).blocks.map(({ distance }) => distance[0] as number));
      }
      drifts.push(drift);
      moves.push(moved / Math.sqrt(width));
    }
    const slope = logSlope(widths, drifts);
    expect(slope, `${drifts}`).toBeGreaterThan(low);
    expect(slope, `${drifts}`).toBeLessThan(high);
    // All weights together move by order 1, so each of a layer's m columns by 1/√m.
    expect(logSlope(widths, moves), `${moves}`).toBeGreaterThan(-0.65);
    expect(logSlope(widths, moves), `${moves}`).toBeLessThan(-0.35);
  });

  test('has no unit where the kernel starts at zero', async () => {
    using network = await sample(serial(dense({ trainable: false, inputScale: '1' }), activation('relu'), dense()), {
      width: 8,
      shape: 2,
    });
    const zero = await refusal(() => train(network, [[0, 0]], [1], { times: [1], drift: true }), 'ERR_RANGE');
    expect(zero.message).toMatch(/kernel at the start is 0 .* drift has no unit; rescale the inputs/);
  });
});

test('maxBytes bounds what looks at kernels on the way as it bounds empirical, and the least that it names will do', async () => {
  using network = await sample(serial(dense({ inputScale: '1' }), activation('tanh'), dense()), {
    width: 50,
    shape: 3,
  });
  const least = async (call: () => unknown) => (await refusal(call, 'ERR_ARGUMENT')).details.needed as number;
  const tiny = { maxBytes: 2000, threads: 1 } as const;
  const asked = await least(() => empirical(network, x, 'ntk', tiny));
  const options = { times: [1] } as const;
  for (const more of [{ kernels: true }, { drift: true }]) {
    const needed = await least(() => train(network, x, y, { ...options, ...more, ...tiny }));
    expect(needed).toBeGreaterThanOrEqual(asked);
    const [slow, fast] = await Promise.all(
      [needed, 2 ** 30].map((maxBytes) => train(network, x, y, { ...options, ...more, maxBytes, threads: 1 })),
    );
    expect(distance(slow?.network.weights() as Float64Array, fast?.network.weights() as Float64Array)).toBeLessThan(
      1e-9,
    );
    slow?.network.dispose();
    fast?.network.dispose();
  }
});

test('divergence names the stability limit where eigenvalues are bunched below the largest', async () => {
  // Orthogonal inputs of equal length and one layer: every eigenvalue of the NTK is |x|², so the limit is 2n/|x|² exactly.
  const n = 24;
  const rows = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 3 : 0)));
  using network = await sample(dense({ inputScale: '1' }), { width: 4, shape: n });
  const goals = numbers(n, 5);
  const descend = (learningRate: number, steps: number) =>
    train(network, rows, goals, { method: 'descent', learningRate, times: [0, steps] });
  const limit = (2 * n) / 9;
  const { details, message } = await refusal(() => descend(1.05 * limit, 100_000), 'ERR_NO_CONVERGENCE');
  const { step, stabilityLimit, loss, learningRate } = details as Record<string, number>;
  expect(Math.abs((stabilityLimit as number) / limit - 1)).toBeLessThan(1e-10);
  expect(learningRate).toBe(1.05 * limit);
  // Every residual is multiplied by 1 − η·9/n = −1.1 per step, the loss by 1.21, until it is 10¹² times its bound.
  expect(Math.abs((step as number) - Math.log(1e12) / Math.log(1.21))).toBeLessThan(12);
  expect(message).toContain(`at step ${step}`);
  expect(loss).toBeGreaterThan(1e11);
  const steady = await descend(0.95 * limit, 200);
  expect(steady.loss[1]).toBeLessThan(1e-12 * (steady.loss[0] as number));
  steady.network.dispose();
  // A bulk of eigenvalues below one that is larger by a hundredth: the limit may be a hundredth too large, and never too small.
  const lengths = rows.map((row, i) => row.map((value) => (i === 0 ? value * Math.sqrt(1.01) : value)));
  const bunched = await train(network, lengths, goals, { method: 'descent', learningRate: 0.1, times: [1] });
  const over = (bunched.stabilityLimit as number) / ((2 * n) / (9 * 1.01)) - 1;
  expect(over).toBeGreaterThan(-1e-12);
  expect(over).toBeLessThan(0.01);
  bunched.network.dispose();
});

describe('what is no divergence', () => {
  test('times as close as rounding leaves them, and far apart', async () => {
    using network = await draw('tanh');
    for (const times of [
      [0.3, 0.1 + 0.2],
      [1e-16, 1],
      [1e-9, 100],
    ]) {
      const { network: after, loss } = await train(network, x, y, { times });
      expect(loss.every(Number.isFinite)).toBe(true);
      after.dispose();
    }
  });

  test('targets that are met from the start', async () => {
    using network = await sample(serial(dense({ inputScale: '1' }), activation('tanh'), dense()), {
      width: 8,
      shape: 2,
    });
    for (const options of [{ times: [0, 1] }, { times: [0, 2], method: 'descent', learningRate: 0.1 }] as const) {
      const { network: after, loss } = await train(network, [[0, 0]], [0], options);
      expect([...loss]).toEqual([0, 0]);
      after.dispose();
    }
  });
});

test('predictions and targets beyond the range of doubles are refused', async () => {
  const wide = serial(dense({ inputScale: '1' }), activation('relu'), dense());
  using network = await sample(wide, { width: 8, shape: 2, seed: 1 });
  const rows = [[1, 1]];
  const test = [[1e308, 1e308]];
  const beyond = await refusal(() => train(network, rows, [1], { times: [0], test }), 'ERR_RANGE');
  expect(beyond.message).toContain('predictions at the test inputs leave the range of doubles at time 0');
  const targets = await refusal(() => train(network, rows, [1e200], { times: [1] }), 'ERR_RANGE');
  expect(targets.message).toContain('rescale the targets');
});

test('progress is that of time, whatever is looked at on the way', async () => {
  using network = await draw('tanh');
  const seen: number[] = [];
  const times = Array.from({ length: 20 }, (_, t) => 20 * (t + 1));
  const { network: after } = await train(network, x, y, {
    times,
    kernels: true,
    onProgress: ({ done, total }) => seen.push(done / total, total),
  });
  after.dispose();
  expect(new Set(seen.filter((_, i) => i % 2 === 1))).toEqual(new Set([1000]));
});

test('a network that is disposed of while it trains is no loss', async () => {
  const network = await draw('tanh');
  const running = train(network, x, y, { times: [50], movement: true });
  network.dispose();
  const { movement, network: after } = await running;
  expect(movement?.blocks.every(({ norm, kind }) => norm > 0 || kind === 'bias')).toBe(true);
  after.dispose();
});
