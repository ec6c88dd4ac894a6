/** `resgram study`: files, text, a run that is taken up again, and what is refused. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { finished, resgram, start } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'resgram-study-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** Whatever has been fetched on this machine is not looked at. */
const env = { RESGRAM_DATA: folder };
const small = '--widths 8,16 --networks 2 --depths 3,1000 --resnet-depths 16,64 --points 8'.split(' ');

test('writes page, text, numbers and figures, and says the verdicts', async () => {
  const { code, stdout } = await resgram(['study', 'huang', '--quick', ...small, '--out', 'huang'], {
    cwd: folder,
    env,
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/H2 {2}The kernels of a deep MLP are constants/);
  expect(stdout).toMatch(/No data: resgram data mnist/);
  const files = readdirSync(join(folder, 'huang'));
  expect(files).toEqual(expect.arrayContaining(['figures', 'report.html', 'report.json', 'report.md', 'run.json']));
  const report = JSON.parse(readFileSync(join(folder, 'huang', 'report.json'), 'utf8'));
  expect(report).toMatchObject({
    kind: 'study',
    name: 'huang',
    size: 'quick',
    parts: [{ parameters: { depths: [3, 1000] } }],
  });
  expect(report.provenance.command).toBe(
    'resgram study huang --quick --widths 8,16 --networks 2 --depths 3,1000 --resnet-depths 16,64 --points 8',
  );
  const charts = report.parts[0].items.flatMap((item: { charts: { name: string }[] }) => item.charts);
  for (const { name } of charts) {
    expect(existsSync(join(folder, 'huang', 'figures', `${name}.svg`)), name).toBe(true);
    expect(existsSync(join(folder, 'huang', 'figures', `${name}.png`)), name).toBe(true);
  }
  expect(existsSync(join(folder, 'huang.items'))).toBe(false);
  const page = readFileSync(join(folder, 'huang', 'report.html'), 'utf8');
  const anchors = new Set(Array.from(page.matchAll(/ id="([^"]+)"/g), ([, id]) => id));
  const links = Array.from(page.matchAll(/ href="#([^"]+)"/g), ([, id]) => id);
  expect(links).toContain('key-depth-limit');
  for (const link of links) expect(anchors, link).toContain(link);
});

test('refuses an unknown study, an unknown option and values out of range, and leaves nothing behind', async () => {
  for (const [args, message] of [
    [['study', 'hunag'], /hunag/],
    [['study', 'huang', '--dephts', '3'], /--dephts/],
    [['study', 'huang', '--splits', '1'], /--splits: expected an integer from 2 to 1000/],
    [['study', 'huang', '--quick', '--full'], /--quick|--full/],
    [['study', 'huang', '--data', 'none.idx'], /none\.idx/],
  ] as const) {
    const { code, stderr } = await resgram([...args, '--out', 'refused'], { cwd: folder, env });
    expect(code, args.join(' ')).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(existsSync(join(folder, 'refused'))).toBe(false);
  }
});

test('a run that is stopped says where its items are, and the next takes them up', async () => {
  // X3, the item before the last, takes minutes with so many samples.
  const args = 'study belfer --quick --degrees 40 --dimensions 2 --points 100 --samples 5000 --out stopped'.split(' ');
  const stoppedAt = async (phase: string) => {
    const child = start(args, { cwd: folder, env });
    const end = finished(child);
    child.stderr.on('data', (text: string) => text.includes(phase) && child.kill('SIGINT'));
    const { signal, stderr } = await end;
    expect(signal).toBe('SIGINT');
    expect(stderr).toMatch(/finished items are kept in stopped\.items: the same command goes on there/);
    expect(existsSync(join(folder, 'stopped'))).toBe(false);
    const items = join(folder, 'stopped.items');
    return readdirSync(items).map((name) => [name, statSync(join(items, name)).mtimeMs]);
  };
  const kept = await stoppedAt('X3, ');
  expect(kept.length).toBeGreaterThan(3);
  expect(await stoppedAt('X3, ')).toEqual(kept);
});
