// @ts-check
// Several workers and one list of units. Results arrive here and nowhere else, so that one process writes the file.
import { fork } from 'node:child_process';
import path from 'node:path';

/**
 * @param {readonly import('./units.mjs').Unit[]} units
 * @param {{ file: string, jobs: number, signal: AbortSignal, done(result: any): void }} options
 */
export async function workOff(units, { file, jobs, signal, done }) {
  const left = [...units];
  const worker = (resolve, reject) => {
    const child = fork(path.join(import.meta.dirname, 'worker.mjs'), [file], {
      env: { ...process.env, RESGRAM_THREADS: '1' },
    });
    const stop = () => child.kill();
    signal.addEventListener('abort', stop, { once: true });
    const next = () => {
      const unit = signal.aborted ? undefined : left.shift();
      if (unit === undefined) child.disconnect();
      else child.send(unit);
    };
    child.on('message', (/** @type {any} */ result) => {
      if (result.failure !== undefined) {
        reject(new Error(`${result.unit.set}, ${result.unit.protocol}, ${result.unit.classifier}: ${result.failure}`));
        child.disconnect();
        return;
      }
      if (result.unit !== undefined) done(result);
      next();
    });
    child.on('error', reject);
    child.on('exit', (code, killed) => {
      signal.removeEventListener('abort', stop);
      if (code === 0 || signal.aborted) resolve(undefined);
      else reject(new Error(`a worker ended with ${killed ?? code}`));
    });
  };
  const count = Math.min(jobs, units.length);
  const ended = await Promise.allSettled(Array.from({ length: count }, () => new Promise(worker)));
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw /** @type {PromiseRejectedResult} */ (failed).reason;
}
