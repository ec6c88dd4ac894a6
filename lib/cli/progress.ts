/** What the verbs of the library report while they work. */
export interface ProgressUpdate {
  readonly phase: string;
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
}

export interface ProgressDisplay {
  readonly update: (progress: ProgressUpdate) => void;
  /** Leaves the terminal as if nothing had been drawn. */
  readonly close: () => void;
}

/** The part of a stream that a display needs. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export type ProgressStyle = 'bar' | 'lines' | 'silent';

/** A bar on a terminal that can redraw a line, plain lines elsewhere, nothing when asked to be quiet. */
export function progressStyle(stream: ProgressStream, quiet: boolean, env: NodeJS.ProcessEnv): ProgressStyle {
  if (quiet) return 'silent';
  return stream.isTTY === true && env.TERM !== 'dumb' && env.CI === undefined ? 'bar' : 'lines';
}

const barWidth = 24;
const redrawMilliseconds = 80;
const tickMilliseconds = 500;
/** Within one phase, a log gets a line this often. */
const lineMilliseconds = 5000;
/** Phases shorter than this do not get a line each. */
const phaseMilliseconds = 500;

export function createProgress(
  stream: ProgressStream,
  style: ProgressStyle,
  now: () => number = () => performance.now(),
): ProgressDisplay {
  if (style === 'silent') return { update: () => {}, close: () => {} };
  return style === 'bar' ? barDisplay(stream, now) : lineDisplay(stream, now);
}

function barDisplay(stream: ProgressStream, now: () => number): ProgressDisplay {
  let last: ProgressUpdate | undefined;
  let started = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  const draw = () => {
    if (last === undefined || now() - drawn < redrawMilliseconds) return;
    drawn = now();
    const line = barLine(last, (drawn - started) / 1000);
    // One column stays free: a full line would wrap and scroll.
    stream.write(`\r${[...line].slice(0, Math.max(1, (stream.columns ?? 80) - 1)).join('')}\x1b[K`);
  };
  // A long step without news still shows that time passes.
  const ticking = setInterval(draw, tickMilliseconds).unref();
  return {
    update(progress) {
      if (progress.phase !== last?.phase) started = now();
      last = progress;
      draw();
    },
    close() {
      clearInterval(ticking);
      if (last !== undefined) stream.write('\r\x1b[K');
      last = undefined;
    },
  };
}

function barLine(progress: ProgressUpdate, seconds: number): string {
  if (progress.total === 0) return `${'─'.repeat(barWidth)}        ${progress.phase}  ${duration(seconds)}`;
  const share = shareOf(progress);
  const filled = Math.floor(share * barWidth);
  const bar = `${'━'.repeat(filled)}${'─'.repeat(barWidth - filled)}`;
  const left =
    share > 0.02 && share < 1 && seconds > 1 ? `, about ${duration((seconds * (1 - share)) / share)} left` : '';
  return `${bar} ${percent(share)}  ${progress.phase}  ${duration(seconds)}${left}`;
}

function lineDisplay(stream: ProgressStream, now: () => number): ProgressDisplay {
  let last: ProgressUpdate | undefined;
  let started = 0;
  let mentioned: string | undefined;
  let printed = Number.NEGATIVE_INFINITY;
  let ended = true;
  const print = () => {
    // What is over before it was mentioned needs no mention; what was mentioned is not left at the share of its last line.
    const over = last !== undefined && last.total > 0 && last.done >= last.total;
    if (last === undefined || (over && (last.phase !== mentioned || ended))) return;
    const fresh = last.phase !== mentioned;
    const time = now();
    if (!over && time - printed < (fresh ? phaseMilliseconds : lineMilliseconds)) return;
    printed = time;
    mentioned = last.phase;
    ended = over;
    const seconds = (time - started) / 1000;
    const told = [...(last.total > 0 ? [percent(shareOf(last)).trim()] : []), ...(fresh ? [] : [duration(seconds)])];
    stream.write(`${last.phase}${told.length > 0 ? `: ${told.join(', ')}` : ''}\n`);
  };
  // A phase that follows close on another gets its line late, and a long step without news one now and then.
  const ticking = setInterval(print, tickMilliseconds).unref();
  return {
    update(progress) {
      if (progress.phase !== last?.phase) started = now();
      last = progress;
      print();
    },
    close() {
      clearInterval(ticking);
      last = undefined;
    },
  };
}

function shareOf({ done, total }: ProgressUpdate): number {
  return total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
}

function percent(share: number): string {
  return `${Math.floor(100 * share)} %`.padStart(5);
}

/** 3.4 s, 75 s → 1:15. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}
