// @ts-check
// A process in which contestants run, and the line-by-line conversation with it. It starts once, so that starting and
// compiling are no part of any time: { do: 'prepare' } reads, compiles and runs once; { do: 'run' } is what is timed, by
// the process itself; { do: 'forget' } frees.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The process ended or said no; the message is the reason. */
export class CrewError extends Error {
  /** Is the process gone, with all that was prepared in it? */
  ended;

  constructor(message, ended = false) {
    super(message);
    this.ended = ended;
  }
}

const lastLines = 6;

export class Crew {
  #child;
  #waiting = [];
  #errors = [];
  #encode;
  #ended;

  /**
   * @param {string} command
   * @param {readonly string[]} words
   * @param {{ env?: NodeJS.ProcessEnv, encode?: (message: Record<string, unknown>) => string }} [options]
   */
  constructor(command, words, { env, encode = JSON.stringify } = {}) {
    this.#encode = encode;
    this.#child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.#child.on('error', (error) => this.#end(error.message));
    // Not 'exit': the last words may come after it.
    this.#child.on('close', (code, signal) => this.#end(`ended with ${signal ?? code}`));
    // A write to a process that has just ended fails here as well as there.
    this.#child.stdin.on('error', () => {});
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      this.#errors.push(line);
      if (this.#errors.length > lastLines) this.#errors.shift();
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#answer(line));
  }

  /** The first line of the process: what it is made of. */
  hello() {
    return this.#next();
  }

  /** @param {Record<string, unknown>} message */
  ask(message) {
    if (this.#ended !== undefined) return Promise.reject(new CrewError(this.#ended, true));
    this.#child.stdin.write(`${this.#encode(message)}\n`);
    return this.#next();
  }

  /** Ends the process and waits until it is gone, so that the next one has the machine for itself. */
  async close() {
    if (this.#ended !== undefined) return;
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(timer);
  }

  /** @returns {Promise<any>} */
  #next() {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) reject(new CrewError(this.#ended, true));
      else this.#waiting.push({ resolve, reject });
    });
  }

  #answer(line) {
    // Libraries print what they like; only lines that are objects are ours.
    if (!line.startsWith('{')) return;
    let said;
    try {
      said = JSON.parse(line);
    } catch {
      return this.#waiting.shift()?.reject(new CrewError(`not JSON: ${line.slice(0, 200)}`));
    }
    const { resolve, reject } = this.#waiting.shift() ?? {};
    if (said.error === undefined) resolve?.(said);
    else reject?.(new CrewError(String(said.error)));
  }

  #end(why) {
    if (this.#ended !== undefined) return;
    const said = this.#errors.length > 0 ? `: ${this.#errors.join(' | ')}` : '';
    this.#ended = `the process ${why}${said}`;
    for (const { reject } of this.#waiting.splice(0)) reject(new CrewError(this.#ended, true));
  }
}
