/**
 * What width does: the NTK moves by 1/width in training, cutting the hierarchy off later errs less, and predictions at a width
 * are those of trained networks. Means over seeds, with standard errors; the seeds are fixed, so that nothing here is left to chance.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import {
  activation,
  dense,
  hierarchy,
  li,
  mlp as mlpOf,
  type Network,
  type PredictAtWidthOptions,
  predictAtWidth,
  type Samples,
  sample,
  serial,
  type TruncatedFlowOptions,
  train,
  truncatedFlow,
} from '../../lib/index.js';
import { distance, nested, numbers, points, refusal } from './support.js';

const phi = activation('tanh');
const mlp = serial(dense({ inputScale: '1' }), phi, dense(), phi, dense());
const unit = ({ data, shape }: ReturnType<typeof points>): Samples =>
  nested({ data, shape }).map((row) => row.map((value) => value / Math.hypot(...row)));
const x = unit(points(4, 3, 3));
const other = unit(points(3, 3, 8));
const y = numbers(4, 9).map((value) => 3 * value);
const times = [0, 1, 2, 4];
const widths = [64, 128, 256, 512];
const seeds = Array.from({ length: 8 }, (_, seed) => seed);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const standardError = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, v) => sum + (v - mean(values)) ** 2, 0) / (values.length - 1) / values.length);
const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

/** Of one draw: how far the NTK moved, the sizes of K⁽³⁾ and K⁽⁴⁾, and of each order the largest error of f. */
interface Draw {
  readonly drift: number;
  readonly third: number;
  readonly fourth: number;
  readonly errors: readonly number[];
}

async function drawn(width: number, seed: number): Promise<Draw> {
  using network = await sample(mlp, { width, shape: 3, seed });
  const truth = await train(network, x, y, { times, kernels: true, test: other });
  truth.network.dispose();
  const kernels = truth.kernels?.data as Float64Array;
  const [start, end] = [kernels.subarray(0, 16), kernels.subarray(-16)];
  const tensors = await hierarchy(network, x, { order: 4, test: other });
  const errors = await Promise.all(
    ([2, 3, 4] as const).map(async (order) => {
      const { train: f, test: g } = await truncatedFlow(tensors, y, { times, order });
      return Math.max(
        distance(f.data, truth.train.data),
        distance((g as typeof f).data, (truth.test as typeof f).data),
      );
    }),
  );
  return {
    drift: norm(end.map((k, i) => k - (start[i] as number))) / norm(start),
    third: norm(tensors.third?.data as Float64Array),
    fourth: norm(tensors.fourth?.data as Float64Array),
    errors,
  };
}

const draws = new Map<number, Draw[]>();
beforeAll(async () => {
  for (const width of widths) {
    const list: Draw[] = [];
    for (const seed of seeds) list.push(await drawn(width, seed));
    draws.set(width, list);
  }
}, 60_000);

/** Of the mean logarithm over the logarithm of width, with its standard error. */
function slope(of: (draw: Draw) => number): { slope: number; error: number } {
  const at = widths.map(Math.log);
  const across = at.reduce((sum, value) => sum + (value - mean(at)) ** 2, 0);
  let [sum, square] = [0, 0];
  for (const [i, width] of widths.entries()) {
    const logs = (draws.get(width) as Draw[]).map((draw) => Math.log(of(draw)));
    const share = ((at[i] as number) - mean(at)) / across;
    sum += share * mean(logs);
    square += (share * standardError(logs)) ** 2;
  }
  return { slope: sum, error: Math.sqrt(square) };
}

describe('with growing width', () => {
  test('the NTK moves by 1/width at a fixed time', () => {
    const drift = slope((draw) => draw.drift);
    expect(Math.abs(drift.slope + 1)).toBeLessThan(0.25);
    expect(drift.error).toBeLessThan(0.12);
  });

  test('K⁽³⁾ and K⁽⁴⁾ shrink by 1/width', () => {
    for (const of of [(draw: Draw) => draw.third, (draw: Draw) => draw.fourth]) {
      const { slope: found, error } = slope(of);
      expect(Math.abs(found + 1)).toBeLessThan(0.1 + 3 * error);
      expect(error).toBeLessThan(0.15);
    }
  });

  test('every order errs less than the one before, beyond the doubt of eight draws', () => {
    for (const width of [256, 512]) {
      for (const order of [3, 4]) {
        const gains = (draws.get(width) as Draw[]).map(({ errors }) =>
          Math.log((errors[order - 3] as number) / (errors[order - 2] as number)),
        );
        expect(mean(gains) - 2 * standardError(gains)).toBeGreaterThan(0);
      }
    }
  });
});

describe('with growing depth', () => {
  // Sizes without a unit: f has one, K⁽ʳ⁾ its r-th power.
  async function sizes(network: (depth: number) => Network, depth: number): Promise<readonly [number, number]> {
    const all: (readonly [number, number])[] = [];
    for (const seed of seeds) {
      using one = await sample(network(depth), { width: 128, shape: 3, seed });
      const { second, third, fourth } = await hierarchy(one, x, { order: 4 });
      const size = norm(second.data);
      all.push([norm(third?.data as Float64Array) / size ** 1.5, norm(fourth?.data as Float64Array) / size ** 2]);
    }
    return [mean(all.map(([third]) => third)), mean(all.map(([, fourth]) => fourth))];
  }

  test('K⁽³⁾ and K⁽⁴⁾ of an MLP grow, and those of a ResNet with branches of order 1/depth do not', async () => {
    const ratios = async (network: (depth: number) => Network) => {
      const [shallow, deep] = [await sizes(network, 2), await sizes(network, 16)];
      return [deep[0] / shallow[0], deep[1] / shallow[1]] as const;
    };
    const [third, fourth] = await ratios((depth) => mlpOf({ depth, activation: 'tanh' }));
    expect(third).toBeGreaterThan(4);
    expect(fourth).toBeGreaterThan(10);
    for (const ratio of await ratios((depth) => li({ depth, activation: 'tanh' }))) {
      expect(Math.abs(Math.log(ratio))).toBeLessThan(0.5);
    }
  });
});

describe('predictAtWidth', () => {
  const options: PredictAtWidthOptions = { width: 128, times, networks: 4, seed: 11 };

  test('is the mean over networks of what truncatedFlow says, and near what they say when trained', async () => {
    const got = await predictAtWidth(mlp, x, y, other, options);
    const flows: Float64Array[] = [];
    const trained: Float64Array[] = [];
    for (let seed = 11; seed < 15; seed++) {
      using network = await sample(mlp, { width: 128, shape: 3, seed });
      const tensors = await hierarchy(network, x, { test: other });
      flows.push((await truncatedFlow(tensors, y, { times })).test?.data as Float64Array);
      const truth = await train(network, x, y, { times, test: other });
      truth.network.dispose();
      trained.push(truth.test?.data as Float64Array);
    }
    const over = (all: readonly Float64Array[]) => flows[0]?.map((_, i) => mean(all.map((one) => one[i] as number)));
    expect(distance(got.test.mean.data, over(flows) as Float64Array)).toBeLessThan(1e-13);
    const spread = flows[0]?.map((_, i) => standardError(flows.map((one) => one[i] as number))) as Float64Array;
    expect(distance(got.test.standardErrors.data, spread)).toBeLessThan(1e-13);
    expect(
      distance(
        got.test.deviations.data,
        spread.map((one) => 2 * one),
      ),
    ).toBeLessThan(1e-13);
    const truth = over(trained) as Float64Array;
    const frozen = await predictAtWidth(mlp, x, y, other, { ...options, order: 2 });
    const best = await predictAtWidth(mlp, x, y, other, { ...options, order: 4 });
    expect(distance(best.test.mean.data, truth)).toBeLessThan(0.3 * distance(frozen.test.mean.data, truth));
    expect(got.train.mean.shape).toEqual([4, 4]);
    expect(got.test.mean.shape).toEqual([4, 3]);
  });

  test('refuses what it cannot do', async () => {
    const kinked = serial(dense({ inputScale: '1' }), activation('relu'), dense());
    const call = (changes: object) =>
      refusal(() => predictAtWidth(mlp, x, y, other, { ...options, ...changes }), 'ERR_ARGUMENT');
    const relu = await refusal(() => predictAtWidth(kinked, x, y, other, options), 'ERR_NETWORK');
    expect(relu.message).toMatch(/second derivative.*relu/);
    expect((await predictAtWidth(kinked, x, y, other, { ...options, order: 2, networks: 2 })).order).toBe(2);
    expect((await call({ networks: 1 })).message).toMatch(/networks: expected an integer from 2/);
    expect((await call({ width: undefined })).message).toMatch(/width: expected/);
    const wild = refusal(
      () =>
        predictAtWidth(
          mlp,
          x,
          y.map((one) => 1000 * one),
          other,
          { ...options, width: 2, times: [1000] },
        ),
      'ERR_NO_CONVERGENCE',
    );
    const { message, details } = await wild;
    expect(message).toMatch(/the network of seed \d+: the hierarchy cut off at order 3 does not reach time 1e\+03/);
    expect(details.seed).toBeGreaterThanOrEqual(11);
  });
});

describe('truncatedFlow', () => {
  test('refuses what is no hierarchy, and orders that there are not', async () => {
    using network = await sample(mlp, { width: 16, shape: 3 });
    const tensors = await hierarchy(network, x);
    const call = (value: unknown, options: object) =>
      refusal(() => truncatedFlow(value as typeof tensors, y, options as TruncatedFlowOptions), 'ERR_ARGUMENT');
    expect((await call(tensors, { times, order: 4 })).message).toMatch(
      /order: expected at most 3, that of the hierarchy/,
    );
    expect((await call({}, { times })).message).toMatch(/tensors.order: expected 2, 3 or 4/);
    expect((await call({ ...tensors, trained: 9 }, { times })).message).toMatch(/tensors.trained/);
    expect((await call({ ...tensors, third: undefined }, { times })).message).toMatch(/tensors.third/);
    const short = { ...tensors, second: { data: new Float64Array(3), shape: [1, 3] } };
    await refusal(() => truncatedFlow(short, y, { times }), 'ERR_SHAPE');
    const kept = await truncatedFlow(tensors, y, { times, kernels: true });
    expect(kept.kernels?.data.slice(0, 16)).toEqual(tensors.second.data);
    expect(kept.test).toBeUndefined();
  });
});
