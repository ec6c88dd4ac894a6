import { availableParallelism, cpus } from 'node:os';
import { Command } from 'commander';
import { type Info, info } from '../../info.js';
import { type CommonOptions, examples, withCommonOptions } from '../options.js';
import { printResult, type Session } from '../session.js';

/** `resgram info`: what this installation is and runs on. */
export function infoCommand(session: Session): Command {
  const command = new Command('info').summary('version, BLAS, instruction set, threads and memory');
  command.description('Shows what this installation is and runs on; good to have in a bug report.');
  return withCommonOptions(command)
    .addHelpText('after', examples([['for a bug report', 'resgram info']]))
    .action((options: CommonOptions) => {
      const about = info();
      const threads = options.threads ?? about.threads;
      const machine = { cpu: cpus()[0]?.model.trim() ?? 'unknown', systemCpus: availableParallelism() };
      printResult(
        session,
        options,
        { schema: 1, kind: 'info', ...about, threads, ...machine },
        asText({ ...about, threads }, machine.cpu),
      );
    });
}

function asText(about: Info, cpu: string): string {
  const lines: readonly (readonly [string, string])[] = [
    ['resgram', about.version],
    ['binary', `${about.binary} (ABI ${about.abi})`],
    ['platform', about.platform],
    ['Node', about.node],
    ['BLAS', about.blas],
    ['CPU', cpu],
    ['instruction set', about.simd],
    ['threads', `${about.threads} (of ${about.cpus} CPUs that this process may use)`],
    ['memory', `${(about.availableMemory / 2 ** 30).toFixed(1)} GiB available`],
    ['steps', about.steps.join(', ')],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
