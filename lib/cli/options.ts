import { type Command, Option } from 'commander';
import { KernelError, unknownName } from '../errors.js';

/** Reads the text that follows an option; throws a KernelError that names the option. */
export type ValueParser<T> = (text: string) => T;

/** A whole number within limits. */
export function integer(option: string, min: number, max = Number.MAX_SAFE_INTEGER): ValueParser<number> {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw refused(option, `an integer ${range}`, text);
  };
}

/** A finite decimal number. `accepts` narrows it, in the words of `what`. */
export function decimal(
  option: string,
  what = 'a number',
  accepts: (value: number) => boolean = () => true,
): ValueParser<number> {
  return (text) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (Number.isFinite(value) && accepts(value)) return value;
    throw refused(option, what, text);
  };
}

/** One name of a catalogue; a mistyped one is answered with the nearest. */
export function oneOf<Name extends string>(option: string, names: readonly Name[]): ValueParser<Name> {
  return (text) => {
    if ((names as readonly string[]).includes(text)) return text as Name;
    throw new KernelError('ERR_ARGUMENT', `${option}: ${unknownName('value', text, names)}`, { option, value: text });
  };
}

/** The keyword, or what the other parser accepts. */
export function keywordOr<Word extends string, T>(word: Word, parse: ValueParser<T>): ValueParser<Word | T> {
  return (text) => (text === word ? word : parse(text));
}

/** Values between commas, each once. */
export function listOf<T>(option: string, parse: ValueParser<T>): ValueParser<readonly T[]> {
  return (text) => {
    const values = text.split(',').map((part) => {
      if (part.trim() === '') throw refused(option, 'values between commas', text);
      return parse(part.trim());
    });
    if (new Set(values).size < values.length) throw refused(option, 'each value once', text);
    return values;
  };
}

/** Names of columns or classes between commas; a part in double quotes may hold commas, "" stands for one quote. */
export function names(option: string): ValueParser<readonly string[]> {
  return (text) => {
    const parts: string[] = [];
    const pattern = /\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/y;
    for (;;) {
      const match = pattern.exec(text);
      const part = match?.[1] === undefined ? match?.[2]?.trim() : match[1].replaceAll('""', '"');
      if (match === null || part === undefined || part === '') throw refused(option, 'names between commas', text);
      parts.push(part);
      if (match[3] !== ',') break;
    }
    if (new Set(parts).size < parts.length) throw refused(option, 'each name once', text);
    return parts;
  };
}

export function refused(option: string, expected: string, text: string): KernelError {
  return new KernelError('ERR_ARGUMENT', `${option}: expected ${expected}, got '${text}'`, { option, value: text });
}

/** What every command understands. */
export interface CommonOptions {
  readonly threads?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const kernelNames = ['nngp', 'ntk'] as const;
export const precisions = ['float64', 'float32'] as const;

export function withCommonOptions(command: Command): Command {
  return command
    .optionsGroup('Everywhere:')
    .addOption(
      new Option('--threads <n>', 'threads of the arithmetic; default: the CPUs this process may use')
        .env('RESGRAM_THREADS')
        .argParser(integer('--threads (or RESGRAM_THREADS)', 1, 1024)),
    )
    .option('--json', 'print one JSON document on stdout and nothing else')
    .option('--quiet', 'print nothing but the result')
    .option('--debug', 'show the stack of an error')
    .helpOption('-h, --help', 'show this help');
}

/** Refuses when an option that the command cannot do without is missing; mistyped options have been told by then. */
export function requireOptions(command: Command, keys: readonly string[]): void {
  for (const option of command.options) {
    if (keys.includes(option.attributeName()) && command.getOptionValue(option.attributeName()) === undefined) {
      command.error(`error: required option '${option.flags}' not specified`, {
        code: 'commander.missingMandatoryOptionValue',
      });
    }
  }
}

/** The output folder of a command and what happens when it is already there. */
export function withOutput(command: Command, directory: string): Command {
  return command
    .option('--out <dir>', 'folder for the results; it must not exist yet', directory)
    .option('--force', 'when the folder exists, replace its files of the same names');
}

/** Texts under a command's help: lines of a comment and a command each. */
export function examples(lines: readonly (readonly [what: string, command: string])[]): string {
  return `\nExamples:\n${lines.map(([what, command]) => `  # ${what}\n  $ ${command}\n`).join('')}`;
}
