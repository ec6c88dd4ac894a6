// @ts-check
// How each crew's process is started, and what it takes to have it.
import { existsSync } from 'node:fs';
import { Crew, CrewError } from './crew.mjs';
import { at, peers } from './paths.mjs';

/** One thread for whatever brings threads of its own; a suite that measures threads says how many where it calls. */
const single = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
const install = 'node scripts/bench-peers.mjs installs it';

const node = (...words) => new Crew(process.execPath, ['--expose-gc', ...words]);
const python = (venv, script, env = {}) =>
  new Crew(peers(venv, 'bin', 'python'), ['-u', at('bench', 'peers', script)], { env: { ...single, ...env } });

/** The line protocol of the program in C++. */
function words(/** @type {any} */ { do: verb, key, op, args = {}, times }) {
  const pairs = Object.entries(args).map(([name, value]) =>
    name === 'x' ? `file=${value.file} n=${value.shape[0]} d=${value.shape[1]}` : `${name}=${value}`,
  );
  return [verb, key, ...(op === undefined ? [] : [op, ...pairs]), ...(times === undefined ? [] : [times])].join(' ');
}

/** @type {Record<import('./vocabulary.js').CrewName, { needs: [file: string, remedy: string], start: () => Crew }>} */
const crews = {
  resgram: {
    needs: [at('dist', 'index.js'), 'npm run setup makes it'],
    start: () => node(at('bench', 'crews', 'resgram.mjs')),
  },
  limits: {
    needs: [at('build', 'resgram_limits'), 'cmake --build build --target resgram_limits makes it'],
    start: () => new Crew(at('build', 'resgram_limits'), [], { env: single, encode: words }),
  },
  numpy: {
    needs: [peers('scipy', 'bin', 'python'), `no NumPy and SciPy of the pinned versions; ${install}`],
    start: () => python('scipy', 'numpy_crew.py'),
  },
  tangents: {
    needs: [peers('tangents', 'bin', 'python'), `no neural-tangents; ${install}`],
    start: () =>
      python('tangents', 'tangents_crew.py', {
        TF_CPP_MIN_LOG_LEVEL: '3',
        JAX_PLATFORMS: 'cpu',
        XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1',
      }),
  },
  npm: {
    needs: [peers('npm', 'node_modules', 'ml-matrix'), `no ml-matrix and numpy-ts; ${install}`],
    start: () => node(at('bench', 'crews', 'npm.mjs'), peers('npm')),
  },
  plain: {
    needs: [at('bench', 'crews', 'plain.mjs'), 'it is part of a clone'],
    start: () => node(at('bench', 'crews', 'plain.mjs')),
  },
  steps: {
    needs: [at('build', 'resgram_bench'), 'npm run bench:native makes it; it needs Google Benchmark'],
    start: () => node(at('bench', 'crews', 'steps.mjs'), at('build', 'resgram_bench')),
  },
};

/** The processes of a run: each starts when it is first needed, and is remembered as absent where it cannot. */
export class Crews {
  /** @type {Map<string, { crew: Crew } | { why: string }>} */
  #known = new Map();
  /** @type {Record<string, string>} */
  versions = {};

  /** @param {readonly import('./vocabulary.js').Absence[]} missing crews that are known to be absent, and why */
  constructor(missing = []) {
    for (const { what, why } of missing) this.#known.set(what, { why });
  }

  /** Throws CrewError with the reason where there is no such crew here. */
  async get(name) {
    if (!this.#known.has(name)) this.#known.set(name, await this.#start(name));
    const found = /** @type {{ crew: Crew } | { why: string }} */ (this.#known.get(name));
    if ('why' in found) throw new CrewError(found.why);
    return found.crew;
  }

  /** A process of its own, for what must not find anything warm. The caller closes it. */
  async fresh(name) {
    const started = await this.#start(name);
    if ('why' in started) throw new CrewError(started.why);
    return started.crew;
  }

  /** A crew that broke down is started anew for the next case. */
  async drop(name) {
    const known = this.#known.get(name);
    if (known && 'crew' in known) {
      this.#known.delete(name);
      await known.crew.close();
    }
  }

  /** @returns {{ what: string, why: string }[]} */
  get absent() {
    return [...this.#known].flatMap(([what, found]) => ('why' in found ? [{ what, why: found.why }] : []));
  }

  async close() {
    await Promise.all([...this.#known.values()].map((found) => ('crew' in found ? found.crew.close() : undefined)));
    this.#known.clear();
  }

  async #start(name) {
    const {
      needs: [file, remedy],
      start,
    } = crews[name];
    if (!existsSync(file)) return { why: remedy };
    const crew = start();
    try {
      const { versions } = await crew.hello();
      for (const [what, version] of Object.entries(versions)) this.versions[what] ??= version;
      return { crew };
    } catch (error) {
      if (!(error instanceof CrewError)) throw error;
      await crew.close();
      return { why: error.message };
    }
  }
}
