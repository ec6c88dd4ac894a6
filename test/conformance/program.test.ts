// The two sides of a listing: what lib/lower.ts writes and what native/core reads.
import { describe, expect, test } from 'vitest';
import { activationNames, activationRecord } from '../../lib/activations.js';
import { loadProgram } from '../../lib/compile.js';
import { KernelError } from '../../lib/errors.js';
import { info } from '../../lib/info.js';
import {
  type ActivationLayer,
  conv,
  dense,
  head,
  pool,
  repeat,
  residual,
  scale,
  serial,
  tabulated,
} from '../../lib/layers.js';
import { lower, type Program } from '../../lib/lower.js';
import { sweep } from '../../lib/sweep.js';

const layers = activationNames.map((name) => {
  const params = Object.fromEntries(activationRecord(name).parameters.map((parameter) => [parameter.name, 0.5]));
  return { kind: 'activation', name, scale: 1, params } as unknown as ActivationLayer;
});

/** Programs in which every kind of layer and every activation occurs, and heads as side branches. */
const programs: Program[] = [
  ...[...layers, tabulated([{ from: -1, to: 1, coefficients: [0, 1] }])].map((phi) =>
    lower(serial(dense({ inputScale: '1/d' }), phi, dense())),
  ),
  lower(
    serial(
      dense({ inputScale: '1', bias: { var: 1, init: 'normal', trainable: true } }),
      repeat(3, residual(serial(layers[0] as ActivationLayer, dense()), { bodyScale: 0.5, shortcut: dense() })),
      scale(2),
      dense(),
    ),
  ),
  ...sweep({ preset: 'mlp' }, [1, 2]).programs.map(({ program }) => program),
  ...[head('pixel', [0, 0]), head('trace'), head('pool')].map((reading) =>
    lower(serial(conv(3, { inputScale: '1/d' }), layers[0] as ActivationLayer, pool(2), conv(3), reading, dense())),
  ),
];

const steps = (list: readonly (readonly [string, ...number[]])[]): Pick<Program, 'steps'> => ({ steps: list });

function refused(program: Pick<Program, 'steps'>): KernelError {
  try {
    loadProgram(program).dispose();
  } catch (error) {
    expect(error).toBeInstanceOf(KernelError);
    return error as KernelError;
  }
  throw new Error('nothing was refused');
}

describe('the catalogue of steps', () => {
  test('is the same on both sides', () => {
    const written = new Set(programs.flatMap((program) => program.steps.map(([op]) => op)));
    expect([...written].sort()).toEqual([...info().steps].sort());
  });

  test('with the same numbers: the core takes every program', () => {
    for (const program of programs) {
      const loaded = loadProgram(program);
      expect(loaded.emits).toBe(program.steps.filter(([op]) => op === 'emit').length);
      expect(loaded.work).toBeGreaterThanOrEqual(program.steps.length);
      expect(loaded.perDimension).toBe(program.steps[0]?.[1] === 1);
      loaded.dispose();
    }
  });

  test('an unknown step is refused with the names of those there are', () => {
    const error = refused(steps([['input', 0], ['cosh', 1], ['emit']]));
    expect(error.code).toBe('ERR_PROGRAM');
    expect(error.message).toMatch(/^step 1 \(cosh\): unknown step/);
    for (const name of info().steps) expect(error.message).toContain(name);
  });

  test('so is a step with another number of numbers', () => {
    for (const program of programs)
      for (const [at, [op, ...numbers]] of program.steps.entries()) {
        const more = steps(program.steps.toSpliced(at, 1, [op, ...numbers, 0]));
        expect(refused(more).message).toMatch(new RegExp(`^step ${at} \\(${op}\\): takes ${numbers.length} numbers`));
      }
  });
});
