import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readNpy } from '../../lib/data/npy.js';
import { conditionNumber } from '../../lib/extremes.js';
import { info } from '../../lib/info.js';
import { compile, gram, profile } from '../../lib/kernel.js';
import { spectrum } from '../../lib/spectrum.js';
import { sphereSpectrum } from '../../lib/sphere-spectrum.js';
import { npyFile, points, resgram, workplace } from './run.js';

const { path: cwd, write } = workplace();
const x = { data: points(30, 3), shape: [30, 3] };
write('x.npy', npyFile(x.data, x.shape));
write('twice.npy', npyFile(Float64Array.of(1, 2, 3, 4, 1, 2), [3, 2]));
const network = { preset: 'mlp', depth: 3 } as const;
write('net.json', JSON.stringify(network));

async function json(...args: string[]) {
  const { code, stdout, stderr } = await resgram([...args, '--json'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('resgram spectrum', () => {
  test('--json has the eigenvalues of the library', async () => {
    const document = await json('spectrum', '--network', 'net.json', '--data', 'x.npy');
    expect(document).toMatchObject({
      schema: 1,
      kind: 'spectrum',
      network,
      data: { name: 'x.npy', rows: 30, features: 3 },
    });
    for (const [i, kernel] of (['nngp', 'ntk'] as const).entries()) {
      const { values, residual } = await spectrum(await gram(compile(network), x, kernel));
      expect(document.series[i]).toEqual({
        name: kernel,
        kernel,
        depth: null,
        eigenvalues: [...values],
        conditionNumber: (values[0] as number) / (values[29] as number),
        extremes: null,
        residual,
        logScale: 0,
      });
    }
  });

  test('--top gives the largest, and no condition number', async () => {
    const { series } = await json(
      'spectrum',
      '--network',
      'net.json',
      '--data',
      'x.npy',
      '--kernel',
      'ntk',
      '--top',
      '4',
    );
    const { values } = await spectrum(await gram(compile(network), x, 'ntk'));
    expect(series[0].eigenvalues).toHaveLength(4);
    for (const [i, value] of series[0].eigenvalues.entries()) expect(value / (values[i] as number)).toBeCloseTo(1, 10);
    expect(series[0].conditionNumber).toBe(null);
  });

  test('--condition has both ends with their errors, alone or beside the largest', async () => {
    const args = ['spectrum', '--network', 'net.json', '--data', 'x.npy', '--kernel', 'ntk', '--condition'];
    const matrix = await gram(compile(network), x, 'ntk');
    const { value, logScale, ...extremes } = await conditionNumber(matrix);
    const alone = await json(...args);
    expect(alone.series).toEqual([
      {
        name: 'ntk',
        kernel: 'ntk',
        depth: null,
        eigenvalues: [],
        conditionNumber: value,
        extremes,
        residual: null,
        logScale,
      },
    ]);
    const beside = await json(...args, '--top', '3');
    const { values, residual } = await spectrum(matrix, { top: 3 });
    expect(beside.series[0]).toMatchObject({ eigenvalues: [...values], conditionNumber: value, extremes, residual });
    const { stdout } = await resgram(args, { cwd });
    expect(stdout).toMatch(/largest .*smallest .*condition number .*relative error/);
    expect(stdout).not.toContain('rank');
    expect(Number(/^ntk +(\S+)/m.exec(stdout)?.[1]) / extremes.largest).toBeCloseTo(1, 5);
    expect((await resgram([...args, '--top', '2'], { cwd })).stdout).toMatch(/λ2 .*smallest .*condition number/);
    const refused = await resgram([...args, '--out', 'none.csv'], { cwd });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('--condition has no eigenvalues to write');
  });

  test('rows that repeat make the matrix singular, and that is said', async () => {
    const { series } = await json('spectrum', '--network', 'net.json', '--data', 'twice.npy');
    expect(series[1].conditionNumber).toBe(null);
    const { stdout } = await resgram(['spectrum', '--network', 'net.json', '--data', 'twice.npy'], { cwd });
    expect(stdout).toMatch(/^ntk .* singular /m);
    expect(stdout).toContain('rows that repeat other rows make the matrix singular');
    const ends = await resgram(['spectrum', '--network', 'net.json', '--data', 'twice.npy', '--condition'], { cwd });
    expect(ends.stdout).toMatch(/^ntk .* singular /m);
    expect(ends.stdout).toContain('rows that repeat other rows make the matrix singular');
  });

  test('--out writes CSV and .npy with every digit', async () => {
    const args = ['spectrum', '--network', 'net.json', '--data', 'x.npy', '--depths', '1,3'];
    const { series } = await json(...args, '--out', 'values.csv');
    const lines = readFileSync(join(cwd, 'values.csv'), 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('rank,nngp-L1,ntk-L1,nngp-L3,ntk-L3');
    expect(lines.slice(1).map((line) => line.split(',').map(Number))).toEqual(
      Array.from({ length: 30 }, (_, i) => [
        i + 1,
        ...series.map((one: { eigenvalues: number[] }) => one.eigenvalues[i]),
      ]),
    );
    await json(...args, '--out', 'values.npy');
    const { shape, payload } = readNpy(readFileSync(join(cwd, 'values.npy')), 'values.npy');
    expect(shape).toEqual([4, 30]);
    const stored = new Float64Array(Uint8Array.from(payload).buffer);
    expect([...stored]).toEqual(series.flatMap((one: { eigenvalues: number[] }) => one.eigenvalues));
  });

  test('the table is the document in six digits', async () => {
    const { stdout } = await resgram(['spectrum', '--network', 'net.json', '--data', 'x.npy', '--kernel', 'ntk'], {
      cwd,
    });
    const { series } = await json('spectrum', '--network', 'net.json', '--data', 'x.npy', '--kernel', 'ntk');
    const rows = [...stdout.matchAll(/^(\d+) +(\S+)$/gm)].map(([, rank, value]) => [Number(rank), Number(value)]);
    expect(rows).toHaveLength(20);
    for (const [rank = 0, value = 0] of rows) {
      expect(Math.abs(value / series[0].eigenvalues[rank - 1] - 1)).toBeLessThan(1e-5);
    }
    expect(stdout).toContain('and 10 more');
  });
});

describe('resgram profile', () => {
  test('--json has the curve of the library and the slope of its corner', async () => {
    const document = await json('profile', '--network', 'net.json', '--kernel', 'ntk', '--angles', '0,0.5,3.1');
    const { values } = profile(compile(network), [0, 0.5, 3.1], 'ntk');
    expect(document).toMatchObject({ schema: 1, kind: 'profile', network, angles: [0, 0.5, 3.1], dimension: null });
    expect(document.series[0].values).toEqual([...values]);
    // An MLP of L hidden layers without biases: L/(2π), in closed form.
    expect(document.series[0].cuspSlope).toBeCloseTo(3 / (2 * Math.PI), 9);
  });

  test('has the curve of a kernel whose slope at angle 0 is infinite', async () => {
    const sign = JSON.stringify({ preset: 'mlp', depth: 2, activation: 'sign' });
    const { series } = await json('profile', '--network', sign, '--kernel', 'nngp', '--angles', '0,1');
    // Two layers of 1 − 2θ/π, the second at the angle whose cosine is the first.
    const first = 1 - 2 / Math.PI;
    expect(series[0].values[0]).toBe(1);
    expect(series[0].values[1]).toBeCloseTo(1 - (2 * Math.acos(first)) / Math.PI, 14);
    expect(series[0].cuspSlope).toBeNull();
  });

  test('goes from 0 to π, both ends exact', async () => {
    const { angles } = await json('profile', '--network', 'net.json', '--points', '7');
    expect(angles).toHaveLength(7);
    expect([angles[0], angles[6]]).toEqual([0, Math.PI]);
  });

  test('--depths and --dimension reach the library', async () => {
    const family = { preset: 'tirer', alpha: 0.5 } as const;
    const { series } = await json(
      'profile',
      '--network',
      JSON.stringify(family),
      '--depths',
      '4,2',
      '--dimension',
      '10',
      '--kernel',
      'nngp',
    );
    expect(series.map((one: { name: string }) => one.name)).toEqual(['nngp-L2', 'nngp-L4']);
    const { values } = profile(compile({ ...family, depth: 4 }), [0], 'nngp', { dimension: 10 });
    expect(series[1].values[0]).toBe(values[0]);
  });

  test('--out writes CSV with every digit', async () => {
    const { angles, series } = await json('profile', '--network', 'net.json', '--out', 'curve.csv');
    const lines = readFileSync(join(cwd, 'curve.csv'), 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('angle,nngp,ntk');
    expect(lines.slice(1).map((line) => line.split(',').map(Number))).toEqual(
      angles.map((angle: number, i: number) => [angle, ...series.map((one: { values: number[] }) => one.values[i])]),
    );
  });
});

describe('resgram sphere', () => {
  test('--json has the eigenvalues of the library, their errors and decay', async () => {
    const document = await json('sphere', '--network', 'net.json', '--dimension', '4', '--degrees', '60');
    expect(document).toMatchObject({ schema: 1, kind: 'sphere', network, dimension: 4 });
    const spectra = await sphereSpectrum(compile(network), ['nngp', 'ntk'], { dimension: 4, degrees: 60 });
    for (const series of document.series as { kernel: 'nngp' | 'ntk' }[]) {
      const { values, errors, captured } = spectra[series.kernel];
      expect(series).toMatchObject({ depth: null, eigenvalues: [...values], errors: [...errors], captured });
    }
    expect(document.series[1].decay.even).toBeCloseTo(4, 1);
    expect(document.multiplicities.slice(0, 4)).toEqual([1, 4, 9, 16]);
  });

  test('--out has every degree, the text those that one looks at', async () => {
    const args = ['sphere', '--network', 'net.json', '--depths', '1,2', '--dimension', '3', '--kernel', 'ntk'];
    const { code, stdout } = await resgram([...args, '--degrees', '30', '--out', 'sphere.csv'], { cwd });
    expect(code).toBe(0);
    const lines = readFileSync(join(cwd, 'sphere.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toBe('degree,harmonics,ntk-L1,ntk-L1 error,ntk-L2,ntk-L2 error');
    expect(lines).toHaveLength(32);
    // Odd degrees of one hidden layer vanish: what is left is below the error, and printed so.
    expect(stdout).toMatch(/^29 +59 +< /m);
  });

  test('says what a dash and a share below 1 mean, where they are', async () => {
    const lines = [
      /^–: too few degrees, or eigenvalues below their errors/m,
      /^the share of the trace that these degrees lack/m,
    ];
    const high = await resgram(['sphere', '--network', 'net.json', '--dimension', '1000', '--degrees', '50'], { cwd });
    for (const line of lines) expect(high.stdout).toMatch(line);
    const low = ['--dimension', '2', '--degrees', '2000', '--kernel', 'nngp'];
    const { stdout } = await resgram(['sphere', '--network', 'net.json', ...low], { cwd });
    for (const line of lines) expect(stdout).not.toMatch(line);
  });

  test('a jump without a tangent kernel is told before the spectrum of its other kernel', async () => {
    const sign = '{"preset": "mlp", "depth": 3, "activation": "sign"}';
    const { code, stderr } = await resgram(['sphere', '--network', sign, '--dimension', '3'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/has no tangent kernel: .*--kernel nngp/);
  });

  test('wants the dimension', async () => {
    const { code, stderr } = await resgram(['sphere', '--network', 'net.json'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('--dimension');
  });
});

describe('resgram info', () => {
  test('--json is what the library says', async () => {
    const { availableMemory, ...document } = await json('info');
    const { availableMemory: _, ...expected } = info();
    expect(document).toMatchObject({ schema: 1, kind: 'info', ...expected });
    expect(availableMemory).toBeGreaterThan(2 ** 20);
  });

  test('tells people the version, BLAS, the instruction set and the threads', async () => {
    const { stdout } = await resgram(['info'], { cwd, env: { RESGRAM_THREADS: '3' } });
    const { version, blas, simd } = info();
    expect(stdout).toContain(`resgram          ${version}\n`);
    expect(stdout).toContain(blas);
    expect(stdout).toContain(simd);
    expect(stdout).toMatch(/^threads +3 /m);
  });
});
