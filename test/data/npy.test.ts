import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherColumn, gatherRows, type StoredArray } from '../../lib/data/array.js';
import { npyBytes, npyChunks, npyHeader, readNpy } from '../../lib/data/npy.js';
import { expectFailure, expectRefusal, fixtures } from './support.js';

const fromNumpy = (name: string) => readNpy(readFileSync(join(fixtures, 'numpy', `${name}.npy`)), `${name}.npy`);
const allRows = (array: StoredArray) => Uint32Array.from({ length: array.shape[0] ?? 0 }, (_, i) => i);
const numbers = async (array: StoredArray) => Array.from(await gatherRows(array, allRows(array)));

describe('arrays written by NumPy', () => {
  const signed = [0, -1, 2, 3, -4, 5];
  const expected: Record<string, number[]> = {
    f: signed.map((v) => v / 2),
    i: signed,
    u: [0, 1, 2, 3, 4, 5],
  };
  for (const [kind, values] of Object.entries(expected)) {
    for (const size of kind === 'f' ? [2, 4, 8] : [1, 2, 4, 8]) {
      for (const order of size === 1 ? ['little'] : ['little', 'big']) {
        it(`${kind}${size}, ${order}-endian`, async () => {
          const array = fromNumpy(`${kind}${size}-${order}`);
          expect(array.shape).toEqual([2, 3]);
          expect(await numbers(array)).toEqual(values.map((v) => v + 0));
        });
      }
    }
  }

  it('bool', async () => expect(await numbers(fromNumpy('b1'))).toEqual([0, 1, 0, 1, 0, 1]));

  it.each(['version-1', 'version-2', 'version-3', 'fortran', 'fortran-big'])('%s', async (name) => {
    expect(await numbers(fromNumpy(name))).toEqual([0, -0.5, 1, 1.5, -2, 2.5]);
  });

  it('column-major arrays give the same columns and single rows as row-major ones', async () => {
    for (const name of ['version-1', 'fortran', 'fortran-big']) {
      expect(Array.from(await gatherColumn(fromNumpy(name), 1))).toEqual([-0.5, -2]);
      expect(Array.from(await gatherRows(fromNumpy(name), Uint32Array.of(1)))).toEqual([1.5, -2, 2.5]);
    }
  });

  it('vectors, scalars and empty arrays keep their shape', async () => {
    expect(fromNumpy('vector').shape).toEqual([4]);
    expect(fromNumpy('scalar').shape).toEqual([]);
    expect(fromNumpy('empty').shape).toEqual([0, 3]);
    expect(await numbers(fromNumpy('empty'))).toEqual([]);
  });

  it('images are flattened row by row', async () => {
    expect(fromNumpy('images').shape).toEqual([2, 3, 4]);
    expect(await numbers(fromNumpy('images'))).toEqual(Array.from({ length: 24 }, (_, k) => k));
  });

  it('half precision: largest, subnormal, smallest normal, infinite, NaN', async () => {
    const values = await numbers(fromNumpy('half-extremes'));
    expect(values.slice(0, 2)).toEqual([65504, -65504]);
    expect(values[2]).toBe(2 ** -24);
    expect(values[3]).toBeCloseTo(6.1e-5, 7);
    expect(values.slice(4, 7)).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
    expect(Object.is(values[7], -0)).toBe(true);
  });

  it.each([
    ['object', /Python objects \(a pickle\)/],
    ['structured', /records with named fields/],
    ['complex', /element type '<c16'/],
    ['text', /element type '<U2'/],
  ])('%s is refused', (name, message) => expectRefusal(() => fromNumpy(name), 'ERR_DATA', message));
});

describe('writing', () => {
  it('gives the bytes that NumPy writes', () => {
    const bytes = npyBytes({ data: Float64Array.of(0, -0.5, 1, 1.5, -2, 2.5), shape: [2, 3] });
    expect(Buffer.from(bytes).equals(readFileSync(join(fixtures, 'numpy', 'version-1.npy')))).toBe(true);
    const vector = npyBytes({ data: Float64Array.of(0, 1, 2, 3), shape: [4] });
    expect(Buffer.from(vector).equals(readFileSync(join(fixtures, 'numpy', 'vector.npy')))).toBe(true);
  });

  it('comes back bit by bit, for any shape and any double', async () => {
    const shapes = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 });
    const tensors = shapes.chain((shape) => {
      const length = shape.reduce((product, n) => product * n, 1);
      const data = fc.float64Array({ minLength: length, maxLength: length });
      return fc.oneof(
        data.map((values) => ({ data: values as Float64Array | Float32Array, shape })),
        data.map((values) => ({ data: Float32Array.from(values), shape })),
      );
    });
    await fc.assert(
      fc.asyncProperty(tensors, async ({ data, shape }) => {
        const array = readNpy(npyBytes({ data, shape }), 'round-trip.npy');
        expect(array.shape).toEqual(shape);
        const back = await gatherRows(array, allRows(array));
        expect(back).toEqual(Float64Array.from(data));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('parts of a large matrix are views, not copies, and join to the whole', () => {
    const data = Float64Array.from({ length: 1_200_000 }, (_, k) => k);
    const parts = [...npyChunks({ data, shape: [1000, 1200] })];
    expect(parts.length).toBe(4);
    expect(parts[1]?.buffer).toBe(data.buffer);
    const payload = Buffer.concat(parts.slice(1));
    expect(payload.equals(Buffer.from(data.buffer))).toBe(true);
    expect((parts[0]?.length ?? 0) % 64).toBe(0);
  });

  it('refuses a shape that does not fit', () =>
    expectRefusal(
      () => npyBytes({ data: new Float64Array(5), shape: [2, 3] }),
      'ERR_SHAPE',
      /5 numbers as shape \[2, 3\]/,
    ));
});

describe('malformed files', () => {
  const payload = (bytes: number) => new Uint8Array(bytes);
  const file = (header: string, content: Uint8Array = payload(48), version = [1, 0], length = header.length) => {
    const size = version[0] === 1 ? 2 : 4;
    const start = Buffer.alloc(8 + size);
    start.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...version]);
    start.writeUIntLE(length, 8, size);
    return Buffer.concat([start, Buffer.from(header, 'latin1'), content]);
  };
  const dict = (descr: string, order: string, shape: string) =>
    `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
  const good = dict("'<f8'", 'False', '(2, 3)');

  it('the frame of these tests is sound', async () => {
    expect(readNpy(file(good), 'good.npy').shape).toEqual([2, 3]);
    expect(readNpy(file(`{"shape": (6,), "fortran_order": True, "descr": ">f8"}`), 'good.npy').fortranOrder).toBe(true);
  });

  const cases: [string, Uint8Array, RegExp][] = [
    ['no magic', Buffer.from('hello'), /must begin with/],
    ['only magic', Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]), /version \?\.\?/],
    ['version 4', file(good, payload(48), [4, 0]), /version 4\.0/],
    ['version 1.7', file(good, payload(48), [1, 7]), /version 1\.7/],
    ['cut in the header', file(good).subarray(0, 40), /ends inside the header/],
    ['cut in the length', file(good).subarray(0, 9), /ends inside the header/],
    ['header of 1 GiB', file(good, payload(48), [2, 0], 2 ** 30), /more than the limit of 65536/],
    ['cut in the data', file(good).subarray(0, -1), /needs 48 bytes, 47 follow/],
    ['trailing bytes', file(good, payload(49)), /needs 48 bytes, 49 follow/],
    ['negative length', file(dict("'<f8'", 'False', '(-1,)')), /expected a whole number/],
    ['product too large', file(dict("'<f8'", 'False', '(1000000, 1000000)')), /needs 8000000000000 bytes/],
    ['product beyond 2^53', file(dict("'<f8'", 'False', '(99999999999, 99999999999)')), /needs too many bytes/],
    ['absurd length', file(dict("'<f8'", 'False', '(99999999999999999999,)')), /expected a whole number/],
    ['fraction in the shape', file(dict("'<f8'", 'False', '(2.0, 3)')), /expected ','/],
    ['number, not tuple', file(dict("'<f8'", 'False', '(6)')), /expected ','/],
    ['nested tuple', file(dict("'<f8'", 'False', '((2, 3),)')), /expected a whole number/],
    ['call as shape', file(dict("'<f8'", 'False', "__import__('os').system('true')")), /expected '\('/],
    ['33 axes', file(dict("'<f8'", 'False', `(${'1, '.repeat(33)})`)), /more than 32 axes/],
    ['order as a number', file(dict("'<f8'", '0', '(2, 3)')), /expected True or False/],
    ['repeated key', file(`{'shape': (2, 3), 'shape': (2, 3)}`), /unknown or repeated key 'shape'/],
    ['unknown key', file(`{'descr': '<f8', '__proto__': 1}`), /unknown or repeated key '__proto__'/],
    ['missing key', file(`{'descr': '<f8', 'shape': (2, 3)}`), /must have the keys/],
    ['text after it', file(`${good.trimEnd()} 1`), /expected the end of the header/],
    ['escapes in a string', file(dict("'<f\\x38'", 'False', '(2, 3)')), /expected a plain string/],
    ['native byte order', file(dict("'=f8'", 'False', '(2, 3)')), /element type '=f8'/],
    ['no byte order for 8 bytes', file(dict("'|f8'", 'False', '(2, 3)')), /element type '\|f8'/],
    ['16-byte floats', file(dict("'<f16'", 'False', '(3,)')), /element type '<f16'/],
    ['times', file(dict("'<M8[ns]'", 'False', '(6,)')), /element type '<M8\[ns\]'/],
    ['objects', file(dict("'|O'", 'False', '(6,)')), /pickle/],
    ['constructor as a type', file(dict("'<constructor'", 'False', '(6,)')), /element type '<constructor'/],
  ];
  it.each(cases)('%s', (_, bytes, message) => expectRefusal(() => readNpy(bytes, 'bad.npy'), 'ERR_DATA', message));

  it('64-bit integers without an exact double are refused, others are read', async () => {
    const header = dict("'<i8'", 'False', '(2,)');
    const of = (...values: bigint[]) =>
      readNpy(file(header, new Uint8Array(BigInt64Array.from(values).buffer)), 'i8.npy');
    expect(await numbers(of(-(2n ** 63n), 2n ** 62n))).toEqual([-(2 ** 63), 2 ** 62]);
    expect(await numbers(of(-(2n ** 53n) + 1n, -1n))).toEqual([-(2 ** 53) + 1, -1]);
    await expectFailure(() => numbers(of(0n, 2n ** 53n + 1n)), 'ERR_DATA', /9007199254740993 has no exact float64/);
    await expectFailure(() => numbers(of(0n, -(2n ** 53n) - 1n)), 'ERR_DATA', /-9007199254740993 has no exact/);
  });

  it('an empty shape beside an absurd length allocates nothing', async () => {
    const array = readNpy(file(dict("'<f8'", 'True', '(0, 1000000000)'), payload(0)), 'empty.npy');
    expect(await numbers(array)).toEqual([]);
  });

  it('the header for a scalar shape is one NumPy reads', () => {
    expect(Buffer.from(npyHeader('float32', [])).toString('latin1')).toContain(
      "'descr': '<f4', 'fortran_order': False, 'shape': (), }",
    );
  });
});
