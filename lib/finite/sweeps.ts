/** Batches through a network of finite width: outputs, and derivatives by its parameters. */

import { types } from 'node:util';
import { KernelError } from '../errors.js';
import { job, type Steps, type Task, threadsOf } from '../jobs.js';
import { allocate } from '../memory.js';
import { native } from '../native.js';
import { reading, readOptions, unexpected } from '../options.js';
import { owned } from '../regression/owner.js';
import { lengthOf, readTargets, typedRows, withCopies } from '../samples.js';
import type { Samples, Targets, Tensor } from '../tensor.js';
import { requireDerivatives } from './derivatives.js';
import { type Frame, type Held, heldOf, planBytes, readInputs, requireAlive, sweepConstraints } from './held.js';
import type { FiniteNetwork, SweepOptions } from './types.js';

export function forwardTask(network: FiniteNetwork, x: Samples, options?: SweepOptions): Task<Tensor> {
  const held = heldOf(network);
  const settings = readOptions('options', options, sweepConstraints);
  const inputs = readInputs('x', x, held);
  const each = held.layout.forwardBytes;
  const results = 8 * inputs.rows * network.outputs;
  const budget = planBytes(`outputs of ${inputs.rows} samples`, settings, each, each * inputs.rows, results);
  const threads = threadsOf(settings);
  return {
    settings,
    steps: alive(
      held,
      withCopies([inputs], function* (copy) {
        const data = allocate(inputs.rows * network.outputs, 'float64');
        yield* job('forward', () => native().finiteForward(held.native, held.weights, copy, data, budget, threads));
        return outputsOf(data, inputs.rows, network.outputs);
      }),
    ),
  };
}

export function jvpTask(
  network: FiniteNetwork,
  x: Samples,
  direction: Float64Array | readonly number[],
  options?: SweepOptions,
): Task<Tensor> {
  const held = heldOf(network);
  requireDerivatives(held, 1, 'jvp');
  const settings = readOptions('options', options, sweepConstraints);
  const inputs = readInputs('x', x, held);
  const budget = planSweep(held, inputs.rows, settings, 8 * inputs.rows * network.outputs);
  const threads = threadsOf(settings);
  const numbers = readParameters('direction', direction, held);
  const along = typedRows('direction', numbers, 1, numbers.length);
  return {
    settings,
    steps: alive(
      held,
      withCopies([inputs, along], function* (copy, way) {
        const data = allocate(inputs.rows * network.outputs, 'float64');
        yield* job('jvp', () => native().finitePush(held.native, held.weights, copy, way, data, budget, threads));
        return outputsOf(data, inputs.rows, network.outputs);
      }),
    ),
  };
}

export function vjpTask(network: FiniteNetwork, x: Samples, u: Targets, options?: SweepOptions): Task<Float64Array> {
  const held = heldOf(network);
  requireDerivatives(held, 1, 'vjp');
  const settings = readOptions('options', options, sweepConstraints);
  const inputs = readInputs('x', x, held);
  const cotangents = readTargets('u', u, inputs.rows);
  if (cotangents.columns !== network.outputs) {
    throw new KernelError(
      'ERR_SHAPE',
      `u: expected ${network.outputs} columns, one for each output, got ${cotangents.columns}`,
      { expected: network.outputs, got: cotangents.columns },
    );
  }
  const budget = planSweep(held, inputs.rows, settings, 8 * network.parameters);
  const threads = threadsOf(settings);
  return {
    settings,
    steps: alive(
      held,
      withCopies([inputs, cotangents], function* (copy, seeds) {
        const data = allocate(network.parameters, 'float64');
        yield* job('vjp', () => native().finitePull(held.native, held.weights, copy, seeds, data, budget, threads));
        return data;
      }),
    ),
  };
}

/** A number for every parameter, read and not yet copied. */
export function readParameters(what: string, value: unknown, { layout: { parameters } }: Frame): Float64Array {
  return reading(what, () => {
    if (!types.isFloat64Array(value) && !Array.isArray(value)) {
      throw unexpected(what, `a Float64Array of ${parameters} parameters`, value);
    }
    const count = Array.isArray(value) ? value.length : lengthOf(value);
    if (count !== parameters) {
      throw new KernelError(
        'ERR_SHAPE',
        `${what}: expected ${parameters} numbers, one for each parameter, got ${count}`,
        { expected: parameters, got: count },
      );
    }
    if (!Array.isArray(value)) return value;
    const at = value.findIndex((one) => typeof one !== 'number');
    if (at >= 0) throw unexpected(`${what}[${at}]`, 'a number', value[at]);
    return Float64Array.from(value as number[]);
  });
}

function planSweep({ layout }: Held, rows: number, settings: Parameters<typeof planBytes>[1], results: number): number {
  const each = layout.sweepBytes;
  return planBytes(`derivatives of ${rows} samples by the parameters`, settings, each, each * rows, results);
}

function outputsOf(data: Float64Array, rows: number, outputs: number): Tensor {
  return Object.freeze({ data, shape: Object.freeze([rows, outputs]) });
}

/** Steps on a network that may be disposed of between any two of them. */
export function alive<R>(held: Held, steps: Steps<R>): Steps<R> {
  return owned(() => requireAlive(held), steps);
}
