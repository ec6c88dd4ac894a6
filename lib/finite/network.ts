/** The object that `sample` and `loadNetwork` return. */

import { background } from '../jobs.js';
import { allocate } from '../memory.js';
import { called, type NativeMatrix } from '../native.js';
import { notFinite } from '../not-finite.js';
import { emptyWeights } from './frame.js';
import { type Frame, heldOf, hold } from './held.js';
import { forwardTask, jvpTask, readParameters, vjpTask } from './sweeps.js';
import type { FiniteNetwork } from './types.js';
import { writeNetwork } from './write.js';

/** A network with these weights, which it owns from here on. */
export function finiteNetwork(frame: Frame, weights: NativeMatrix, seed: number | null): FiniteNetwork {
  const { layer, layout, shape, native: parts } = frame;
  const [, , , width, outputs] = parts;
  // Frames are shared by networks that differ in their weights, so only the weights go.
  const dispose = (): void => weights.dispose();
  const network: FiniteNetwork = Object.freeze({
    network: layer,
    width,
    outputs,
    shape,
    seed,
    parameters: layout.parameters,
    smoothness: layout.orders,
    blocks: Object.freeze(
      layout.blocks.map(({ path, kind, rows, columns, offset, factor, trainable }) =>
        Object.freeze({
          path,
          kind,
          shape: Object.freeze(kind === 'bias' ? [rows] : [rows, columns]),
          offset,
          factor,
          trainable,
        }),
      ),
    ),
    forward: (...args: Parameters<FiniteNetwork['forward']>) =>
      background(network.forward, () => forwardTask(network, ...args)),
    jvp: (...args: Parameters<FiniteNetwork['jvp']>) => background(network.jvp, () => jvpTask(network, ...args)),
    vjp: (...args: Parameters<FiniteNetwork['vjp']>) => background(network.vjp, () => vjpTask(network, ...args)),
    weights: () => {
      const held = heldOf(network);
      const numbers = allocate(layout.parameters, 'float64');
      called(() => held.weights.copyTo(numbers));
      return numbers;
    },
    withWeights: (values: Parameters<FiniteNetwork['withWeights']>[0]) => {
      heldOf(network);
      const numbers = readParameters('weights', values, frame);
      const matrix = emptyWeights(frame);
      const bad = called(() => matrix.write(numbers, 0, 0, numbers.length));
      if (bad >= 0) {
        matrix.dispose();
        throw notFinite('weights', bad, [numbers.length], numbers[bad]);
      }
      return finiteNetwork(frame, matrix, null);
    },
    save: (...args: Parameters<FiniteNetwork['save']>) => writeNetwork(network, ...args),
    dispose,
    [Symbol.dispose]: dispose,
  });
  called(() => weights.keep());
  hold(network, { ...frame, weights });
  return network;
}
