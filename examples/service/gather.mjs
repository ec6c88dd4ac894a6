// @ts-check
import { setImmediate } from 'node:timers/promises';

/** More rows wait than are allowed to; nothing was computed. */
export class QueueFull extends Error {}

/**
 * One prediction at a time. Rows that arrive while it is under way wait, and go together in the next one: the busier the
 * service, the more rows share one pass over the model, and a lone request never waits for company.
 *
 * @template Row, Answer
 */
export class Gatherer {
  /** @typedef {{ rows: Row[], resolve: (answers: Answer[]) => void, reject: (reason: unknown) => void }} Request */

  /** Rows that wait, and predictions made so far. */
  waiting = 0;
  batches = 0;
  /** @type {Set<Request>} In the order in which they came. */
  #queue = new Set();
  /** @type {Set<Request>} Those of the prediction under way that still want it. */
  #flying = new Set();
  /** @type {Set<Request>} Of a prediction that failed, those that have yet to be tried by themselves. */
  #retried = new Set();
  #stop = new AbortController();
  #running = false;

  /**
   * @param {(rows: Row[], signal: AbortSignal) => Promise<Answer[]>} predict one answer for each row
   * @param {{ maxBatch: number, maxWaiting: number }} limits in rows; a batch is at least one request
   */
  constructor(predict, limits) {
    this.predict = predict;
    this.limits = limits;
  }

  /**
   * The answers for some rows. Aborting takes them out of the queue, and ends a prediction that nobody else waits for.
   * @param {Row[]} rows
   * @param {AbortSignal} signal
   * @returns {Promise<Answer[]>}
   */
  async ask(rows, signal) {
    signal.throwIfAborted();
    // However long a request is, it finds room in an empty queue.
    if (this.waiting > 0 && this.waiting + rows.length > this.limits.maxWaiting) {
      throw new QueueFull(`${this.waiting} rows are waiting already`);
    }
    /** @type {() => void} */
    let leave = () => {};
    try {
      return await new Promise((resolve, reject) => {
        const request = { rows, resolve, reject };
        leave = () => this.#leave(request, signal.reason);
        signal.addEventListener('abort', leave, { once: true });
        this.#queue.add(request);
        this.waiting += rows.length;
        if (!this.#running) this.#run();
      });
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** @param {Request} request @param {unknown} reason */
  #leave(request, reason) {
    request.reject(reason);
    if (this.#queue.delete(request)) this.waiting -= request.rows.length;
    else if (this.#retried.delete(request)) return;
    else if (this.#flying.delete(request) && this.#flying.size === 0) this.#stop.abort(reason);
  }

  async #run() {
    this.#running = true;
    while (this.#queue.size > 0) {
      // Whatever this turn of the event loop has read from sockets goes along.
      await setImmediate();
      await this.#fly(this.#take());
    }
    this.#running = false;
  }

  #take() {
    /** @type {Request[]} */
    const batch = [];
    let rows = 0;
    for (const request of this.#queue) {
      if (batch.length > 0 && rows + request.rows.length > this.limits.maxBatch) break;
      rows += request.rows.length;
      batch.push(request);
      this.#queue.delete(request);
    }
    this.waiting -= rows;
    return batch;
  }

  /** @param {Request[]} batch */
  async #fly(batch) {
    if (batch.length === 0) return;
    this.#flying = new Set(batch);
    this.#stop = new AbortController();
    this.batches += 1;
    try {
      const answers = await this.predict(
        batch.flatMap(({ rows }) => rows),
        this.#stop.signal,
      );
      let from = 0;
      for (const { rows, resolve } of batch) {
        resolve(answers.slice(from, from + rows.length));
        from += rows.length;
      }
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      // One row that cannot be predicted must not fail its neighbours.
      // Who leaves meanwhile is no longer among those that fly.
      else {
        const left = this.#flying;
        for (const request of left) {
          left.delete(request);
          this.#retried = left;
          await this.#fly([request]);
        }
        this.#retried = new Set();
      }
    }
  }
}
