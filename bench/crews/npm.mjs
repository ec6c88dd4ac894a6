// @ts-check
// What npm offers instead: ml-matrix (plain JavaScript) and numpy-ts (WebAssembly).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { numbers, serve } from './node.mjs';

const [folder] = process.argv.slice(2);
const require = createRequire(path.join(folder, 'package.json'));
const manifest = (name) => path.join(folder, 'node_modules', name, 'package.json');
const version = (name) => JSON.parse(readFileSync(manifest(name), 'utf8')).version;
/** @type {any} it is there only where it was installed to be compared with */
const matrices = require('ml-matrix');
const { CholeskyDecomposition, EigenvalueDecomposition, Matrix } = matrices;

function matrixOf({ file, size }) {
  const values = numbers(file);
  return Matrix.from1DArray(size, size, values);
}

function eigen({ matrix }) {
  const a = matrixOf(matrix);
  return {
    run: () => new EigenvalueDecomposition(a, { assumeSymmetric: true }),
    probe: ({ realEigenvalues }) => realEigenvalues.toSorted((p, q) => q - p).slice(0, 8),
  };
}

function rightHandSide(size, columns) {
  return Float64Array.from({ length: size * columns }, (_, i) => Math.cos(i));
}

function solve({ matrix, ridge, columns }) {
  const a = matrixOf(matrix);
  for (let i = 0; i < matrix.size; i++) a.set(i, i, a.get(i, i) + ridge);
  const b = Matrix.from1DArray(matrix.size, columns, rightHandSide(matrix.size, columns));
  return {
    run: () => new CholeskyDecomposition(a).solve(b),
    probe: (x) => Array.from({ length: 8 }, (_, i) => x.get(i, 0)),
  };
}

/** The product of X with its transpose. */
function product({ x }) {
  const [rows, dimension] = x.shape;
  const a = Matrix.from1DArray(rows, dimension, numbers(x.file, x.shape));
  const b = a.transpose();
  return { run: () => a.mmul(b), probe: (k) => [0, 1, 2, 3].map((j) => k.get(0, j)) };
}

async function productInWasm({ x }) {
  const numpy = await import(pathToFileURL(require.resolve('numpy-ts')).href);
  const a = numpy.array(numbers(x.file, x.shape)).reshape(...x.shape);
  const b = numpy.transpose(a);
  return { run: () => numpy.matmul(a, b), probe: (k) => [0, 1, 2, 3].map((j) => Number(k.get([0, j]))) };
}

const names = ['ml-matrix', 'numpy-ts'];
serve(Object.fromEntries(names.map((name) => [name, version(name)])), {
  eigen,
  solve,
  product,
  'product in WebAssembly': productInWasm,
});
