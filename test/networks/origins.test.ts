import { describe, expect, test } from 'vitest';
import {
  activation,
  conv,
  dense,
  head,
  huang,
  type Layer,
  lower,
  mlp,
  network,
  type PresetFamily,
  type Program,
  pool,
  repeat,
  residual,
  scale,
  serial,
  sweep,
} from '../../lib/index.js';

const relu = activation('relu');

/** 'mnemonic path (name)' of each row. */
function rows({ steps, origins }: Program): string[] {
  expect(origins.length).toBe(steps.length);
  return steps.map(([op], i) => `${op} ${origins[i]?.path} (${origins[i]?.name})`);
}

/** The layer at a path, read as a reader of a message would. */
function at(root: Layer, path: string): { kind: string; name?: string } {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  return keys.reduce((layer: unknown, key) => (layer as Record<string, unknown>)[key], root) as { kind: string };
}

describe('every row of a listing knows the layer that made it', () => {
  test('in layers of layers', () => {
    const block = residual(serial(dense(), activation('tanh'), dense()), { bodyScale: 0.5, shortcut: dense() });
    expect(rows(lower(serial(dense({ inputScale: '1' }), relu, repeat(3, block), scale(2), dense())))).toEqual([
      'input  (serial)',
      'affine layers[0] (dense)',
      'relu layers[1] (relu)',
      'repeat layers[2] (repeat)',
      'push layers[2].layer (residual)',
      'affine layers[2].layer.body.layers[0] (dense)',
      'tanh layers[2].layer.body.layers[1] (tanh)',
      'affine layers[2].layer.body.layers[2] (dense)',
      'scale layers[2].layer (residual)',
      'swap layers[2].layer (residual)',
      'affine layers[2].layer.shortcut (dense)',
      'add layers[2].layer (residual)',
      'end layers[2] (repeat)',
      'scale layers[3] (scale)',
      'affine layers[4] (dense)',
      'emit  (serial)',
    ]);
  });

  test('on images, in unrolled repeats, and after a repeat of nothing', () => {
    const turns = residual(serial(conv(3), relu, conv(1)), { bodyScale: [0, 1, 2] });
    const nothing = repeat(4, scale(1));
    const program = lower(
      serial(conv(3, { inputScale: '1' }), nothing, repeat(3, turns), pool(2), head('pool'), dense()),
    );
    const found = rows(program);
    expect(found.filter((row) => row === 'relu layers[2].layer.body.layers[1] (relu)')).toHaveLength(2);
    expect(found.filter((row) => row.includes('layers[1]') && !row.includes('layers[2]'))).toEqual([]);
    expect(found.slice(-4)).toEqual([
      'average layers[3] (pool)',
      'mean layers[4] (head)',
      'affine layers[5] (dense)',
      'emit  (serial)',
    ]);
  });

  test('of a single layer: the network itself', () => {
    expect(rows(lower(dense({ inputScale: '1' })))).toEqual(['input  (dense)', 'affine  (dense)', 'emit  (dense)']);
  });

  const families: readonly (readonly [PresetFamily, readonly number[]])[] = [
    [{ preset: 'mlp', activation: 'tanh' }, [0, 1, 4, 9]],
    [{ preset: 'mlp', activation: 'tanh' }, [2, 3]],
    [{ preset: 'huang', alpha: 0.3, activation: 'silu' }, [1, 2, 6]],
    [{ preset: 'huang', alpha: [1, 0.5, 0.2], activation: 'silu' }, [1, 3]],
    [{ preset: 'li', activation: 'erf' }, [2, 5]],
    [{ preset: 'barzilai', alpha: 0.3, head: 'pool', activation: 'gelu' }, [0, 2, 3]],
    [{ preset: 'cntk', head: 'trace', activation: 'elu' }, [1, 3]],
  ];
  test.each(families)('of several depths in one pass: that of the network of its depth (%j, %j)', (family, depths) => {
    for (const { program, depths: own } of sweep(family, depths).programs) {
      let emitted = 0;
      for (const [i, [op]] of program.steps.entries()) {
        const { path, name } = program.origins[i] as { path: string; name: string };
        const depth = own[emitted] as number;
        if (path !== '') {
          const front = 'alpha' in family && Array.isArray(family.alpha) ? { alpha: family.alpha.slice(0, depth) } : {};
          const found = at(network({ ...(family as { preset: 'mlp' }), ...front, depth }), path);
          expect({ op, name }).toEqual({ op, name: found.kind === 'activation' ? found.name : found.kind });
        }
        if (op === 'emit') emitted++;
      }
      expect(emitted).toBe(own.length);
    }
  });

  test('so that one depth in one pass has the listing of its network', () => {
    expect(sweep({ preset: 'mlp' }, [5]).programs[0]?.program).toEqual(lower(mlp({ depth: 5 })));
    const alpha = { alpha: [1, 0.5, 0.2] };
    expect(sweep({ preset: 'huang', ...alpha }, [3]).programs[0]?.program).toEqual(
      lower(huang({ depth: 3, ...alpha })),
    );
  });
});
