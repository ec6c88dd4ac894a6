// Which trials of the packages were made on this machine, and which could not be, and why.
import { done, note, SetupError } from '../lib/console.mjs';

/** Thrown by a trial that this machine cannot make. */
export class NotTried extends Error {}

export class Tally {
  #made = [];
  #left = [];

  async attempt(name, trial) {
    try {
      await trial();
      this.#made.push(name);
    } catch (error) {
      if (!(error instanceof NotTried)) throw error;
      this.#left.push(name);
      note(name, `NOT TRIED: ${error.message}`);
    }
  }

  /** As rows of test-results.mjs. */
  get result() {
    return { passed: this.#made.length, skipped: this.#left.map((name) => `trial: ${name}`) };
  }

  /** Says what was tried and what was not; stops where something of `required` was not. */
  close(required) {
    done('tried', this.#made.join(', '));
    if (this.#left.length > 0) note('NOT TRIED', this.#left.join(', '));
    const lacking = required.filter((name) => !this.#made.includes(name));
    if (lacking.length > 0) throw new SetupError(`--require asks for ${lacking.join(', ')}, not tried on this machine`);
  }
}
