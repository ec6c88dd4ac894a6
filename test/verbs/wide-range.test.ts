import { describe, expect, test } from 'vitest';
import { barzilai, compile, cross, mlp } from '../../lib/index.js';

// With values of 1e320 and more in the matrix, its common unit is so large that squares of the other rows' own kernels
// underflow, while their products with rows of the other side do not.
const large = 1e160;

describe('one huge row leaves the kernels of the others as they are', () => {
  const x = [
    [1, 2, 3],
    [-1, 0.5, 2],
    [large, large, large],
  ];
  const z = [
    [1, 2, 3],
    [1, 2, 3 + 1e-9],
    [3, 1, 2],
    [-1, -2, -3],
  ];
  test.each([
    ['by the table', mlp({ depth: 2 }), 'table'],
    ['step by step', mlp({ depth: 2 }), 'steps'],
    ['with biases', mlp({ depth: 2, bias: { var: 0.1, init: 'zero', trainable: true } }), 'steps'],
  ] as const)('%s, equal, near, oblique and opposite', async (_, network, path) => {
    using kernel = compile(network);
    const alone = await cross(kernel, x.slice(0, 2), z, ['nngp', 'ntk'], { path });
    const beside = await cross(kernel, x, z, ['nngp', 'ntk'], { path });
    for (const which of ['nngp', 'ntk'] as const) {
      expect(beside[which].logScale).toBeGreaterThan(300);
      for (let k = 0; k < 8; k++) {
        const expected = alone[which].data[k] as number;
        const got = Math.log(beside[which].data[k] as number) + beside[which].logScale;
        // exp and log of exponents of some hundreds cost as many roundings.
        expect(Math.abs(got - Math.log(expected)), `${which} ${k}`).toBeLessThan(1e-13 * beside[which].logScale);
      }
    }
  });

  test('of images', async () => {
    using kernel = compile(barzilai({ depth: 2, alpha: 0.5, head: 'trace' }));
    const image = (size: number) => Array.from({ length: 16 }, (_, i) => size * (1 + (i % 5)));
    const tensor = (...sizes: number[]) => ({
      data: Float64Array.from(sizes.flatMap(image)),
      shape: [sizes.length, 4, 4, 1],
    });
    const alone = await cross(kernel, tensor(1), tensor(1), 'ntk');
    const beside = await cross(kernel, tensor(1, large), tensor(1), 'ntk');
    const got = Math.log(beside.data[0] as number) + beside.logScale;
    expect(Math.abs(got - Math.log(alone.data[0] as number))).toBeLessThan(1e-13 * beside.logScale);
  });
});
