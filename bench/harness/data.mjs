// @ts-check
// The inputs: files of doubles that contestants of every language read, made once and removed at the end. A suite names
// them as { $points: [rows, dimension] } and { $gram: { rows, dimension, depth } }.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Rows of numbers in (−1/2, 1/2) by the minimal standard generator: the same in every run. */
export function uniform(count) {
  const data = new Float64Array(count);
  let state = 1;
  for (let i = 0; i < count; i++) {
    state = (state * 48271) % 2147483647;
    data[i] = state / 2147483647 - 0.5;
  }
  return data;
}

export class Data {
  #folder = mkdtempSync(path.join(tmpdir(), 'resgram-bench-'));
  #made = new Set();
  #crews;

  /** @param {import('./crews.mjs').Crews} crews whose resgram computes the matrices */
  constructor(crews) {
    this.#crews = crews;
  }

  /** The arguments with files in the place of what names them. */
  async resolve(args) {
    const resolved = {};
    for (const [name, value] of Object.entries(args)) {
      if (value?.$points !== undefined) resolved[name] = this.#points(value.$points);
      else if (value?.$gram !== undefined) resolved[name] = await this.#gram(value.$gram);
      else resolved[name] = value;
    }
    return resolved;
  }

  close() {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #points(shape) {
    const file = this.#file(`points-${shape.join('x')}`);
    if (!this.#made.has(file)) {
      writeFileSync(file, uniform(shape.reduce((product, each) => product * each, 1)));
      this.#made.add(file);
    }
    return { file, shape };
  }

  async #gram({ rows, dimension, depth }) {
    const file = this.#file(`gram-${rows}-${dimension}-${depth}`);
    if (!this.#made.has(file)) {
      const args = { network: 'mlp', depth, x: this.#points([rows, dimension]), to: file };
      const crew = await this.#crews.get('resgram');
      await crew.ask({ do: 'prepare', key: 'write', op: 'write', args, warm: false });
      await crew.ask({ do: 'forget', key: 'write' });
      this.#made.add(file);
    }
    return { file, size: rows };
  }

  #file(name) {
    return path.join(this.#folder, `${name}.f64`);
  }
}
