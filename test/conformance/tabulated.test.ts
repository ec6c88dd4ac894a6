// A φ of one's own that is an activation of the catalogue: the same kernels, by another step.
import { expect, test } from 'vitest';
import { activationNames, activationRecord } from '../../lib/activations.js';
import { compile } from '../../lib/kernel.js';
import { activation, dense, type Layer, type Nonlinearity, repeat, serial } from '../../lib/layers.js';
import { sync } from '../../lib/sync.js';
import { tabulate } from '../../lib/tabulate.js';

const names = activationNames.filter((name) => {
  const { parameters, continuity } = activationRecord(name);
  // The tails of a sine are no lines, and a jump cannot be tabulated.
  return parameters.length === 0 && continuity >= 0 && name !== 'sine';
});

const network = (phi: Nonlinearity): Layer =>
  serial(dense({ inputScale: '1' }), phi, repeat(1, serial(dense(), phi)), dense());

/** Few pairs of unequal lengths, each integrated; and many on the unit circle, through a table. */
const few = [
  [1, 0],
  [0.3, 0.4],
  [-1.5, 1e-6],
  [2, 2],
];
const circle = Array.from({ length: 12 }, (_, i) => [Math.cos(i * i), Math.sin(i * i)]);

test.each(names)('%s', (name) => {
  const { phi, kinks } = activationRecord(name);
  const { layer } = tabulate((u) => phi(u, {}), { kinks });
  using own = compile(network(layer));
  using listed = compile(network(activation(name as 'relu')));
  for (const x of [few, circle]) {
    for (const which of ['nngp', 'ntk'] as const) {
      const [got, want] = [own, listed].map((kernel) => sync.gram(kernel, x, which).values as Float64Array) as [
        Float64Array,
        Float64Array,
      ];
      for (const [i, value] of want.entries()) {
        const [row, column] = [Math.floor(i / x.length), i % x.length];
        const size = Math.sqrt((want[row * (x.length + 1)] as number) * (want[column * (x.length + 1)] as number));
        // Each of the two layers is within 1e-13 of φ and the quadrature; slopes of pieces are known to some 1e-12.
        expect(Math.abs((got[i] as number) - value) / size, `${which} ${row}, ${column}`).toBeLessThan(1e-11);
      }
    }
  }
});
