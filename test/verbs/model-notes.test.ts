/** Notes that go into a model file and come back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compile, huang, loadModel, type Regressor, regress } from '../../lib/index.js';
import { numbers, points, refusal } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'resgram-notes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const fitted = () => regress(compile(huang({ depth: 3, alpha: 0.5 })), points(8, 4), numbers(8, 7), { ridge: 0.1 });

describe('notes', () => {
  test('come back as they were, or are refused with the place of what JSON would lose', async () => {
    const model = await fitted();
    const loop: unknown[] = [];
    loop.push({ again: loop });
    const lossy: [notes: unknown, place: string][] = [
      [Number.NaN, 'notes'],
      [{ scale: [1, Number.POSITIVE_INFINITY] }, 'notes.scale[1]'],
      [{ a: undefined }, 'notes.a'],
      [[undefined], 'notes[0]'],
      [new Array(2), 'notes'],
      [{ at: { call: () => 1 } }, 'notes.at.call'],
      [new Map([[1, 2]]), 'notes'],
      [{ when: new Date(0) }, 'notes.when'],
      [{ means: Float64Array.of(1) }, 'notes.means'],
      [{ big: 1n }, 'notes.big'],
      [{ [Symbol('hidden')]: 1 }, 'notes'],
      [loop, 'notes[0].again'],
    ];
    for (const [notes, place] of lossy) {
      const { message } = await refusal(() => model.save(at('lossy.model'), { notes }), 'ERR_ARGUMENT');
      expect(message.slice(0, message.indexOf(':'))).toBe(place);
      expect(message).toContain('expected plain data that JSON can hold, got');
    }
    const shared = [1.5];
    const whole = { a: null, b: [true, 'µ', -1e-300, shared], c: { d: {}, shared }, e: Object.create(null) };
    await model.save(at('notes.model'), { notes: whole });
    expect((await loadModel(at('notes.model'))).notes).toEqual({ ...whole, e: {} });
  });

  test('of a loaded model stay, are replaced, or are left out', async () => {
    await (await fitted()).save(at('first.model'), { notes: { a: 1 } });
    const loaded = (await loadModel(at('first.model'))) as Regressor;
    const resaved = async (notes?: unknown) => {
      await loaded.save(at('again.model'), { force: true, ...(notes === undefined ? {} : { notes }) });
      return loadModel(at('again.model'));
    };
    expect((await resaved()).notes).toEqual({ a: 1 });
    expect((await resaved({})).notes).toEqual({});
    expect('notes' in (await resaved(null))).toBe(false);
  });
});
