/** When training is looked at, as callers say it. */

import { type Constraint, reading, unexpected } from '../options.js';

const maxTimes = 10_000;

export const timeList: Constraint<readonly number[] | Float64Array> = {
  expected: `a list of 1 to ${maxTimes} finite numbers from 0 on, ascending`,
  accepts: (value): value is readonly number[] | Float64Array => Array.isArray(value) || value instanceof Float64Array,
};

export const positive: Constraint<number> = {
  expected: 'a finite number above 0',
  accepts: (value): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0,
};

/** A checked copy: times, or whole numbers of steps. */
export function readTimes(times: unknown, whole = false): Float64Array {
  return reading('times', () => {
    if (!timeList.accepts(times) || times.length < 1 || times.length > maxTimes) {
      throw unexpected('times', timeList.expected, times);
    }
    const checked = new Float64Array(times.length);
    for (let i = 0; i < checked.length; i++) {
      const time: unknown = times[i];
      const fits =
        typeof time === 'number' && time >= 0 && Number.isFinite(time) && (!whole || Number.isSafeInteger(time));
      if (!fits) {
        throw unexpected(
          `times[${i}]`,
          whole ? 'a whole number of steps from 0 on' : 'a finite number from 0 on',
          time,
          time === Number.POSITIVE_INFINITY ? '; `dynamics` knows the limit of infinite width' : '',
        );
      }
      if (i > 0 && time < (checked[i - 1] as number)) {
        throw unexpected(`times[${i}]`, `at least ${checked[i - 1]}, the time before`, time, '; sort them');
      }
      checked[i] = time;
    }
    return checked;
  });
}
