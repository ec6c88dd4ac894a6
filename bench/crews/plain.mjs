// @ts-check
// The layer loop as one writes it in JavaScript, and new Node processes; needs no package.
import { spawnSync } from 'node:child_process';
import { numbers, serve } from './node.mjs';

/** Layer by layer for every pair, one half of them, arccos of the correlation: the formulas and nothing more. */
function plainGram({ x, depth }) {
  const [rows, dimension] = x.shape;
  const data = numbers(x.file, x.shape);
  const dot = (i, j) => {
    let sum = 0;
    for (let k = 0; k < dimension; k++) sum += data[i * dimension + k] * data[j * dimension + k];
    return sum / dimension;
  };
  function run() {
    const kernel = new Float64Array(rows * rows);
    const variances = Float64Array.from({ length: rows }, (_, i) => dot(i, i));
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j <= i; j++) {
        const norms = Math.sqrt(variances[i] * variances[j]);
        let covariance = i === j ? norms : dot(i, j);
        let tangent = covariance;
        for (let layer = 0; layer < depth; layer++) {
          const rho = Math.max(-1, Math.min(covariance / norms, 1));
          const angle = Math.acos(rho);
          covariance = (norms * (Math.sqrt(1 - rho * rho) + (Math.PI - angle) * rho)) / Math.PI;
          tangent = tangent * (1 - angle / Math.PI) + covariance;
        }
        kernel[i * rows + j] = tangent;
        kernel[j * rows + i] = tangent;
      }
    }
    return kernel;
  }
  const probe = (kernel) => [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].map((j) => kernel[i * rows + j]));
  return { run, probe };
}

/** Node with a program: what importing costs is the difference to an empty one. Its CPU time is what it says at its end. */
function launch({ source }) {
  const farewell = "process.once('exit', () => console.log(JSON.stringify(process.cpuUsage())));";
  const words = ['--input-type=module', '-e', `${farewell}\n${source}`];
  let cpu;
  return {
    run() {
      const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1));
      const { user, system } = JSON.parse(stdout);
      cpu = (user + system) / 1e6;
    },
    extra: () => ({ cpu, peak: undefined }),
  };
}

serve({ node: process.versions.node }, { gram: plainGram, launch });
