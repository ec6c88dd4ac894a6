#!/usr/bin/env node
// Is an addon built ahead as good as one built here? node scripts/compare-builds.mjs [ADDON], by default the one in prebuilds/.
//
// Values must agree to 8 units in the last place of √(k(x,x) k(z,z)), on every instruction set that this machine has. CPU time
// is compared in turns, ratios of neighbours, with the 95 % interval of their median (its ranks are binomial); the addon built
// ahead is as fast where this interval does not lie above 1.03.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { done, note, quietly, run, SetupError, tail } from './lib/console.mjs';
import { addonFile, at, platformKey } from './lib/paths.mjs';
import { packageFolder, target } from './prebuild/targets.mjs';

const turns = 15;
const furthest = 8;
const slowest = 1.03;
const sets = { x64: ['avx512', 'avx2', 'baseline'], arm64: ['neon'] }[process.arch] ?? [];

const scratch = mkdtempSync(path.join(tmpdir(), 'resgram-builds-'));

function work(binary, set, ...words) {
  const out = path.join(scratch, 'out.json');
  const env = { ...process.env, RESGRAM_BINARY: binary, RESGRAM_SIMD: set, OPENBLAS_NUM_THREADS: '1' };
  const { ok, output } = quietly(process.execPath, [at('scripts', 'release', 'workload.mjs'), out, ...words], { env });
  if (!ok) throw new SetupError(`${binary}:\n${tail(output)}`);
  return JSON.parse(readFileSync(out, 'utf8'));
}

/** Greatest difference of two Gram matrices in units of 2⁻⁵² √(k(x,x) k(z,z)). */
function distance(a, b) {
  const n = Math.sqrt(a.length);
  let worst = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const scale = Math.sqrt(a[i * n + i] * a[j * n + j]) * 2 ** -52;
      worst = Math.max(worst, Math.abs(a[i * n + j] - b[i * n + j]) / scale);
    }
  }
  return worst;
}

/** Ranks r, n + 1 − r of the interval that holds the median with at least 95 %. */
function interval(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  let below = 2 ** -n;
  let term = below;
  let rank = 0;
  while (below <= 0.025) {
    rank++;
    term = (term * (n - rank + 1)) / rank;
    below += term;
  }
  return [sorted[Math.max(rank - 1, 0)], sorted[Math.floor(n / 2)], sorted[n - Math.max(rank, 1)]];
}

await run(() => {
  const of = target(platformKey());
  const ahead = path.resolve(process.argv[2] ?? path.join(packageFolder(of.name), of.addon));
  try {
    for (const set of sets) {
      const [here, there] = [work(addonFile, set), work(ahead, set)];
      const rows = Object.keys(here).map((name) => [name, distance(here[name], there[name])]);
      const [name, apart] = rows.toSorted(([, a], [, b]) => b - a)[0];
      if (!(apart <= furthest))
        throw new SetupError(`${set}: ${name} differs by ${apart.toFixed(1)} units, the limit is ${furthest}`);
      done(
        set,
        `${rows.length} matrices agree to ${apart.toFixed(2)} units in the last place, the limit is ${furthest}`,
      );
    }
    const pairs = Array.from({ length: turns }, (_, i) => {
      const order = i % 2 === 0 ? [addonFile, ahead] : [ahead, addonFile];
      const times = new Map(order.map((binary) => [binary, work(binary, '', '--time')]));
      return [times.get(ahead), times.get(addonFile)];
    });
    const names = Object.keys(pairs[0][0]);
    const said = (ratio) => {
      const [low, middle, high] = interval(pairs.map(([a, b]) => ratio(a, b)));
      const range = `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
      return { low, text: `CPU time ${middle.toFixed(3)} of the local build's, 95 % ${range}` };
    };
    for (const name of names) note(name, said((a, b) => a[name] / b[name]).text);
    // The geometric mean, in which no kernel counts more for taking longer.
    const mean = (a, b) => Math.exp(names.reduce((sum, name) => sum + Math.log(a[name] / b[name]), 0) / names.length);
    const { low, text } = said(mean);
    if (low > slowest) throw new SetupError(`${text}, which lies above ${slowest}`);
    done('all of them', `${text}, which does not lie above ${slowest}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
