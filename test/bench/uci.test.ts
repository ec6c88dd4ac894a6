// The UCI table: its kernels, protocols, figures of merit and files, on data made here.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { compile, gram } from '../../lib/index.js';
import { nested, points } from '../verbs/support.js';

// Plain JavaScript that runs on the built package, like the command itself.
const uci = async (file: string) => import(`../../bench/uci/${file}.mjs`);
const { readArchive } = await uci('archive');
const { readSets } = await uci('sets');
const { frozenMlp, groups } = await uci('kernels');
const { innerFolds, outcomes } = await uci('protocols');
const { ranks, summarise } = await uci('metrics');
const { append, readLines, scheme } = await uci('store');
const { unitsLeft } = await uci('units');
const { minutesOf, tablesOf } = await uci('page');
const { forest, learnable, mostFrequent, winners } = await uci('forest');

const folder = mkdtempSync(path.join(tmpdir(), 'resgram-uci-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A tar archive of regular files. */
function tar(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('0', 156);
    header.write('ustar\0', 257);
    const body = Buffer.alloc(512 * Math.ceil(content.length / 512));
    body.write(content);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const tiny = {
  './tiny/tiny.txt': 'n_entradas= 2\nn_clases= 2\nfich1= tiny_R.dat\nn_patrons1= 4\n',
  './tiny/tiny_R.dat': '\tf1\tf2\tclase\n1\t0.5\t1\t0\n2\t-1\t2\t1\n3\t1\t0\t0\n4\t-2\t1\t1\n',
  './tiny/conxuntos.dat': '0 1 \n2 3 \n',
  './tiny/conxuntos_kfold.dat': '0 1 2 \n3 \n0 1 3 \n2 \n0 2 3 \n1 \n1 2 3 \n0 \n',
};
const archived = (name: string, files: Readonly<Record<string, string>>): string => {
  const file = path.join(folder, name);
  writeFileSync(file, gzipSync(tar(files)));
  return file;
};

describe('the archive', () => {
  test('becomes sets with their splits', () => {
    const [set, ...more] = readSets(archived('tiny.tar.gz', tiny));
    expect(more).toEqual([]);
    expect(set).toMatchObject({ name: 'tiny', rows: 4, columns: 2, classes: 2 });
    expect([...set.x.data]).toEqual([0.5, 1, -1, 2, 1, 0, -2, 1]);
    expect([...set.y]).toEqual([0, 1, 0, 1]);
    expect(set.halves).toEqual({ train: [0, 1], test: [2, 3] });
    expect(set.folds.map(({ test: rows }: { test: number[] }) => rows)).toEqual([[3], [2], [1], [0]]);
  });

  test.each([
    [
      'a row too few',
      { './tiny/tiny_R.dat': '\tf1\tclase\n1\t0.5\t0\n' },
      'tiny: expected 4 rows of numbers, got 1 of 3',
    ],
    ['a class too many', { './tiny/tiny.txt': 'n_clases= 1\nn_patrons1= 4\n' }, 'tiny: expected classes from 0 to 0'],
    ['a row that is not there', { './tiny/conxuntos.dat': '0 1\n2 4\n' }, 'row numbers below 4'],
    ['folds missing', { './tiny/conxuntos_kfold.dat': '0 1\n2 3\n' }, 'expected one pair of halves and four folds'],
  ])('%s is refused', (_name, changed, message) => {
    expect(() => readSets(archived('bad.tar.gz', { ...tiny, ...changed }))).toThrow(message);
  });

  test.each([
    [540, 'cut short, or not a tar archive, at byte 0'],
    [1100, 'cut short, or not a tar archive: it has no end'],
  ])('cut short behind %i bytes is refused', (bytes, message) => {
    const file = path.join(folder, 'short.tar.gz');
    writeFileSync(file, gzipSync(tar(tiny).subarray(0, bytes)));
    expect(() => readArchive(file)).toThrow(message);
  });
});

describe('the kernels', () => {
  const x = points(12, 5);

  /** The published recursion: S is added to H before each layer from `fixed` on, then both pass through a ReLU. */
  function recursion(hidden: number, fixed: number): number[] {
    const rows = nested(x);
    const n = rows.length;
    let s = rows.flatMap((a) => rows.map((b) => a.reduce((sum, value, k) => sum + value * (b[k] as number), 0)));
    let h = s.map(() => 0);
    for (let layer = 0; ; layer++) {
      if (layer >= fixed) h = h.map((value, at) => value + (s[at] as number));
      if (layer === hidden) return h;
      const lengths = Array.from({ length: n }, (_, i) => Math.sqrt(s[i * n + i] as number));
      const scale = s.map((_, at) => (lengths[Math.floor(at / n)] as number) * (lengths[at % n] as number));
      const cosine = s.map((value, at) => Math.min(1, Math.max(-1, value / (scale[at] as number))));
      const share = cosine.map((u) => (Math.PI - Math.acos(u)) / (2 * Math.PI));
      h = h.map((value, at) => value * (share[at] as number));
      s = cosine.map(
        (u, at) => (u * (share[at] as number) + Math.sqrt(1 - u * u) / (2 * Math.PI)) * (scale[at] as number),
      );
    }
  }

  test.each([
    [0, 0],
    [1, 0],
    [1, 1],
    [4, 0],
    [4, 2],
    [4, 4],
  ])('%i hidden layers, the first %i fixed, are the published recursion', async (hidden, fixed) => {
    const { values } = await gram(compile(frozenMlp(hidden, fixed)), x, 'ntk');
    for (const [at, want] of recursion(hidden, fixed).entries()) expect(values[at]).toBeCloseTo(want, 7);
  });

  test('all but the last layer fixed is the NNGP kernel', async () => {
    const kernel = compile(frozenMlp(3, 3));
    const { ntk, nngp } = await gram(kernel, x, ['ntk', 'nngp']);
    expect(ntk.values).toEqual(nngp.values);
  });

  test('fifteen MLPs in the published order, and every ResNet with both kernels', () => {
    expect(groups.mlp.map(({ id }: { id: string }) => id).slice(0, 4)).toEqual([
      '0 hidden, 0 fixed',
      '1 hidden, 0 fixed',
      '1 hidden, 1 fixed',
      '2 hidden, 0 fixed',
    ]);
    expect(groups.mlp).toHaveLength(15);
    expect(groups.resnet).toHaveLength(12);
  });
});

describe('the protocols', () => {
  const rows = Array.from({ length: 40 }, (_, i) => i);
  const y = Float64Array.from(rows, (i) => (i % 4 === 0 ? 1 : 0));
  const folds = [0, 1, 2, 3].map((f) => ({
    train: rows.filter((i) => Math.floor(i / 10) !== f),
    test: rows.filter((i) => Math.floor(i / 10) === f),
  }));
  const set = {
    name: 'made',
    rows: 40,
    columns: 1,
    classes: 2,
    x: 'x',
    y,
    folds,
    halves: { train: [0, 1], test: [2, 3] },
  };
  /** Hits by kernel and strength; notes which rows it was shown. */
  const classifier = (hits: (kernel: string, strength: number) => number) => {
    const seen: { train: number[]; test: number[] }[] = [];
    return {
      seen,
      grid: [1, 2, 3],
      choose: async (kernel: string, _set: unknown, splits: { train: number[]; test: number[] }[]) => {
        seen.push(...splits);
        return splits.map(() => [1, 2, 3].map((strength) => hits(kernel, strength)));
      },
      judge: async (kernel: string, _set: unknown, _split: unknown, strength: number) => hits(kernel, strength),
    };
  };
  const candidates = ['a', 'b'].map((id) => ({
    id,
    methods: id === 'a' ? ['one'] : ['one', 'two'],
    gram: async () => id,
  }));

  test('published: the halves decide, the first of equals wins', async () => {
    const judge = classifier((kernel, strength) => (strength >= 2 ? 7 : kernel === 'a' ? 1 : 5));
    const found = await outcomes(set, 'published', candidates, judge);
    expect(found).toMatchObject([
      { method: 'one', accuracy: 0.7, choices: [{ kernel: 'a', strength: 2 }] },
      { method: 'two', accuracy: 0.7, choices: [{ kernel: 'b', strength: 2 }] },
    ]);
    expect(judge.seen).toEqual([set.halves, set.halves]);
  });

  test('nested: no test row of a fold takes part in its choice', async () => {
    const judge = classifier((kernel, strength) => (kernel === 'b' && strength === 3 ? 9 : 4));
    const [one] = await outcomes(set, 'nested', candidates, judge);
    expect(one).toMatchObject({ method: 'one', accuracy: 0.9, folds: [0.9, 0.9, 0.9, 0.9] });
    expect(one.choices).toEqual(folds.map(() => ({ kernel: 'b', strength: 3 })));
    for (const [f, { test: kept }] of folds.entries()) {
      const inner = judge.seen.slice(4 * f, 4 * f + 4);
      const used = inner.flatMap(({ train, test: rest }) => [...train, ...rest]);
      expect(used.filter((row) => kept.includes(row))).toEqual([]);
      // Each training row is tested once, and every inner fold has its share of the rarer class.
      expect(inner.flatMap(({ test: rest }) => rest).toSorted((a, b) => a - b)).toEqual(folds[f]?.train);
      for (const { test: rest } of inner) {
        const rare = rest.filter((row) => y[row] === 1).length;
        expect(rare).toBeGreaterThanOrEqual(1);
        expect(rare).toBeLessThanOrEqual(2);
      }
    }
  });

  test('of many rows one half decides for the other', () => {
    const many = Array.from({ length: 1001 }, (_, i) => i);
    const halves = innerFolds(many, new Float64Array(1001), 1);
    expect(
      halves.map(({ train, test: rest }: { train: number[]; test: number[] }) => [train.length, rest.length]),
    ).toEqual([[500, 501]]);
  });
});

describe('the forest', () => {
  test('of two classes says the probability of the second, of more those of all', () => {
    expect(winners([0.2, 0.9], ['c1', 'c0'])).toEqual(['c1', 'c0']);
    expect(winners([0.2, 0.7, 0.1, 0.3, 0.3, 0.4], ['a', 'b', 'c'])).toEqual(['b', 'c']);
  });

  test('learns classes of five rows and more', () => {
    expect(learnable([0, 0, 0, 0, 0, 1, 1, 1, 1], [0, 1, 2, 3, 4, 5, 6, 7, 8])).toEqual([0, 1, 2, 3, 4]);
    expect(mostFrequent([2, 1, 1, 2, 0])).toBe(2);
  });

  test('is a piece of work where it is asked for, and stands under both protocols', () => {
    const sets = [{ name: 'tiny', rows: 4 }];
    const [unit, ...others] = unitsLeft(sets, [], { forest: true }).slice(8);
    expect(unit).toEqual({ set: 'tiny', rows: 4, protocol: 'published', classifier: 'forest', group: 'forest' });
    expect(others).toEqual([]);
    const line = { scheme, set: 'tiny', protocol: 'published', classifier: 'forest', method: forest, accuracy: 0.9 };
    expect(unitsLeft(sets, [line], { forest: true })).toHaveLength(8);
    for (const { methods, table } of tablesOf([line], sets))
      expect({ methods, table }).toEqual({ methods: [forest], table: [[0.9]] });
  });
});

describe('figures of merit', () => {
  test('ranks share the places of those that tie', () => {
    expect(ranks([0.5, 0.9, 0.5, 0.1])).toEqual([2.5, 1, 2.5, 4]);
    expect(ranks([0.1 + 0.2, 0.3])).toEqual([1.5, 1.5]);
  });

  test('by hand', () => {
    const [a, b] = summarise(
      ['a', 'b'],
      [
        [1, 0.9],
        [0.5, 0.5],
        [0.47, 0.5],
        [0, 0],
      ],
    );
    expect(a).toMatchObject({ rank: 1.5, p90: 1, p95: 0.75 });
    expect(a.mean).toBeCloseTo(0.4925, 12);
    expect(a.pma).toBeCloseTo((1 + 1 + 0.94 + 1) / 4, 12);
    expect(b).toMatchObject({ rank: 1.5, p90: 1, p95: 0.75 });
    expect(b.deviation).toBeCloseTo(Math.sqrt((0.425 ** 2 + 2 * 0.025 ** 2 + 0.475 ** 2) / 3), 12);
  });
});

describe('the file of results', () => {
  const line = (set: string, method: string, accuracy = 0.5) => ({
    scheme,
    set,
    rows: 4,
    protocol: 'published',
    classifier: 'svm',
    method,
    accuracy,
    folds: [],
    choices: [],
  });

  test('goes on behind a line that was cut short', () => {
    const file = path.join(folder, 'results.jsonl');
    expect(readLines(file)).toEqual([]);
    append(file, [line('tiny', 'MLP NTK')]);
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"scheme":1,"set":"ti`);
    append(file, [line('tiny', 'MLP NNGP'), line('tiny', 'MLP NTK', 0.75), { ...line('tiny', 'other'), scheme: 0 }]);
    const found = readLines(file).map(({ method, accuracy }: { method: string; accuracy: number }) => [
      method,
      accuracy,
    ]);
    expect(found).toEqual([
      ['MLP NTK', 0.75],
      ['MLP NNGP', 0.5],
    ]);
  });

  test('says what is left', () => {
    const sets = [
      { name: 'tiny', rows: 4 },
      { name: 'large', rows: 9 },
    ];
    const all = unitsLeft(sets, []);
    expect(all).toHaveLength(16);
    expect(all[0]).toEqual({ set: 'large', rows: 9, protocol: 'published', classifier: 'svm', group: 'mlp' });
    const done = [line('large', 'MLP NTK'), line('large', 'MLP NNGP'), line('tiny', 'MLP NTK')];
    expect(unitsLeft(sets, done).slice(0, 2)).toMatchObject([
      { set: 'tiny', group: 'mlp' },
      { set: 'large', group: 'resnet' },
    ]);
    expect(unitsLeft(sets, [], { protocol: 'nested', classifier: 'ridge' })).toHaveLength(4);
  });

  test('has a table of the methods that are complete, and names the others', () => {
    const sets = [{ name: 'tiny' }, { name: 'large' }];
    const lines = [line('large', 'MLP NTK', 0.8), line('tiny', 'MLP NTK', 0.6), line('tiny', 'ResNet NTK')];
    const [published] = tablesOf(lines, sets);
    expect(published.methods).toEqual(['MLP NTK + SVM']);
    expect(published.table).toEqual([[0.6], [0.8]]);
    expect(published.missing).toContainEqual({ method: 'ResNet NTK + SVM', done: 1 });
  });

  test('counts the time of a piece once, and that of the forest apart', () => {
    const timed = (set: string, method: string, cpu: number) => ({ ...line(set, method), cpu });
    const lines = [
      timed('tiny', 'MLP NTK', 60),
      timed('tiny', 'MLP NNGP', 60),
      timed('tiny', 'ResNet NTK', 30),
      timed('large', 'MLP NTK', 15),
      { ...timed('tiny', 'Random forest', 120), classifier: 'forest' },
    ];
    expect(minutesOf(lines)).toEqual({ kernels: 1.75, trees: 2, pieces: 3 });
  });
});
