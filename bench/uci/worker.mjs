// @ts-check
// A process that works off units one after another, each on one thread: sets are small, so the machine is filled by several
// of these and not by threads.
import { classifiers } from './classifiers.mjs';
import { forestOutcome } from './forest.mjs';
import { groups } from './kernels.mjs';
import { outcomes } from './protocols.mjs';
import { readSets } from './sets.mjs';

const [file] = process.argv.slice(2);
const sets = new Map(readSets(file).map((set) => [set.name, set]));

process.on('message', async (/** @type {any} */ unit) => {
  const start = performance.now();
  const before = process.cpuUsage();
  try {
    const set = /** @type {any} */ (sets.get(unit.set));
    const found =
      unit.group === 'forest'
        ? [await forestOutcome(set)]
        : await outcomes(set, unit.protocol, groups[unit.group], classifiers[unit.classifier]);
    const { user, system } = process.cpuUsage(before);
    const took = { seconds: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 };
    process.send?.({ unit, outcomes: found, ...took });
  } catch (error) {
    process.send?.({ unit, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
