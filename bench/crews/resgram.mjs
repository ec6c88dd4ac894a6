// @ts-check
// The package itself, as a user calls it: `sync` for what is timed, with everything that a call does (checks, copies,
// allocation of the result).
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import * as resgram from '../../dist/index.js';
import { networks } from './networks.mjs';
import { numbers, serve } from './node.mjs';

const { compile, info } = resgram;
/** @type {Record<string, any>} what this version has */
const sync = resgram.sync;

/** Some entries of a square matrix; the runner's other contestants give the same. */
export const corner = (values, size) => [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].map((j) => values[i * size + j]));

const samplesOf = ({ file, shape }) => ({ data: numbers(file, shape), shape });
const kernelOf = ({ network, depth, options }) => compile(networks[network](depth, options));

function gram(args) {
  const kernel = kernelOf(args);
  const x = samplesOf(args.x);
  const { kernel: which = 'ntk', precision = 'float64', threads = 1 } = args;
  let path;
  return {
    run() {
      const result = sync.gram(kernel, x, which, { precision, threads });
      path = result.path;
      return result;
    },
    probe: (result) => corner(result.values, result.size),
    get note() {
      return path;
    },
  };
}

/** The NTK of one network of finite width, whose weights come from a file, at variance 1. */
function empirical(args) {
  const x = samplesOf(args.x);
  const { width, depth, threads = 1, maxBytes = 2 ** 30 } = args;
  const drawn = sync.sample(networks.mlp(depth), { width, shape: x.shape[1] });
  const network = drawn.withWeights(numbers(args.w.file, args.w.shape).map((value) => Math.sqrt(12) * value));
  drawn.dispose();
  return {
    run: () => sync.empirical(network, x, 'ntk', { threads, maxBytes }),
    probe: (result) => corner(result.values, result.size),
  };
}

/** The tensors of the tangent hierarchy of one network. */
function hierarchy(args) {
  const x = samplesOf(args.x);
  const { width, depth, order, threads = 1 } = args;
  const network = sync.sample(resgram.mlp({ depth, activation: 'tanh' }), { width, shape: x.shape[1] });
  return {
    run: () => sync.hierarchy(network, x, { order, threads }),
    probe: ({ third }) => corner(third.data, x.shape[0]),
  };
}

/** A draw of a deep network over large images with one unit per layer: little but its layout, which every call makes anew. */
function layout({ depth, side }) {
  const network = networks['one filter'](depth);
  return { run: () => sync.sample(network, { width: 1, shape: [side, side, 3] }).dispose() };
}

/** A Gram matrix that is data, from a file. */
function given({ file, size }) {
  return { kernel: /** @type {const} */ ('ntk'), size, values: numbers(file), logScale: 0 };
}

function spectrum(args) {
  const matrix = given(args.matrix);
  const { threads = 1, top, vectors = false } = args;
  const options = { threads, vectors, ...(top === undefined ? {} : { top }) };
  return { run: () => sync.spectrum(matrix, options), probe: ({ values }) => [...values.subarray(0, 8)] };
}

function condition(args) {
  const matrix = given(args.matrix);
  const { threads = 1 } = args;
  return { run: () => sync.conditionNumber(matrix, { threads }), probe: ({ value }) => [value] };
}

function solve(args) {
  const matrix = given(args.matrix);
  const { ridge, columns, threads = 1 } = args;
  const y = {
    data: Float64Array.from({ length: matrix.size * columns }, (_, i) => Math.cos(i)),
    shape: [matrix.size, columns],
  };
  let note;
  return {
    run() {
      const solution = sync.solve(matrix, y, { ridge, threads });
      note = `${solution.method}, backward error ${solution.backwardError.toExponential(0)}`;
      return solution;
    },
    probe: ({ x }) => Array.from({ length: 8 }, (_, i) => x.data[i * columns]),
    get note() {
      return note;
    },
  };
}

const cosines = (count, step = 1) => Float64Array.from({ length: count }, (_, i) => Math.cos(step * i));

/** Leave-one-out for fifty ridges, out of one eigendecomposition. */
function ridges(args) {
  const matrix = given(args.matrix);
  const path = Array.from({ length: args.count }, (_, i) => 10 ** (-6 + (8 * i) / args.count));
  const y = cosines(matrix.size);
  const { threads = 1 } = args;
  return {
    run: () => sync.ridgePath(matrix, y, path, { threads }),
    probe: ({ predictions }) => Array.from(predictions.data.subarray(0, 8)),
  };
}

/** One row through a model that is there, off the main thread as a service would ask. */
async function predict(args) {
  const x = samplesOf(args.x);
  const [rows, dimension] = x.shape;
  const { threads = 1, std = false } = args;
  const model = await resgram.regress(kernelOf(args), x, cosines(rows), { ridge: 0.1 });
  const z = { data: cosines(dimension, 3), shape: [1, dimension] };
  return { run: () => model.predict(z, { std, threads }), probe: ({ mean }) => [mean.data[0]] };
}

/** One more sample for a fit: as an update, or as a new fit to all. */
async function grow(args) {
  const x = samplesOf(args.x);
  const [rows, dimension] = x.shape;
  const { threads = 1, anew = false } = args;
  const kernel = kernelOf(args);
  const y = cosines(rows);
  const model = await resgram.regress(kernel, x, y, { ridge: 0.1 });
  const z = { data: cosines(dimension, 3), shape: [1, dimension] };
  const all = {
    data: Float64Array.from({ length: (rows + 1) * dimension }, (_, i) =>
      i < x.data.length ? x.data[i] : z.data[i - x.data.length],
    ),
    shape: [rows + 1, dimension],
  };
  const allY = Float64Array.of(...y, 1);
  let last = model;
  return {
    async run() {
      if (last !== model) last.dispose();
      last = await (anew
        ? resgram.regress(kernel, all, allY, { ridge: 0.1, threads })
        : model.append(z, [1], { threads }));
      return last;
    },
    probe: ({ coefficients }) => Array.from(coefficients.data.slice(-8)),
  };
}

/** Writes a Gram matrix, so that contestants of every language decompose the same one. */
function write(args) {
  const { run } = gram(args);
  writeFileSync(args.to, run().values);
  return { run: () => undefined };
}

/** How late timers come while a verb runs off the main thread; without a verb, while the loop is idle. */
async function late(args) {
  const kernel = kernelOf(args);
  const x = samplesOf(args.x);
  const [rows, dimension] = x.shape;
  const nested = () => Array.from({ length: rows }, (_, i) => [...x.data.subarray(i * dimension, (i + 1) * dimension)]);
  const rowsOfX = args.verb === 'gram, nested arrays' ? nested() : [];
  const matrix = await resgram.gram(kernel, x, 'ntk');
  const verbs = {
    idle: () => sleep(1000 * args.seconds),
    'gram, typed array': () => resgram.gram(kernel, x, 'ntk'),
    'gram, nested arrays': () => resgram.gram(kernel, rowsOfX, 'ntk'),
    'gram, both kernels': () => resgram.gram(kernel, x, ['nngp', 'ntk']),
    'spectrum, top 10': () => resgram.spectrum(matrix, { top: 10 }),
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  return {
    async run() {
      delay.reset();
      delay.enable();
      await verbs[args.verb]();
      delay.disable();
    },
    extra: () => ({ late: delay.percentile(99) / 1e9 }),
  };
}

const { version, blas, simd } = info();
serve(
  { resgram: version, blas, simd, node: process.versions.node },
  { gram, empirical, hierarchy, layout, spectrum, condition, solve, ridges, predict, grow, write, late },
);
