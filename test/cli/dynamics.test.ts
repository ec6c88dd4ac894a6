import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../lib/compile.js';
import { dynamics } from '../../lib/dynamics.js';
import { cross, gram } from '../../lib/kernel.js';
import { objections } from '../helpers/schemas.js';
import { finished, listing, points, resgram, start, workplace } from './run.js';

const { path: cwd, write } = workplace();
const [n, m] = [40, 15];
const x = points(n + m, 2);
const value = (i: number) => Math.sin(3 * (x[2 * i] as number)) + 2 * Math.cos(50 * i * i);
const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `${x[2 * (from + i)]},${x[2 * (from + i) + 1]},${value(from + i)}`);
write('train.csv', `a,b,y\n${rows(0, n).join('\n')}\n`);
write('test.csv', `a,b,y\n${rows(n, m).join('\n')}\n`);
const iris = join(import.meta.dirname, '..', 'fixtures', 'iris.csv');
const net = { preset: 'mlp', depth: 2, bias: { var: 0.5, init: 'normal', trainable: true } } as const;

async function json(...args: string[]) {
  const { code, stdout, stderr } = await resgram(['dynamics', ...args, '--json'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('resgram dynamics', () => {
  let report: Awaited<ReturnType<typeof json>>;
  beforeAll(async () => {
    const times = ['--times', '0,1,30,inf', '--standardize', 'none'];
    report = await json('train.csv', '--test', 'test.csv', '--network', JSON.stringify(net), ...times, '--out', 'd');
  });

  test('has the losses, rates and stopping time of the library', async () => {
    using kernel = compile(net);
    const part = (from: number, count: number) => ({ data: x.slice(2 * from, 2 * (from + count)), shape: [count, 2] });
    const y = Array.from({ length: n }, (_, i) => value(i));
    const centre = y.reduce((sum, one) => sum + one, 0) / n;
    const run = await dynamics(
      await gram(kernel, part(0, n), 'ntk'),
      y.map((one) => one - centre),
      {
        times: [0, 1, 30, Number.POSITIVE_INFINITY],
        cross: await cross(kernel, part(n, m), part(0, n), 'ntk'),
        validation: Array.from({ length: m }, (_, i) => value(n + i) - centre),
      },
    );
    expect(report).toMatchObject({
      schema: 1,
      kind: 'dynamics',
      rank: run.rank,
      protocol: { trainRows: n, validationRows: m },
    });
    expect(report.moments.map(({ time }: { time: unknown }) => time)).toEqual([0, 1, 30, 'Infinity']);
    for (const [t, moment] of report.moments.entries()) {
      expect(Math.abs(moment.trainLoss - (run.trainLoss[t] as number))).toBeLessThan(1e-12);
      expect(Math.abs(moment.validationLoss - (run.testLoss?.[t] as number))).toBeLessThan(1e-10);
      // Half of the mean square is the loss.
      expect(moment.validationError ** 2 / 2 / moment.validationLoss).toBeCloseTo(1, 9);
    }
    expect(report.earlyStopping.time).toBeGreaterThan(0);
    expect(report.earlyStopping.time / (run.earlyStopping?.time as number)).toBeCloseTo(1, 6);
    expect(report.stabilityLimit / run.stabilityLimit).toBeCloseTo(1, 10);
    const shares = report.modes.map(({ share }: { share: number }) => share);
    expect(shares.reduce((sum: number, share: number) => sum + share)).toBeCloseTo(1, 10);
    for (const [k, { rate }] of report.modes.entries()) expect(rate / (run.rates[k] as number)).toBeCloseTo(1, 6);
  });

  test('says of which rows the errors are', async () => {
    const { stdout } = await resgram(['dynamics', 'train.csv', '--times', '0,1', '--out', 'words'], { cwd });
    expect(stdout).toMatch(/^time +training loss +validation loss +validation RMSE$/m);
  });

  test('writes page, text, numbers, tables and figures', () => {
    const files = listing(join(cwd, 'd'));
    for (const file of ['report.html', 'report.md', 'report.json', 'losses.csv', 'modes.csv', 'run.json']) {
      expect(files).toContain(file);
    }
    for (const name of ['losses', 'validation-error', 'rates']) expect(files).toContain(join('figures', `${name}.svg`));
    const table = readFileSync(join(cwd, 'd', 'losses.csv'), 'utf8')
      .trim()
      .split('\n');
    expect(table[0]).toBe('time,training loss,validation loss,validation error');
    expect(table.at(-1)).toMatch(/^Infinity,/);
    expect(JSON.parse(readFileSync(join(cwd, 'd', 'report.json'), 'utf8'))).toEqual(report);
    const svg = readFileSync(join(cwd, 'd', 'figures', 'losses.svg'), 'utf8');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('classes by gradient descent, at times of its own', async () => {
    const args = ['dynamics', iris, '--network', 'resnet:0.1', '--depth', '4', '--method', 'descent', '--out', 'iris'];
    const { code, stdout } = await resgram(args, { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^steps +training loss +validation loss +validation error rate$/m);
    expect(stdout).toMatch(/^Stop after \d+ steps: validation loss /m);
    const own = JSON.parse(readFileSync(join(cwd, 'iris', 'report.json'), 'utf8'));
    expect(objections('report', own)).toEqual([]);
    expect(objections('run', JSON.parse(readFileSync(join(cwd, 'iris', 'run.json'), 'utf8')))).toEqual([]);
    expect(objections('report', { ...own, moments: 0 })).not.toEqual([]);
    const losses = own.moments.map(({ trainLoss }: { trainLoss: number }) => trainLoss);
    for (let t = 1; t < losses.length; t++) expect(losses[t]).toBeLessThanOrEqual(losses[t - 1] * (1 + 1e-12) + 1e-15);
    expect(own.protocol).toMatchObject({ trainRows: 120, validationRows: 30, metric: 'error rate' });
  });
});

describe('refusals leave nothing', () => {
  test.each([
    [['--times', '1,x'], 2, "--times: expected a number, got 'x'"],
    [['--times', '1,-1'], 2, "--times: expected times from 0 on, or inf, got '-1'"],
    [['--method', 'descent', '--times', '1.5'], 2, '--times: expected whole numbers of steps'],
    [['--method', 'descent', '--learning-rate', '1e9'], 2, '--learning-rate: expected less than '],
    [['--network', 'mlp,resnet:1'], 2, '--network: expected one network, got 2'],
    [
      ['--network', '{"preset":"mlp","depth":[1,2]}'],
      2,
      'mlp: depth: expected an integer from 0 to 1000000, got an array',
    ],
    [['--network', '{"preset":"mlp"}'], 2, 'mlp: depth: expected an integer from 0 to 1000000, got nothing'],
    [['--network', '[{"preset":"mlp","depth":2}]'], 2, '--network: network: expected a layer'],
    [['--network', '{"preset":"mlp","depth":2}', '--depth', '3'], 2, '--depth: the network is given as it is'],
    [['--test', 'test.csv', '--validation', '0.5'], 2, '--validation: the rows of --test validate'],
    [['--validation', '1'], 2, '--validation: expected a share above 0 and below 1'],
    [['--target', 'z'], 2, "unknown column of train.csv 'z'"],
    [['--test', iris], 3, 'iris.csv lacks columns of the training data'],
    [['--network', 'nowhere.json'], 8, 'no such file'],
  ])('%j', async (args, code, says) => {
    const before = listing(cwd);
    const done = await resgram(['dynamics', 'train.csv', '--out', 'no', ...args], { cwd });
    expect({ code: done.code, stdout: done.stdout }).toEqual({ code, stdout: '' });
    expect(done.stderr).toContain(says);
    expect(listing(cwd)).toEqual(before);
  });

  test('Ctrl-C', async () => {
    const data = points(2500, 5);
    write(
      'large.csv',
      `${Array.from({ length: 2500 }, (_, i) => [...data.subarray(5 * i, 5 * i + 5)].join(',')).join('\n')}\n`,
    );
    const before = listing(cwd);
    const child = start(['dynamics', 'large.csv', '--task', 'regress', '--out', 'no'], { cwd });
    const end = finished(child);
    await new Promise<void>((resolve, reject) => {
      let text = '';
      child.stderr.on('data', (chunk) => {
        text += String(chunk);
        if (/^(gram|cross|spectrum|training)/m.test(text)) resolve();
      });
      child.once('exit', () => reject(new Error(text)));
    });
    child.kill('SIGINT');
    expect((await end).stdout).toBe('');
    expect(child.signalCode).toBe('SIGINT');
    expect(listing(cwd)).toEqual(before);
  });
});
