/**
 * How verbs run. A verb is written once, as steps: a generator that yields native jobs and pauses. `background` drives
 * them off the main thread behind one first-in-first-out line, `immediate` on the calling thread.
 */

import { onAbort } from './abort.js';
import { KernelError } from './errors.js';
import { asKernelError, called, type NativeJob, native } from './native.js';
import { type Checked, type Constraint, callback, integer, show, unexpected } from './options.js';

/** How far a call has come; total is 0 only before the work is known. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** What every asynchronous verb takes. */
export interface JobOptions {
  /** Aborting rejects the promise at once with the signal's reason; the work stops at its next checkpoint. */
  readonly signal?: AbortSignal;
  /** Called at most ten times a second, and at the end of each phase. If it throws, the call fails. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Default: RESGRAM_THREADS, else the CPUs this process may use. More than these can use are not started. Kernel
   * matrices do not depend on it, to the last bit, nor do the fits of `ridgePaths`; spectra, solves and products of large
   * matrices come from a threaded LAPACK and agree to rounding between numbers of threads, to the last bit for one.
   */
  readonly threads?: number;
}

const signal: Constraint<AbortSignal> = {
  expected: 'an AbortSignal',
  // Reading `aborted` refuses a proxy of a signal, which has no signal's insides.
  accepts: (value): value is AbortSignal => value instanceof AbortSignal && typeof value.aborted === 'boolean',
};

const maxThreads = 1024;

export const jobConstraints = {
  signal,
  onProgress: callback<(progress: Progress) => void>(),
  threads: integer(1, maxThreads),
};

export type Settings = Checked<typeof jobConstraints>;

/** A native job to be made when its turn comes, so that nothing is allocated for those that wait. */
interface JobStep {
  readonly phase: string;
  readonly make: () => NativeJob<unknown>;
}
const pause = Symbol('pause');
type Step = JobStep | typeof pause;

export type Steps<R> = Generator<Step, R, unknown>;

/** Checked arguments: what to do, and how the caller wants it done. */
export interface Task<R> {
  readonly settings: Settings;
  readonly steps: Steps<R>;
}

/** Runs one native job and returns its result. */
export function* job<R>(phase: string, make: () => NativeJob<R>): Steps<R> {
  return (yield { phase, make }) as R;
}

/** Lets the event loop turn once; between the slices of a large copy. */
export function* breathe(): Steps<void> {
  yield pause;
}

/** The number of threads of a call. */
export function threadsOf(settings: Settings): number {
  if (settings.threads !== undefined) return settings.threads;
  const given = process.env.RESGRAM_THREADS;
  if (given === undefined || given === '') return called(() => native().availableCpus());
  const { accepts, expected } = jobConstraints.threads;
  const threads = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (!accepts(threads)) throw unexpected('RESGRAM_THREADS', expected, given);
  return threads;
}

/** Runs a task on the calling thread. Waits for a job that another environment may have in flight. */
export function immediate<R>(verb: Verb, prepare: () => Task<R>): R {
  try {
    const { steps } = prepare();
    let next = steps.next();
    while (!next.done) {
      let outcome: unknown;
      try {
        outcome = next.value === pause ? undefined : runHere(next.value);
      } catch (error) {
        next = steps.throw(error);
        continue;
      }
      next = steps.next(outcome);
    }
    return next.value;
  } catch (error) {
    // The caller is still on the stack: only a failure pays for the trace.
    throw underCaller(error, traceAbove(verb));
  }
}

function runHere({ make }: JobStep): unknown {
  return called(() => make().run());
}

/**
 * Runs a task off the main thread. Its first steps run before this returns: arguments are checked, and inputs of
 * ordinary size copied. The promise rejects with a KernelError, or with the reason of the signal.
 */
export function background<R>(verb: Verb, prepare: () => Task<R>): Promise<R> {
  const trace = traceAbove(verb);
  return new Promise<R>((resolve, reject) => {
    let task: Task<R>;
    try {
      task = prepare();
    } catch (error) {
      reject(underCaller(error, trace));
      return;
    }
    const { signal, onProgress } = task.settings;
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const call = new Call();
    const end = (): void => {
      clearInterval(timer);
      forget?.();
    };
    const stop = (reason: unknown): void => {
      call.cancel();
      end();
      reject(reason);
    };
    const abort = (): void => stop(signal?.reason);
    const report = reporter(call, onProgress, (error) => stop(underCaller(error, trace)));
    const timer = onProgress === undefined ? undefined : setInterval(report, 100).unref();
    const forget = signal === undefined ? undefined : onAbort(signal, abort);
    drive(task.steps, call, report).then(
      (value) => {
        end();
        resolve(value);
      },
      (error: unknown) => {
        end();
        reject(underCaller(error, trace));
      },
    );
  });
}

/** Hands steps to a call until they are done. An async function, so everything up to the first wait runs at once. */
async function drive<R>(steps: Steps<R>, call: Call, report: () => void): Promise<R> {
  let next = steps.next();
  while (!next.done) {
    let outcome: unknown;
    try {
      outcome = await call.take(next.value, report);
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(outcome);
  }
  return next.value;
}

/** Thrown into the steps of a call that nobody waits for any more, so that they release what they hold. */
class Abandoned extends Error {}

class Call {
  progress: Progress = { phase: '', done: 0, total: 0 };
  #job: NativeJob<unknown> | undefined;
  cancelled = false;
  #leaveLine: (() => void) | undefined;

  cancel(): void {
    this.cancelled = true;
    this.#job?.cancel();
    this.#leaveLine?.();
  }

  async take(step: Step, report: () => void): Promise<unknown> {
    if (step === pause) await loopTurn();
    else return this.#run(step, report);
    this.#goOn();
    return undefined;
  }

  /** Reads how far the running job is. */
  look(): Progress {
    if (this.#job !== undefined) {
      const [done, total] = this.#job.progress();
      this.progress = { phase: this.progress.phase, done: Math.min(done, total), total };
    }
    return this.progress;
  }

  async #run({ phase, make }: JobStep, report: () => void): Promise<unknown> {
    this.#goOn();
    await new Promise<void>((resolve, reject) => {
      this.#leaveLine = line.enter(resolve, () => reject(new Abandoned()));
    });
    try {
      this.#leaveLine = undefined;
      this.#goOn();
      const running = make();
      this.#job = running;
      this.progress = { phase, done: 0, total: 0 };
      cancelAtExit(running);
      const result = await running.start();
      this.#goOn();
      this.look();
      this.progress = { phase, done: this.progress.total || 1, total: this.progress.total || 1 };
      return result;
    } catch (error) {
      throw error instanceof Abandoned ? error : asKernelError(error);
    } finally {
      this.#job = undefined;
      inFlight = undefined;
      line.leave();
      report();
    }
  }

  #goOn(): void {
    if (this.cancelled) throw new Abandoned();
  }
}

/** The line in front of the addon: one job in flight per environment, because libuv's few threads serve others, too. */
const line = {
  busy: false,
  waiting: [] as (() => void)[],

  /** Calls `go` when it is this one's turn. The returned function gives the place up and calls `gone`. */
  enter(go: () => void, gone: () => void): () => void {
    if (!line.busy) {
      line.busy = true;
      go();
      return () => {};
    }
    line.waiting.push(go);
    return () => {
      const place = line.waiting.indexOf(go);
      if (place < 0) return;
      line.waiting.splice(place, 1);
      gone();
    };
  },

  leave(): void {
    const next = line.waiting.shift();
    if (next === undefined) line.busy = false;
    else next();
  },
};

/** One slice of one call's copying per turn of the event loop, however many calls are copying. */
const copying: (() => void)[] = [];

function loopTurn(): Promise<void> {
  return new Promise((resolve) => {
    copying.push(resolve);
    if (copying.length === 1) setImmediate(nextSlice);
  });
}

function nextSlice(): void {
  copying.shift()?.();
  if (copying.length > 0) setImmediate(nextSlice);
}

/** process.exit waits for libuv's threads, so the job in flight is told to stop. */
let inFlight: NativeJob<unknown> | undefined;
let listening = false;

function cancelAtExit(running: NativeJob<unknown>): void {
  inFlight = running;
  if (listening) return;
  listening = true;
  process.on('exit', () => inFlight?.cancel());
}

/** Reports progress when there is news. */
function reporter(call: Call, onProgress: JobOptions['onProgress'], fail: (error: KernelError) => void): () => void {
  if (onProgress === undefined) return () => {};
  let last: Progress | undefined;
  let failed = false;
  const refuse = (error: unknown): void => {
    failed = true;
    fail(new KernelError('ERR_ARGUMENT', `onProgress: threw ${show(error)}`, {}, { cause: error }));
  };
  return () => {
    const now = call.look();
    if (failed || call.cancelled || now.total === 0 || (last?.phase === now.phase && last.done === now.done)) return;
    last = now;
    try {
      // An async function in this place rejects later; that must not go unhandled.
      Promise.resolve(onProgress(now) as unknown).catch(refuse);
    } catch (error) {
      refuse(error);
    }
  };
}

// biome-ignore lint/complexity/noBannedTypes: only its identity matters, as the frame to leave out
type Verb = Function;

/** Whoever called the verb. The engine notes the frames at once, but spells them out when `stack` is first read. */
interface Trace {
  readonly stack?: string;
}

function traceAbove(verb: Verb): Trace {
  const trace: Trace = {};
  Error.captureStackTrace(trace, verb);
  return trace;
}

/** Errors show where the verb was called, not where in us they arose. */
function underCaller(error: unknown, { stack = '' }: Trace): unknown {
  if (error instanceof Abandoned) return error;
  const ours = error instanceof KernelError ? error : asKernelError(error);
  const frames = stack.slice(stack.indexOf('\n'));
  Object.defineProperty(ours, 'stack', {
    value: `${ours.name}: ${ours.message}${frames}`,
    configurable: true,
    writable: true,
  });
  return ours;
}
