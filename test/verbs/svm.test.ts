import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  compile,
  cross,
  type Gram,
  gram,
  mlp,
  type SupportVectorMachine,
  svm,
  svmFolds,
  sync,
  type Tensor,
} from '../../lib/index.js';
import { distance, expectSameBytes, nested, points } from './support.js';

type Rows = readonly (readonly number[])[];

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const kernels = {
  linear: dot,
  square: (a: readonly number[], b: readonly number[]) => (1 + dot(a, b) / 4) ** 2,
};

function matrixOf(kernel: keyof typeof kernels, x: Rows): Gram {
  const values = Float64Array.from(x.flatMap((a) => x.map((b) => kernels[kernel](a, b))));
  return { kernel: 'ntk', size: x.length, values, logScale: 0 };
}

function crossOf(kernel: keyof typeof kernels, z: Rows, x: Rows): Tensor {
  return {
    data: Float64Array.from(z.flatMap((a) => x.map((b) => kernels[kernel](a, b)))),
    shape: [z.length, x.length],
  };
}

/** β of one pair: a coefficient for each sample of its two classes, with the signs of the classes. */
function betas({ coefficients, classes }: SupportVectorMachine, labels: readonly unknown[], a: number, b: number) {
  const width = classes.length - 1;
  return labels.flatMap((label, i) => {
    if (label !== classes[a] && label !== classes[b]) return [];
    const first = label === classes[a];
    return [{ i, y: first ? 1 : -1, beta: coefficients.data[i * width + (first ? b - 1 : a)] as number }];
  });
}

/** What a pair's machine is judged by, with plain loops over the matrix. */
function certificate({ values, size }: Gram, machine: SupportVectorMachine, labels: readonly unknown[], pair: number) {
  const { classes, bias } = machine.pairs[pair] as SupportVectorMachine['pairs'][number];
  const places = classes.map((name) => machine.classes.indexOf(name)) as [number, number];
  const samples = betas(machine, labels, ...places);
  const outputs = samples.map(({ i }) =>
    samples.reduce((sum, { i: j, beta }) => sum + beta * (values[i * size + j] as number), 0),
  );
  let [quadratic, linear, slack, balance] = [0, 0, 0, 0];
  let [top, low] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [t, { y, beta }] of samples.entries()) {
    const output = outputs[t] as number;
    const price = y * beta;
    expect(price).toBeGreaterThanOrEqual(0);
    expect(price).toBeLessThanOrEqual(machine.c);
    balance += beta;
    quadratic += beta * output;
    linear += price;
    slack += Math.max(0, 1 - y * (output + bias));
    const f = output - y;
    if (y > 0 ? price < machine.c : price > 0) top = Math.max(top, -f);
    if (y > 0 ? price > 0 : price < machine.c) low = Math.max(low, f);
  }
  const dual = quadratic / 2 - linear;
  return { balance, dual, gap: quadratic / 2 + machine.c * slack + dual, violation: top + low, samples };
}

interface Golden {
  readonly name: string;
  readonly points: number[][];
  readonly labels: number[];
  readonly tests: number[][];
  readonly machines: readonly {
    readonly kernel: keyof typeof kernels;
    readonly c: number;
    readonly decisions: number[][];
    readonly objectives: number[];
    readonly predictions: number[];
  }[];
}
const golden = JSON.parse(readFileSync(new URL('../golden/svm.json', import.meta.url), 'utf8')) as {
  readonly problems: readonly Golden[];
};

describe.each(golden.problems.flatMap((problem) => problem.machines.map((want) => ({ ...problem, want }))))(
  'libsvm: $name, $want.kernel kernel, C = $want.c',
  ({ points: x, labels, tests, want }) => {
    test('objectives, decisions and votes', async () => {
      const machine = await svm(matrixOf(want.kernel, x), labels, { c: want.c, tolerance: 1e-9, maxIterations: 1e7 });
      const k = crossOf(want.kernel, tests, x);
      for (const [p, { objective }] of machine.pairs.entries()) {
        // Both stop within their tolerances, at which an objective is off by that times ΣC and less.
        expect(Math.abs(objective - (want.objectives[p] as number))).toBeLessThan(2e-9 * want.c * x.length);
      }
      // Where no sample lies on the margin, the bias may be anywhere in an interval; both take its middle.
      expect(distance((await machine.decide(k)).data, want.decisions.flat())).toBeLessThan(1e-7);
      expect(await machine.classify(k)).toEqual(want.predictions);
    });
  },
);

const kernel = compile(mlp({ depth: 3 }));
const n = 90;
const x = points(n, 4);
/** Three classes that a network can tell apart, but for one label in nine. */
const labels = nested(x).map(([a = 0, b = 0], i) => (i % 9 === 0 ? i % 3 : a > 0.1 ? 0 : b > 0 ? 1 : 2));
const matrix = await gram(kernel, x, 'ntk');
const grid = [0.01, 0.1, 1, 10, 100];

describe('optimality', () => {
  test.each([true, false])('holds for every pair and C, shrinking %s', async (shrinking) => {
    for (const tolerance of [1e-3, 1e-8]) {
      for (const machine of await svm(matrix, labels, { c: grid, tolerance, shrinking })) {
        for (const [p, pair] of machine.pairs.entries()) {
          const { balance, dual, gap, violation, samples } = certificate(matrix, machine, labels, p);
          const sum = machine.c * samples.length;
          expect(Math.abs(balance)).toBeLessThan(1e-13 * sum);
          expect(Math.abs(dual - pair.objective)).toBeLessThan(1e-10 * sum);
          // f is a sum of as many rounded terms as there were iterations.
          expect(violation).toBeLessThanOrEqual(tolerance + 1e-12 * sum);
          expect(pair.violation).toBeLessThanOrEqual(tolerance);
          // The primal problem is bounded below by −dual, and the distance by the violations of all samples.
          expect(gap).toBeGreaterThan(-1e-10 * sum);
          expect(gap).toBeLessThanOrEqual(tolerance * sum);
        }
      }
    }
  });

  test('no point that projected gradients reach is better', async () => {
    const small = 16;
    const rows = Array.from({ length: small }, (_, i) => i);
    const two = labels.slice(0, small).map((label) => (label === 0 ? 'yes' : 'no'));
    for (const c of [0.1, 3]) {
      const machine = await svm(matrix, two, { rows, c, tolerance: 1e-10 });
      const y = two.map((label) => (label === 'no' ? 1 : -1));
      const reached = projectedGradient((i, j) => matrix.values[i * n + j] as number, y, c);
      const { objective } = machine.pairs[0] as SupportVectorMachine['pairs'][number];
      expect(objective - reached).toBeLessThan(1e-9 * c * small);
      expect(reached - objective).toBeLessThan(1e-4 * c * small);
    }
  });

  test('a cold start ends where a warm one does', async () => {
    const warm = await svm(matrix, labels, { c: grid, tolerance: 1e-9 });
    const cold = await svm(matrix, labels, { c: grid, tolerance: 1e-9, warmStart: false });
    for (const [c, machine] of warm.entries()) {
      const other = cold[c] as SupportVectorMachine;
      const decisions = [await machine.decide(matrix), await other.decide(matrix)] as const;
      expect(distance(decisions[0].data, decisions[1].data)).toBeLessThan(1e-5);
      for (const [p, { objective }] of machine.pairs.entries()) {
        const there = other.pairs[p]?.objective as number;
        expect(Math.abs(objective - there)).toBeLessThan(2e-9 * machine.c * n);
      }
    }
    expect(warm.map(({ c }) => c)).toEqual(grid);
  });

  test('a larger C than any coefficient changes nothing', async () => {
    const apart = labels.map((_, i) => (nested(x)[i]?.[0] ?? 0) > 0);
    const names = apart.map((one) => (one ? 'right' : 'left'));
    const [one, more] = await svm(matrix, names, { c: [1e4, 1e6] });
    expect(more?.pairs[0]?.iterations).toBe(0);
    expect(more?.coefficients).toEqual(one?.coefficients);
  });

  test('descending C are allowed as well', async () => {
    const machines = await svm(matrix, labels, { c: [100, 0.01], tolerance: 1e-8 });
    const alone = await svm(matrix, labels, { c: 0.01, tolerance: 1e-8 });
    expect(Math.abs((machines[1]?.pairs[0]?.objective as number) - (alone.pairs[0]?.objective as number))).toBeLessThan(
      1e-8 * n,
    );
    certificate(matrix, machines[1] as SupportVectorMachine, labels, 0);
  });
});

/** min ½ βᵀKβ − yᵀβ by gradient steps of fixed length, projected onto Σβ = 0 and 0 ≤ yβ ≤ c by bisection. */
function projectedGradient(k: (i: number, j: number) => number, y: readonly number[], c: number): number {
  const trace = y.reduce((sum, _, i) => sum + k(i, i), 0);
  const project = (v: readonly number[]): number[] => {
    const moved = (shift: number) =>
      v.map((value, i) =>
        Math.min(Math.max(value - shift, (y[i] as number) > 0 ? 0 : -c), (y[i] as number) > 0 ? c : 0),
      );
    let [low, high] = [-1e3 - c, 1e3 + c];
    for (let turn = 0; turn < 100; turn++) {
      const middle = (low + high) / 2;
      if (moved(middle).reduce((sum, value) => sum + value, 0) > 0) low = middle;
      else high = middle;
    }
    return moved(high);
  };
  const output = (beta: readonly number[]) => y.map((_, i) => beta.reduce((sum, b, j) => sum + k(i, j) * b, 0));
  let beta = y.map(() => 0);
  for (let turn = 0; turn < 4000; turn++) {
    const f = output(beta).map((value, i) => value - (y[i] as number));
    beta = project(beta.map((value, i) => value - (f[i] as number) / trace));
  }
  return output(beta).reduce((sum, value, i) => sum + (beta[i] as number) * (value / 2 - (y[i] as number)), 0);
}

describe('what can be said by hand', () => {
  test('two points: half a coefficient each, and the decision is x', async () => {
    const machine = await svm(matrixOf('linear', [[1], [-1]]), ['a', 'b'], { tolerance: 1e-12 });
    expect([...machine.coefficients.data]).toEqual([0.5, -0.5]);
    expect(machine.pairs).toMatchObject([{ classes: ['a', 'b'], bias: 0, objective: -0.5, iterations: 1 }]);
    expect([...(await machine.decide({ data: Float64Array.of(3, -3), shape: [1, 2] })).data]).toEqual([3]);
  });

  test('points beyond the margin have no coefficient', async () => {
    const rows = [[1], [2], [9], [-1], [-5]];
    const machine = await svm(matrixOf('linear', rows), [1, 1, 1, 0, 0], { c: 10, tolerance: 1e-12 });
    expect([...machine.coefficients.data]).toEqual([-0.5, 0, 0, 0.5, 0]);
    expect(machine.supportVectors).toBe(2);
  });

  test('equal points of two classes pay the full price and decide nothing', async () => {
    const machine = await svm(matrixOf('linear', [[1], [1]]), [0, 1], { c: 7 });
    expect([...machine.coefficients.data]).toEqual([7, -7]);
    expect(machine.pairs[0]).toMatchObject({ bias: 0, objective: -14 });
    // 0 is no vote for the first of the pair, as in libsvm.
    expect(await machine.classify({ data: Float64Array.of(1, 1), shape: [1, 2] })).toEqual([1]);
  });

  test('zero kernels: all at their bounds, the decision is the bias', async () => {
    const machine = await svm(matrixOf('linear', [[0], [0], [0]]), [0, 0, 1], { c: 2 });
    const [first = 0, second = 0, other] = machine.coefficients.data;
    expect(first + second).toBe(2);
    expect(other).toBe(-2);
    expect(Math.abs(machine.pairs[0]?.bias as number)).toBeLessThanOrEqual(1);
  });

  test('classes are in their own order, whatever that of the samples', async () => {
    const z = matrixOf('linear', [[2], [-2], [0.5]]);
    expect((await svm(z, [10, 9, 10])).classes).toEqual([9, 10]);
    expect((await svm(z, ['b', 'a', 'b'])).classes).toEqual(['a', 'b']);
    expect((await svm(z, Uint8Array.of(3, 1, 3))).classes).toEqual([1, 3]);
  });
});

describe('predictions', () => {
  test('from a cross matrix, whatever its scale', async () => {
    const z = points(20, 4, 7);
    const machine = await svm(matrix, labels, { c: 1 });
    const k = await cross(kernel, z, x, 'ntk');
    const scaled = { ...k, data: k.data.map((one) => one / 8), logScale: k.logScale + Math.log(8) };
    const decisions = await machine.decide(k);
    expect(decisions.shape).toEqual([20, 3]);
    expect(distance(decisions.data, (await machine.decide(scaled)).data)).toBeLessThan(1e-12);
    expect(await machine.classify(scaled)).toEqual(await machine.classify(k));
  });

  test('folds are trainings and votes side by side', async () => {
    const odd = labels.flatMap((_, i) => (i % 2 === 1 ? [i] : []));
    const even = labels.flatMap((_, i) => (i % 2 === 0 ? [i] : []));
    const folds = [
      { train: odd, test: even },
      { train: even.toReversed(), test: [...odd, 0] },
    ];
    const { predictions, accuracies, classes, c } = await svmFolds(matrix, labels, folds, { c: grid });
    expect([...c]).toEqual(grid);
    for (const [f, { train, test: rows }] of folds.entries()) {
      const machines = await svm(
        matrix,
        train.map((i) => labels[i] as number),
        { rows: train, c: grid },
      );
      for (const [at, machine] of machines.entries()) {
        const found = await machine.classify(matrix, { rows, columns: train });
        const places = predictions[f]?.slice(at * rows.length, (at + 1) * rows.length) as Int32Array;
        expect(Array.from(places, (place) => classes[place])).toEqual(found);
        const right = found.filter((name, i) => name === labels[rows[i] as number]).length;
        expect(accuracies[f]?.[at]).toBe(right / rows.length);
      }
    }
  });

  test('a class that only the test rows have is never predicted, and costs accuracy', async () => {
    const z = matrixOf('linear', [[2], [-2], [1]]);
    const { predictions, accuracies } = await svmFolds(z, ['a', 'b', 'c'], [{ train: [0, 1], test: [0, 1, 2] }]);
    expect([...(predictions[0] as Int32Array)]).toEqual([0, 1, 0]);
    expect(accuracies[0]?.[0]).toBe(2 / 3);
  });

  test('more folds than a call has room for arguments', async () => {
    const z = matrixOf('linear', [[2], [-2], [1]]);
    const folds = Array.from({ length: 150_000 }, () => ({ train: [0, 1], test: [2] }));
    const { accuracies } = await svmFolds(z, ['a', 'b', 'a'], folds);
    expect(accuracies).toHaveLength(folds.length);
    expect(accuracies.every((share) => share[0] === 1)).toBe(true);
  });

  test('the same bytes for any number of threads, and on the calling thread', async () => {
    const options = { c: grid };
    const [alone, three, here] = [
      await svm(matrix, labels, { ...options, threads: 1 }),
      await svm(matrix, labels, { ...options, threads: 3 }),
      sync.svm(matrix, labels, options),
    ];
    for (const [at, machine] of alone.entries()) {
      for (const other of [three[at], here[at]] as SupportVectorMachine[]) {
        expectSameBytes(other.coefficients.data, machine.coefficients.data);
        expect(other.pairs).toEqual(machine.pairs);
      }
    }
    const folds = [{ train: [0, 1, 2, 3, 4, 5, 6], test: [7, 8] }];
    expect(sync.svmFolds(matrix, labels, folds)).toEqual(await svmFolds(matrix, labels, folds));
  });
});
