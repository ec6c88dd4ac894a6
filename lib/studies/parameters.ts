/** What a study can be told: a table from which come the defaults of each size, the checks, and the options of the CLI. */

import { unknownName } from '../errors.js';
import { unexpected } from '../options.js';
import type { ParameterValue, StudySize } from './schema.js';

/** One parameter, in units that `meaning` says. */
export interface Parameter<Value extends ParameterValue = ParameterValue> {
  readonly kind: 'number' | 'integer' | 'numbers' | 'integers';
  readonly meaning: string;
  readonly low: number;
  readonly high: number;
  /** How many entries a list must have: two, where something is followed from one to the next. */
  readonly least: number;
  readonly defaults: Readonly<Record<StudySize, Value>>;
}

export type Parameters = Readonly<Record<string, Parameter>>;

export type Settings<P extends Parameters> = {
  readonly [Key in keyof P]: P[Key] extends Parameter<infer Value> ? Value : never;
};

interface Range {
  readonly low: number;
  readonly high: number;
}

interface ListRange extends Range {
  /** Default 1. */
  readonly least?: number;
}

type Defaults<Value> = Readonly<Record<StudySize, Value>>;

/** One value for all sizes, or for all but the full and the quick one. */
export function sized<Value>(usual: Value, full = usual, quick = usual): Defaults<Value> {
  return { quick, usual, full };
}

export function integerParameter(meaning: string, { low, high }: Range, defaults: Defaults<number>): Parameter<number> {
  return { kind: 'integer', meaning, low, high, least: 1, defaults };
}

export function numberParameter(meaning: string, { low, high }: Range, defaults: Defaults<number>): Parameter<number> {
  return { kind: 'number', meaning, low, high, least: 1, defaults };
}

/** Ascending, each once. */
export function integersParameter(
  meaning: string,
  { low, high, least = 1 }: ListRange,
  defaults: Defaults<readonly number[]>,
): Parameter<readonly number[]> {
  return { kind: 'integers', meaning, low, high, least, defaults };
}

/** Ascending, each once. */
export function numbersParameter(
  meaning: string,
  { low, high, least = 1 }: ListRange,
  defaults: Defaults<readonly number[]>,
): Parameter<readonly number[]> {
  return { kind: 'numbers', meaning, low, high, least, defaults };
}

/** What a parameter accepts, as messages and the help say it. */
export function accepted({ kind, low, high, least }: Parameter): string {
  const one = kind === 'integer' || kind === 'integers' ? 'integer' : 'number';
  const range = `from ${low} to ${high}`;
  return kind === 'integer' || kind === 'number'
    ? `${one === 'integer' ? 'an' : 'a'} ${one} ${range}`
    : `${least > 1 ? `at least ${least} ` : ''}ascending ${one}s ${range}`;
}

/** The defaults of a size with what was given in their place. Throws ERR_ARGUMENT. */
export function settingsOf<P extends Parameters>(
  parameters: P,
  given: Readonly<Record<string, unknown>>,
  size: StudySize,
): Settings<P> {
  for (const key of Object.keys(given)) {
    if (!(key in parameters)) {
      throw unexpected(
        'parameters',
        `parameters of this study (${unknownName('parameter', key, Object.keys(parameters))})`,
        key,
      );
    }
  }
  const values = Object.entries(parameters).map(([key, parameter]) => {
    const value = given[key] ?? parameter.defaults[size];
    if (!accepts(parameter, value)) throw unexpected(key, accepted(parameter), value);
    return [key, value] as const;
  });
  return Object.freeze(Object.fromEntries(values)) as Settings<P>;
}

function accepts({ kind, low, high, least }: Parameter, value: unknown): value is ParameterValue {
  const whole = kind === 'integer' || kind === 'integers';
  const fits = (one: unknown): one is number =>
    typeof one === 'number' && one >= low && one <= high && (!whole || Number.isInteger(one));
  if (kind === 'integer' || kind === 'number') return fits(value);
  if (!Array.isArray(value) || value.length < least) return false;
  return value.every((one, i) => fits(one) && (i === 0 || one > (value[i - 1] as number)));
}
