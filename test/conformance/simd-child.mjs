// One process with one instruction set: reads { binary, cases: [{ steps, rows, columns, data }] } from its input and
// prints the kernels of each case with the set that was used. The set is chosen when the library is loaded.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { binary, cases } = JSON.parse(readFileSync(0, 'utf8'));
const native = createRequire(import.meta.url)(binary);

const kernels = cases.map(({ steps, rows, columns, data }) => {
  const program = new native.Program(steps);
  const x = new native.Matrix(rows, columns);
  x.write(Float64Array.from(data), 0, 0, data.length);
  const nngp = new Float64Array(rows * rows);
  const ntk = new Float64Array(rows * rows);
  native.gram(program, x, [[nngp, ntk]], 'float64', 1).run();
  return { nngp: [...nngp], ntk: [...ntk] };
});
// Whole numbers, so that every set trains on the same matrix.
const size = 64;
const matrix = new native.Matrix(size, size);
const whole = Float64Array.from({ length: size * size }, (_, at) => {
  const [i, j] = [Math.floor(at / size), at % size];
  return ((i * 7) % 11) * ((j * 7) % 11) + ((i * 5) % 13) * ((j * 5) % 13) + (i === j ? 3 : 0);
});
matrix.write(whole, 0, 0, whole.length);
const classes = Float64Array.from({ length: size }, (_, i) => (i * i) % 3);
const coefficients = new Float64Array(size);
const facts = new Float64Array(4);
const settings = [Float64Array.of(0.5), 1e-6, 1e6, true, true];
native.svmTrain(matrix, Float64Array.from(classes), settings, coefficients, facts, 1).run();
const machine = [...coefficients, ...facts];
process.stdout.write(JSON.stringify({ simd: native.about().simd, kernels, machine }));
