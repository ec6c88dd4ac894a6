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
process.stdout.write(JSON.stringify({ simd: native.about().simd, kernels }));
