// @ts-check
// Where things are.
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..', '..');
export const at = (...parts) => path.join(root, ...parts);
/** What `node scripts/bench-peers.mjs` installs. */
export const peers = (...parts) => at('.cache', 'peers', ...parts);
export const committed = at('docs', 'benchmarks', 'results.json');
