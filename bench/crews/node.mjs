// @ts-check
// The conversation of crew.mjs for contestants in Node: `operations` makes, from arguments, what is timed. An operation
// returns { run, probe?, note?, extra? }: `probe` picks some numbers from a result, by which contestants are compared;
// `extra` adds what the operation measured itself to the sample.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** Bytes from /proc/self/status, or undefined where there is no such file. */
function resident(field) {
  try {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
    return found ? 1024 * Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}

/** Lets the kernel forget the largest size so far. */
function resetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}

async function timed({ run, extra }, times) {
  globalThis.gc?.();
  const before = resetPeak() ? resident('VmRSS') : undefined;
  const cpu = process.cpuUsage();
  const start = performance.now();
  let result;
  for (let i = 0; i < times; i++) {
    result = run();
    if (result instanceof Promise) result = await result;
  }
  const wall = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  const most = before === undefined ? undefined : resident('VmHWM');
  const peak = before === undefined || most === undefined ? undefined : most - before;
  return { result, sample: { wall: wall / times, cpu: (user + system) / 1e6 / times, peak, ...extra?.() } };
}

/**
 * @param {Readonly<Record<string, string>>} versions
 * @param {Readonly<Record<string, (args: any) => any>>} operations
 */
export function serve(versions, operations) {
  const prepared = new Map();
  const commands = {
    async prepare({ key, op, args, warm = true }) {
      const make = operations[op];
      if (make === undefined) throw new Error(`no operation '${op}' in this version`);
      const start = performance.now();
      const operation = await make(args);
      prepared.set(key, operation);
      const first = warm ? await timed(operation, 1) : undefined;
      return {
        prepare: (performance.now() - start) / 1e3,
        first: first?.sample.wall,
        probe: first && operation.probe?.(first.result),
        note: operation.note,
      };
    },
    async run({ key, times }) {
      return (await timed(prepared.get(key), times)).sample;
    },
    forget({ key }) {
      prepared.delete(key);
      globalThis.gc?.();
      return {};
    },
  };
  say({ versions });
  let turn = Promise.resolve();
  createInterface({ input: process.stdin }).on('line', (line) => {
    turn = turn.then(async () => {
      try {
        const message = JSON.parse(line);
        say(await commands[message.do](message));
      } catch (error) {
        say({ error: error instanceof Error ? error.message : String(error) });
      }
    });
  });
}

/** Doubles from a file of the runner: all of them, or as many as a shape has. */
export function numbers(file, shape) {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  const size = shape === undefined ? byteLength / 8 : shape.reduce((product, each) => product * each, 1);
  return new Float64Array(buffer.slice(byteOffset, byteOffset + 8 * size));
}
