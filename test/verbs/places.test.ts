// What only the numbers reveal is refused in compiled code; the message names the layer all the same.
import { afterAll, describe, expect, test } from 'vitest';
import {
  activation,
  compile,
  conv,
  cross,
  crossSweep,
  dense,
  diagonal,
  gradient,
  gram,
  gramSweep,
  head,
  hessian,
  type Layer,
  profile,
  regress,
  repeat,
  residual,
  serial,
  sphereSpectrum,
  sync,
  type Tensor,
  tabulate,
} from '../../lib/index.js';
import { refusal } from './support.js';

const tooLarge = /the variance of row 0 is above 1e\+08 before this layer; .*sign, which tanh tends to/;
const notConverged = /is only good to [\d.]*[1-9]\d*(e-\d+)?; .*smaller weights or inputs, or .* would help$/;

const body = serial(dense(), activation('tanh'), dense());
const deep = serial(dense({ inputScale: '1' }), repeat(3, residual(body)), dense());
const place = 'layers[1].layer.body.layers[1]';
const label = `${place} (tanh): `;

const far: Tensor = { data: Float64Array.of(3e4, 1, 2, 5e4, 3e4, 2), shape: [3, 2] };

const kernels = { deep: compile(deep), plain: compile({ preset: 'mlp', depth: 2, activation: 'tanh' }) };
afterAll(() => {
  for (const kernel of Object.values(kernels)) kernel.dispose();
});

describe('a variance too large for an activation', () => {
  const { deep: kernel } = kernels;
  const verbs: readonly (readonly [string, () => unknown])[] = [
    ['gram', () => gram(kernel, far, 'nngp')],
    ['gram of both kernels', () => gram(kernel, far, ['nngp', 'ntk'])],
    ['gram in float32', () => gram(kernel, far, 'nngp', { precision: 'float32' })],
    ['cross', () => cross(kernel, far, far, 'ntk')],
    ['diagonal', () => diagonal(kernel, far, 'nngp')],
    ['gradient', () => gradient(kernel, far, far, 'ntk')],
    ['hessian', () => hessian(kernel, far, far, 'ntk')],
    ['regress', () => regress(kernel, far, [1, 2, 3])],
    ['sync.gram', () => sync.gram(kernel, far, 'nngp')],
    ['sync.regress', () => sync.regress(kernel, far, [1, 2, 3])],
  ];
  test.each(verbs)('%s names the layer', async (_name, call) => {
    const { message, details } = await refusal(call, 'ERR_RANGE');
    expect(message.startsWith(label)).toBe(true);
    expect(message).toMatch(tooLarge);
    expect(details).toMatchObject({ path: place, row: 0 });
  });

  const wide = serial(dense({ inputScale: '1', weightVar: 1e10 }), activation('tanh'), dense());
  const alone: readonly (readonly [string, () => unknown])[] = [
    ['profile', () => profile(compile(wide), [0, 1], 'nngp')],
    ['profile with derivatives', () => profile(compile(wide), [1, 2], 'nngp', { derivatives: 2 })],
    ['sphereSpectrum', () => sphereSpectrum(compile(wide), 'nngp', { dimension: 3, degrees: 4 })],
  ];
  test.each(alone)('%s, which has inputs of its own, names the layer', async (_name, call) => {
    const { message, details } = await refusal(call, 'ERR_RANGE');
    expect(message).toMatch(/^layers\[1\] \(tanh\): /);
    expect(details.path).toBe('layers[1]');
  });

  const family = { preset: 'mlp', activation: 'tanh' } as const;
  test.each([
    ['gram', () => gram(kernels.plain, far, 'nngp')],
    ['gramSweep', () => gramSweep(family, [1, 3], far, 'nngp')],
    ['crossSweep', () => crossSweep(family, [2, 4], far, far, 'nngp')],
  ])('%s of a preset says that the layer is one of its own', async (_name, call) => {
    const { message, details } = await refusal(call, 'ERR_RANGE');
    expect(message).toMatch(/^layers\[1\] \(tanh of mlp\): /);
    expect(details.path).toBe('layers[1]');
  });
});

describe('quadrature that does not converge', () => {
  // On a circle, so that there is one table, of one variance.
  const angles = Array.from({ length: 30 }, (_, i) => i);
  const circle: Tensor = {
    data: Float64Array.from(angles.flatMap((angle) => [3e3 * Math.cos(angle), 3e3 * Math.sin(angle)])),
    shape: [30, 2],
  };
  test.each([
    ['gram', () => gram(kernels.deep, circle, 'nngp')],
    ['cross', () => cross(kernels.deep, circle, circle, 'ntk')],
    [
      'regress',
      () =>
        regress(
          kernels.deep,
          circle,
          Float64Array.from(angles, (angle) => Math.cos(angle)),
        ),
    ],
  ])('%s names the layer whose table it is', async (_name, call) => {
    const { message, details } = await refusal(call, 'ERR_NO_CONVERGENCE');
    expect(message.startsWith(label)).toBe(true);
    expect(message).toMatch(notConverged);
    expect(details).toMatchObject({ path: place });
    expect(details.error).toBeGreaterThan(0);
  });

  test('derivatives name it, too', async () => {
    const x = { data: Float64Array.of(2000, 1), shape: [1, 2] };
    const z = { data: Float64Array.of(1, 4000), shape: [1, 2] };
    for (const verb of [gradient, hessian]) {
      const { message, details } = await refusal(() => verb(kernels.deep, x, z, 'nngp'), 'ERR_NO_CONVERGENCE');
      expect(message.startsWith(label)).toBe(true);
      expect(details.path).toBe(place);
    }
  });

  test('a φ of one’s own is advised what it can do', async () => {
    const { layer } = tabulate((u) => Math.tanh(u) + 0.2 * Math.abs(u - 0.3), { kinks: [0.3] });
    const kernel = compile(serial(dense({ inputScale: '1' }), layer, dense()));
    const { message, details } = await refusal(
      () =>
        gram(
          kernel,
          [
            [1e6, 0],
            [0, 1e6],
          ],
          'nngp',
        ),
      'ERR_RANGE',
    );
    expect(message).toMatch(/^layers\[1\] \(tabulated\): the variance of row 0 is above .* more and shorter pieces/);
    expect(message).not.toMatch(/sign|relu/);
    expect(details.path).toBe('layers[1]');
  });
});

describe('images', () => {
  const images: Tensor = { data: Float64Array.from({ length: 96 }, (_, i) => 1e5 * Math.cos(i)), shape: [2, 4, 4, 3] };
  const network = serial(
    conv(3, { inputScale: '1' }),
    activation('relu'),
    conv(3),
    activation('silu'),
    head('pool'),
    dense(),
  );
  test.each([
    ['gram', (layer: Layer) => gram(compile(layer), images, 'nngp')],
    ['diagonal', (layer: Layer) => diagonal(compile(layer), images, 'nngp')],
    ['gradient', (layer: Layer) => gradient(compile(layer), images, images, 'nngp')],
  ])('%s names the layer', async (_name, call) => {
    const { message, details } = await refusal(() => call(network), 'ERR_RANGE');
    expect(message).toMatch(/^layers\[3\] \(silu\): the variance of row \d is above .* relu, which silu tends to/);
    expect(details.path).toBe('layers[3]');
  });
});
