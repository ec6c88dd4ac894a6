// Calls of the addon itself, without the facade's checks. It may throw whatever it likes, but it must stand.
import { anything, array } from './hostile.mjs';

/** Makes one call per generator: arguments of the right kind mostly, and of any kind otherwise. */
export function rawCalls(addon, steps) {
  const full = (rows, columns) => {
    const matrix = new addon.Matrix(rows, columns);
    const values = Float64Array.from({ length: rows * columns }, (_, k) => (k % (columns + 1) === 0 ? 2 : 0.25));
    matrix.write(values, 0, 0, values.length);
    return matrix;
  };
  const program = new addon.Program(steps);
  const disposed = full(2, 2);
  disposed.dispose();
  const handles = [program, full(2, 2), full(2, 3), full(3, 3), disposed, new addon.Matrix(), new addon.Matrix(0, 5)];

  const wrong = (random) =>
    random.pick([
      ...handles,
      new Float64Array(random.integer(0, 9)),
      array(random, 4),
      [[new Float64Array(4), null]],
      [[null, new Float32Array(9)]],
      [[]],
      random.pick([-1, 0, 1, 2 ** 40, 2 ** 53, 1.5, Number.NaN]),
      anything(random),
    ]);
  const doubles = (length) => new Float64Array(length).fill(0.5);
  const square = (r) => full(r.pick([1, 3]), r.pick([1, 3]));
  const classes = (r) => r.pick([Float64Array.of(0, 1, 2), Float64Array.of(0, 1, 1), Float64Array.of(1, 1, 1)]);
  const machine = (r) => [doubles(2), r.pick([0.01, 1e-9, 0]), r.pick([1, 200]), r.chance(0.5), r.chance(0.5)];
  const network = [program, null, 2, 5, 2];
  const { parameters } = addon.finiteLayout(network);
  const weights = () => full(1, parameters);
  const signatures = {
    gram: () => [program, full(3, 2), [[doubles(9), null]], 'float64', 2],
    cross: () => [program, full(3, 2), full(4, 2), [[null, new Float32Array(8)]], 'float32', 1, 1, 2],
    diagonal: () => [program, full(3, 2), [[doubles(3), doubles(3)]], 0, 3],
    profile: () => [program, doubles(3), 2, [[doubles(3), null]]],
    workspaceBytes: () => [program, 3, 4, 2, 8, 2],
    eigen: (r) => [square(r), r.integer(1, 3), doubles(3), r.pick([null, doubles(9)]), 1],
    factor: (r) => [square(r), 0.1, 1],
    solve: (r) => [full(3, 3), square(r), 0.1, full(3, 2), doubles(6), 1],
    ridgePath: () => [doubles(3), full(3, 3), full(3, 1), doubles(2), doubles(6), null, doubles(2), 1],
    ridgePaths: () => [[[full(3, 3), full(3, 1), doubles(2), doubles(3), doubles(6), doubles(6), doubles(2), null]], 1],
    logDeterminant: (r) => [square(r)],
    inverseDiagonal: (r) => [square(r), doubles(3), 1],
    posteriorCovariance: (r) => [square(r), full(2, 3), full(2, 2), 1],
    border: (r) => [square(r), full(3, 3), full(2, 3), full(2, 2), 0.1, full(5, 5), full(5, 5), 1],
    heldOutPath: (r) => [
      doubles(3),
      full(3, 3),
      full(3, 1),
      doubles(2),
      r.pick([new Float64Array(3), doubles(3)]),
      doubles(6),
      doubles(2),
      1,
    ],
    svmTrain: (r) => [
      r.chance(0.1) ? new addon.Matrix(0, 0) : square(r),
      r.chance(0.1) ? doubles(0) : classes(r),
      machine(r),
      doubles(6),
      doubles(24),
      2,
    ],
    svmFolds: (r) => [
      square(r),
      classes(r),
      [Float64Array.of(0, 1), r.pick([classes(r), Float64Array.of(1, 2)])],
      [Float64Array.of(2), r.pick([classes(r), new Float64Array(0)])],
      machine(r),
      [doubles(2), r.pick([doubles(6), doubles(0)])],
      2,
    ],
    svmDecide: (r) => [
      full(2, 3),
      classes(r),
      doubles(r.pick([3, 6])),
      doubles(r.pick([1, 3])),
      doubles(6),
      doubles(2),
      2,
    ],
    multiply: () => [full(2, 3), full(3, 2), doubles(4), 1],
    multiplyTransposed: () => [full(2, 3), full(4, 3), doubles(8), 1],
    filterModes: (r) => [full(3, 3), r.chance(0.5), full(3, 2), doubles(6), r.pick([null, full(3, 2)]), doubles(12), 1],
    ensembleCovariance: (r) => {
      const wide = r.chance(0.5);
      return [
        full(2, 3),
        full(3, 3),
        full(3, 3),
        full(2, 3),
        1,
        1,
        doubles(6),
        full(2, wide ? 2 : 1),
        wide,
        doubles(wide ? 8 : 4),
        1,
      ];
    },
    reducedCovariance: () => [full(2, 3), doubles(6), full(2, 1), false, doubles(4), 1],
    posterior: () => [full(3, 3), full(2, 3), doubles(2), doubles(2), 1],
    finiteLayout: () => [network],
    finiteSample: (r) => [network, r.integer(0, 9), weights(), 2],
    finiteForward: () => [network, weights(), full(3, 2), doubles(6), 1e6, 2],
    finitePush: () => [network, weights(), full(3, 2), weights(), doubles(6), 1e6, 2],
    finitePull: () => [network, weights(), full(3, 2), full(3, 2), doubles(parameters), 1e6, 2],
    finiteKernels: (r) => {
      const each = r.chance(0.5);
      return [network, weights(), full(3, 2), null, doubles(9), doubles(each ? 18 : 9), each, r.pick([1, 1e6]), 2];
    },
    finiteKernelProduct: () => [network, weights(), full(3, 2), full(4, 6), doubles(24), 1e6, 2],
    finiteKernelBytes: () => [network, true, 3, 2],
    write: () => [doubles(6), 0, 0, 6],
    gather: () => [doubles(9), 3, doubles(2), doubles(2), 0, 2],
    copyTo: () => [doubles(4)],
    keep: () => [],
    dispose: () => [],
    Matrix: () => [2, 3],
    Program: () => [steps],
  };

  return (random) => {
    const name = random.pick(Object.keys(signatures));
    const given = signatures[name](random).map((argument) => (random.bad() ? wrong(random) : argument));
    if (random.bad()) given.length = random.integer(0, given.length);
    try {
      if (name === 'Matrix' || name === 'Program') new addon[name](...given);
      else if (name in addon) addon[name](...given)?.run?.();
      else addon.Matrix.prototype[name].apply(random.bad() ? wrong(random) : full(2, 2), given);
      return 'ok';
    } catch {
      return 'threw';
    }
  };
}
