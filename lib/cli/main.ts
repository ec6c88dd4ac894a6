#!/usr/bin/env node
import { describeFailure } from './errors.js';
import { endOnSignals } from './interrupt.js';
import { runCommandLine } from './program.js';

const signal = endOnSignals();

// A reader that has seen enough (`resgram spectrum … | head`) is no failure: the rest is written to nobody.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (thrown: unknown) => {
    const failure = describeFailure(thrown, process.argv.includes('--debug'));
    if (process.argv.includes('--json')) process.stdout.write(failure.json);
    process.stderr.write(failure.text);
    process.exit(failure.exitCode);
  });
}

process.exitCode = await runCommandLine({
  args: process.argv.slice(2),
  env: process.env,
  signal,
  stdout: process.stdout,
  stderr: process.stderr,
  // Looked at only when it is read: a service may have closed it.
  get stdin() {
    return process.stdin;
  },
});
