/** Presets with several values of some options. */

import { KernelError } from '../errors.js';
import { frozen } from '../frozen.js';
import { reading, unexpected } from '../options.js';
import { isRecord } from '../place.js';
import { checkPreset, type PresetFamily } from '../presets.js';

type Name = PresetFamily['preset'];
/** The options of one preset. */
type FamilyOf<N extends Name, F = PresetFamily> = F extends { readonly preset: infer P }
  ? N extends P
    ? F
    : never
  : never;

/** Lists of values for options of a preset. */
export type Variations<N extends Name> = {
  readonly [Key in Exclude<keyof FamilyOf<N>, 'preset'>]?: readonly FamilyOf<N>[Key][];
};

/**
 * Every combination of the listed values, beside what the preset says itself; the last option changes fastest.
 * `vary({ preset: 'huang' }, { alpha: [0.1, 0.3, 1], bias: [null, { var: 0.1, init: 'normal', trainable: true }] })` are six
 * networks for `search`.
 */
export function vary<N extends Name>(
  preset: { readonly preset: N } & Partial<Omit<FamilyOf<N>, 'preset'>>,
  values: Variations<N>,
): PresetFamily[] {
  return reading('values', () => {
    // Spread, a promise or a list would be a preset without options, and the refusal would not say what came.
    if (!isRecord(preset)) checkPreset(preset, 'no depth');
    if (!isRecord(values)) throw unexpected('values', 'an object with lists of values', values);
    let made: Record<string, unknown>[] = [{ ...preset }];
    for (const [key, list] of Object.entries(values as Record<string, unknown>)) {
      if (!Array.isArray(list) || list.length === 0) {
        throw new KernelError('ERR_ARGUMENT', `values.${key}: expected a list of at least one value`, { option: key });
      }
      made = made.flatMap((one) => list.map((value: unknown) => ({ ...one, [key]: value })));
      if (made.length > 100_000) {
        throw new KernelError(
          'ERR_ARGUMENT',
          `values: expected at most 100000 combinations, got ${made.length} and more`,
        );
      }
    }
    return made.map((one) => {
      checkPreset(one, 'no depth');
      return frozen(one) as PresetFamily;
    });
  });
}
