import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CompareReport } from '../../lib/compare/schema.js';
import { readNpy } from '../../lib/data/npy.js';
import { objections } from '../helpers/schemas.js';
import { listing, npyFile, points, resgram, workplace } from './run.js';

const { path: cwd, write } = workplace();
const wine = join(import.meta.dirname, '..', '..', 'examples', 'wine.csv');

/** Two classes that overlap, with a column of text and a duplicate row: ordinary data. */
function table(rows: number, from: number): string {
  const numbers = points(from + rows, 2);
  const lines = Array.from({ length: rows }, (_, i) => {
    const [a = 0, b = 0] = numbers.subarray(2 * (from + i), 2 * (from + i) + 2);
    return `${a},${b},${i % 3 === 0 ? 'red' : 'blue'},${a * b + 0.1 * a > 0 ? 'yes' : 'no'}`;
  });
  return `a,b,colour,label\n${[...lines, lines[0]].join('\n')}\n`;
}
write('train.csv', table(60, 0));
write('test.csv', table(30, 60));
write(
  'smooth.npy',
  npyFile(
    Float64Array.from({ length: 120 }, (_, k) => Math.sin(k * (1 + (k % 3)))),
    [40, 3],
  ),
);

const small = ['--networks', 'mlp,resnet:0.1', '--depths', '2,1', '--splits', '3'];

async function compare(args: readonly string[]) {
  const result = await resgram(['compare', ...args], { cwd });
  expect(result).toMatchObject({ code: 0 });
  return result;
}

function report(folder: string): CompareReport {
  return JSON.parse(readFileSync(join(cwd, folder, 'report.json'), 'utf8')) as CompareReport;
}

describe('resgram compare', () => {
  test('writes the report, its numbers, the splits, the run and the figures', async () => {
    const { stdout, stderr } = await compare([
      'train.csv',
      '--test',
      'test.csv',
      ...small,
      '--out',
      'all',
      '--matrices',
    ]);
    const files = listing(join(cwd, 'all'));
    expect(files).toEqual(expect.arrayContaining(['report.html', 'report.json', 'run.json', 'splits.json']));
    const figures = files.filter((file) => file.startsWith('figures/'));
    expect(figures.length).toBeGreaterThan(4);
    for (const svg of figures.filter((file) => file.endsWith('.svg')))
      expect(figures).toContain(svg.replace(/svg$/, 'png'));

    const { verdict, data, networks, protocol, provenance } = report('all');
    expect(data).toMatchObject({ rows: 61, holdoutRows: 31, task: 'classify', target: 'label' });
    expect(networks.map(({ id }) => id)).toEqual(['mlp', 'resnet-a0.1']);
    expect(protocol).toMatchObject({ depths: [1, 2], splits: { count: 3, seed: 0 } });
    expect(provenance.command).toBe(
      'resgram compare train.csv --test test.csv --networks mlp,resnet:0.1 --depths 1,2 --splits 3 --matrices',
    );
    expect(stdout).toContain(verdict.headline);
    for (const { answer } of verdict.answers) expect(stdout).toContain(answer);
    expect(stdout).toContain('The report: all/report.html\n');
    expect(stderr).toContain('train.csv: 61 rows');

    const { splits } = JSON.parse(readFileSync(join(cwd, 'all', 'splits.json'), 'utf8'));
    expect(splits).toHaveLength(3);
    const html = readFileSync(join(cwd, 'all', 'report.html'), 'utf8');
    expect(html.startsWith('<!doctype html>') || html.startsWith('<!DOCTYPE html>')).toBe(true);
  });

  test('--matrices are the Gram matrices of all rows, by network and depth', () => {
    const files = listing(join(cwd, 'all', 'matrices'));
    const arrays = ['mlp-L1-ntk.npy', 'mlp-L2-ntk.npy', 'resnet-a0.1-L1-ntk.npy', 'resnet-a0.1-L2-ntk.npy'];
    expect(files).toEqual(['matrices.json', ...arrays].sort());
    const { matrices, ...head } = JSON.parse(readFileSync(join(cwd, 'all', 'matrices', 'matrices.json'), 'utf8'));
    expect(head).toMatchObject({ schema: 1, kind: 'matrices' });
    expect(matrices.map(({ file }: { file: string }) => file)).toEqual(arrays);
    expect(matrices[1]).toEqual({
      ...{ file: 'mlp-L2-ntk.npy', kernel: 'ntk', network: 'mlp', depth: 2 },
      ...{ shape: [61, 61], dtype: 'float64', logScale: 0 },
    });
    for (const file of arrays) {
      const { shape, payload } = readNpy(readFileSync(join(cwd, 'all', 'matrices', file)), file);
      expect(shape).toEqual([61, 61]);
      const values = new Float64Array(Uint8Array.from(payload).buffer);
      // The last row repeats the first.
      expect(values.subarray(60 * 61)).toEqual(values.subarray(0, 61));
    }
  });

  test('--matrices keep the scale of a kernel beyond the range of doubles', async () => {
    const deep = ['--networks', 'resnet:1', '--depths', '2000', '--splits', '2', '--kernel', 'nngp', '--bias', '0'];
    await compare(['train.csv', ...deep, '--precision', 'float32', '--out', 'deep', '--matrices']);
    const { matrices } = JSON.parse(readFileSync(join(cwd, 'deep', 'matrices', 'matrices.json'), 'utf8'));
    expect(matrices[0]).toMatchObject({ depth: 2000, dtype: 'float32' });
    // Each block of α = 1 doubles the variance.
    expect(matrices[0].logScale / Math.log(2)).toBeGreaterThan(1900);
  });

  test('two runs write the same bytes but for run.json', async () => {
    const args = ['train.csv', ...small, '--standardize', 'sphere'];
    await compare([...args, '--out', 'one']);
    await compare([...args, '--out', 'elsewhere/two', '--json', '--quiet']);
    const files = listing(join(cwd, 'one'));
    expect(listing(join(cwd, 'elsewhere', 'two'))).toEqual(files);
    for (const file of files.filter((name) => name !== 'run.json' && name !== 'figures')) {
      expect(readFileSync(join(cwd, 'one', file)).equals(readFileSync(join(cwd, 'elsewhere', 'two', file))), file).toBe(
        true,
      );
    }
  });

  test('--json prints report.json and nothing else', async () => {
    const { stdout, stderr } = await compare(['train.csv', ...small, '--out', 'json', '--json']);
    expect(stderr).toBe('');
    expect(stdout).toBe(readFileSync(join(cwd, 'json', 'report.json'), 'utf8'));
    expect(objections('report', JSON.parse(stdout))).toEqual([]);
  });

  test('run.json has what differs from run to run', () => {
    const run = JSON.parse(readFileSync(join(cwd, 'json', 'run.json'), 'utf8'));
    expect(objections('run', run)).toEqual([]);
    expect(objections('run', { ...run, started: 0 })).not.toEqual([]);
    expect(run).toMatchObject({
      schema: 1,
      kind: 'run',
      args: ['compare', 'train.csv', ...small, '--out', 'json', '--json'],
    });
    expect(Math.abs(Date.parse(run.started) - Date.now())).toBeLessThan(3_600_000);
    const phases = run.phases.map(({ phase }: { phase: string }) => phase);
    expect([phases[0], phases.at(-1)]).toEqual(['reading', 'report']);
    expect(phases).toContain('Gram matrices');
    const sum = run.phases.reduce((seconds: number, phase: { seconds: number }) => seconds + phase.seconds, 0);
    expect(run.seconds).toBeGreaterThanOrEqual(sum - 0.01);
    expect(run.peakMemory).toBeGreaterThan(2 ** 24);
    const text = readFileSync(join(cwd, 'json', 'report.json'), 'utf8');
    expect(text).not.toContain(run.started.slice(0, 10));
  });

  test('takes the options of the protocol', async () => {
    await compare([
      ...['smooth.npy', '--target', '1', '--task', 'regress', '--networks', 'mlp', '--depths', '3', '--splits', '2'],
      ...['--ridge', '1e-3', '--bias', '0.5', '--kernel', 'nngp', '--convention', 'tirer', '--activation', 'erf'],
      ...[
        '--seed',
        '7',
        '--train-rows',
        '20',
        '--limit',
        '35',
        '--all-rows',
        '30',
        '--precision',
        'float32',
        '--standardize',
        'none',
        '--out',
        'set',
      ],
    ]);
    const { data, protocol, verdict } = report('set');
    expect(verdict.caveats.join(' ')).toContain('a random sample of 30 rows of the 35 rows');
    expect(data).toMatchObject({ rows: 35, features: 2, task: 'regress', classes: null });
    expect(protocol).toMatchObject({
      convention: 'tirer',
      kernel: 'nngp',
      precision: 'float32',
      scaling: 'none',
      bias: 0.5,
      activation: 'erf',
      ridge: 1e-3,
      depths: [3],
      splits: { count: 2, trainRows: 20, seed: 7 },
      allRows: 30,
      metric: 'rmse',
    });
  });

  test('keeps the classes that are asked for, and columns that are not ignored', async () => {
    await compare([wine, '--classes', 'barolo,barbera', '--ignore', 'ash,proline', ...small, '--out', 'wine']);
    const { data } = report('wine');
    expect(data.classes?.map(({ label }) => label)).toEqual(['barolo', 'barbera']);
    expect(data.features).toBe(11);
  });
});
