import util from 'node:util';
import { Command, CommanderError } from 'commander';
import { compareCommand } from './commands/compare.js';
import { dataCommand } from './commands/data.js';
import { dynamicsCommand } from './commands/dynamics.js';
import { fitCommand } from './commands/fit.js';
import { gramCommand } from './commands/gram.js';
import { infoCommand } from './commands/info.js';
import { predictCommand } from './commands/predict.js';
import { profileCommand } from './commands/profile.js';
import { spectrumCommand } from './commands/spectrum.js';
import { sphereCommand } from './commands/sphere.js';
import { studyCommand } from './commands/study.js';
import { describeFailure, usageError } from './errors.js';
import { exitCodes } from './exit-codes.js';
import type { Session } from './session.js';
import { version } from './version.js';

/** The catalogue of commands, in the order of the help. */
const commands = [
  compareCommand,
  fitCommand,
  predictCommand,
  dynamicsCommand,
  gramCommand,
  spectrumCommand,
  profileCommand,
  sphereCommand,
  studyCommand,
  dataCommand,
  infoCommand,
] as const;

/** The parser of the whole command line. It never ends the process: it throws. */
export function createProgram(session: Session): Command {
  const program = new Command('resgram')
    .description(
      'Gaussian-process (NNGP) and neural tangent kernels of MLPs, ResNets and convolutional ResNets: compares networks on your data, ' +
        'fits models that say how sure they are, and computes Gram matrices, spectra and kernel curves.',
    )
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText(
      'after',
      () => `\nExit codes:\n${exitCodes.map(exitCodeLine).join('')}\nStart with: resgram compare DATA.csv\n`,
    )
    .enablePositionalOptions();
  for (const command of commands) program.addCommand(command(session));
  for (const command of withChildren(program)) configure(command, session);
  return program;
}

/** Runs one command line and returns its exit code; every failure has been told by then. */
export async function runCommandLine(session: Session): Promise<number> {
  const flags = session.args.slice(0, session.args.includes('--') ? session.args.indexOf('--') : undefined);
  let running: Command | undefined;
  try {
    const program = createProgram(session).hook('preAction', (_, command) => {
      running = command;
    });
    await program.parseAsync(session.args, { from: 'user' });
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    if (thrown instanceof CommanderError && thrown.code === 'commander.help') return 2;
    const failure = describeFailure(thrown, flags.includes('--debug'), running && optionsOf(running));
    if (flags.includes('--json')) session.stdout.write(failure.json);
    session.stderr.write(failure.text);
    return failure.exitCode;
  }
}

/** A command and those inside it. */
function withChildren(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withChildren)];
}

function optionsOf(command: Command): ReadonlySet<string> {
  return new Set(command.options.flatMap(({ long }) => (long == null ? [] : [long])));
}

function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}

function exitCodeLine({ code, meaning }: (typeof exitCodes)[number]): string {
  return `  ${String(code).padEnd(4)} ${meaning}\n`;
}

function configure(command: Command, session: Session): void {
  command
    .exitOverride((error) => {
      throw error.exitCode === 0 || error.code === 'commander.help' ? error : usageError(error, commandPath(command));
    })
    .configureOutput({
      writeOut: (text) => session.stdout.write(text),
      writeErr: (text) => session.stderr.write(text),
      // Errors are told once, by runCommandLine.
      outputError: () => {},
    })
    .configureHelp({
      sortOptions: false,
      styleTitle: (text) => util.styleText('bold', text),
      styleCommandText: (text) => util.styleText('cyan', text),
      styleSubcommandTerm: (text) => util.styleText('cyan', text),
      styleOptionTerm: (text) => util.styleText('cyan', text),
    });
}
