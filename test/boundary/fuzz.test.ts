import { beforeAll, expect, test } from 'vitest';
import { node, requireBuilt } from './support.js';

beforeAll(requireBuilt);

const perChild = 1000;
const children = process.env.CI === 'true' ? 10 : 1;
/** The same in every run, so that a failure can be repeated; RESGRAM_FUZZ_SEED starts elsewhere. */
const firstSeed = Number(process.env.RESGRAM_FUZZ_SEED ?? 0);

const run = (first: number, count: number) => node(['test/boundary/fuzz.mjs', String(first), String(count)], 300_000);

/** The seed whose case crashes; cases do not depend on each other, so halving finds it. */
async function guilty(first: number, count: number): Promise<string> {
  if (count === 1) return `seed ${first}`;
  const half = Math.floor(count / 2);
  for (const [from, length] of [
    [first, half],
    [first + half, count - half],
  ] as const) {
    if ((await run(from, length)).code !== 0) return guilty(from, length);
  }
  return `seeds ${first} to ${first + count - 1}, together only`;
}

type Tally = Record<string, Record<string, number>>;

test(`${children * perChild} calls from seed ${firstSeed} on: each is answered or refused with a code, none crashes`, async () => {
  const total: Tally = {};
  for (let child = 0; child < children; child++) {
    const first = firstSeed + child * perChild;
    const { code, signal, out, err } = await run(first, perChild);
    if (code === 1) throw new Error(err);
    if (code !== 0) {
      throw new Error(`crash (code ${code}, signal ${signal}): ${await guilty(first, perChild)}\n${err.slice(-2000)}`);
    }
    for (const [verb, endings] of Object.entries(JSON.parse(out) as Tally)) {
      total[verb] ??= {};
      const sums = total[verb];
      for (const [ending, count] of Object.entries(endings)) sums[ending] = (sums[ending] ?? 0) + count;
    }
  }
  // Every verb got through its checks at times, and failed them at times; otherwise this would test little.
  for (const [verb, endings] of Object.entries(total)) {
    expect(endings.ok, `${verb} succeeding`).toBeGreaterThan(0);
    expect(Object.keys(endings).length, `${verb} failing`).toBeGreaterThan(1);
  }
  expect(Object.keys(total)).toHaveLength(28);
}, 600_000);
