// The service over models of `resgram fit`: rows as its tables and matrices have them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { loadModel } from '../../lib/index.js';
import { npyFile, resgram } from '../cli/run.js';
import { numbers } from '../verbs/support.js';

const n = 40;

// biome-ignore lint/suspicious/noExplicitAny: the example is JavaScript
let service: (model: any, options?: object) => any;
beforeAll(async () => {
  ({ service } = await import(path.resolve(import.meta.dirname, '..', '..', 'examples', 'service', 'app.mjs')));
});

// biome-ignore lint/suspicious/noExplicitAny: as above
const open: any[] = [];
afterEach(() => Promise.all(open.splice(0).map((app) => app.close())));

test("answers are those of 'resgram predict', to the last bit", async () => {
  const [folder, size] = [mkdtempSync(path.join(tmpdir(), 'resgram-fitted-')), numbers(n, 5)];
  try {
    const flats = Array.from({ length: n }, (_, i) => ({
      size: 70 + 40 * (size[i] as number),
      town: ['Aarau', 'Bern', 'Chur'][i % 3] as string,
    }));
    const price = (i: number) => 3 * (flats[i] as (typeof flats)[number]).size + 20 * (i % 3);
    const lines = flats.map((flat, i) => `${flat.size},${flat.town},${price(i)}\n`);
    writeFileSync(path.join(folder, 'flats.csv'), `size,town,price\n${lines.join('')}`);
    const fit = ['fit', 'flats.csv', '--out', 'flats.model', '--networks', 'mlp', '--depths', '1,2'];
    const fitted = await resgram([...fit, '--no-learning-curve'], { cwd: folder });
    expect(fitted.code, fitted.stderr).toBe(0);
    const told = await resgram(['predict', 'flats.model', 'flats.csv', '--std', '--no-score', '--json'], {
      cwd: folder,
    });
    const { prediction, std } = JSON.parse(told.stdout).predictions;

    const app = service(await loadModel(path.join(folder, 'flats.model')));
    open.push(app);
    const ask = (rows: unknown) => app.inject({ method: 'POST', url: '/predict', payload: { rows } });
    const { predictions } = (await ask(flats)).json();
    expect(predictions).toEqual(flats.map((_, i) => ({ mean: [prediction[i]], std: [std[i]] })));
    const { town, size: area } = flats[7] as (typeof flats)[number];
    const alone = (await ask([{ town, price: null, size: area }])).json();
    expect(alone.predictions).toEqual([predictions[7]]);
    expect((await app.inject('/model')).json().columns).toEqual([
      'size',
      { name: 'town', levels: ['Aarau', 'Bern', 'Chur'] },
    ]);
    for (const [row, message] of [
      [{ size: 50 }, "body/rows/0 must have required property 'town'"],
      [{ size: 50, town: 'Bern', floor: 1 }, "body/rows/0 must NOT have additional properties: 'floor'"],
      [{ size: '50', town: 'Bern' }, 'body/rows/0/size must be number'],
      [{ size: 50, town: null }, 'body/rows/0/town must be string,number,boolean'],
      [
        { size: 50, town: 'Basel' },
        "rows[0], column 'town': the level 'Basel' does not occur in the training data ('Aarau', 'Bern', 'Chur'); " +
          'leave such rows out',
      ],
    ] as const) {
      const answer = await ask([row]);
      expect([answer.statusCode, answer.json().message]).toEqual([400, message]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('rows of a matrix are arrays of as many numbers as it has, within bounds', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'resgram-fitted-'));
  try {
    const matrix = Float64Array.from({ length: 4 * n }, (_, k) => numbers(4 * n, 6)[k] as number);
    writeFileSync(path.join(folder, 'rows.npy'), npyFile(matrix, [n, 4]));
    const fit = ['fit', 'rows.npy', '--task', 'regress', '--out', 'rows.model', '--networks', 'mlp', '--depths', '1,2'];
    const fitted = await resgram([...fit, '--no-learning-curve'], { cwd: folder });
    expect(fitted.code, fitted.stderr).toBe(0);
    const app = service(await loadModel(path.join(folder, 'rows.model')));
    open.push(app);
    const ask = (rows: unknown) => app.inject({ method: 'POST', url: '/predict', payload: { rows } });
    expect((await ask([[0.1, 0.2, 0.3]])).statusCode).toBe(200);
    expect((await ask([[0.1, 0.2, 0.3, 5]])).statusCode).toBe(200);
    for (const [row, message] of [
      [[0.1, 0.2], 'body/rows/0 must NOT have fewer than 3 items'],
      [[1, 2, 3, 4, 5], 'body/rows/0 must NOT have more than 4 items'],
      [[1, 2, 1e120], 'body/rows/0/2 must be <= 1e+100'],
      [[1, null, 3], 'body/rows/0/1 must be number'],
    ] as const) {
      const answer = await ask([row]);
      expect([answer.statusCode, answer.json().message]).toEqual([400, message]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
