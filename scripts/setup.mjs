#!/usr/bin/env node
// All the set-up: what is missing on this machine, npm packages, OpenBLAS, the addon, the TypeScript. Needs nothing but
// Node. `npm test` and `npm run demo` run it first; a second run only looks whether anything changed.
//
//   node scripts/setup.mjs [native | ts]     everything, or only the addon, or only the TypeScript
//   RESGRAM_OPENBLAS=wheel|system            which OpenBLAS; by default the wheel, and the system's where it fails
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`resgram needs Node 20.19 or newer, this is ${process.versions.node}. Please install a newer one.`);
  process.exit(1);
}
if (process.platform !== 'linux' && process.platform !== 'darwin') {
  console.error(`resgram runs on Linux and macOS, this is ${process.platform}. On Windows it runs under WSL.`);
  process.exit(1);
}

const { run, SetupError } = await import('./lib/console.mjs');
const { withLock } = await import('./lib/lock.mjs');
const steps = await import('./lib/steps.mjs');

await run(async () => {
  const part = process.argv[2] ?? 'all';
  if (!['all', 'native', 'ts'].includes(part)) throw new SetupError(`expected native, ts or nothing, got '${part}'`);
  const native = part !== 'ts';
  const typescript = part !== 'native';
  const stale = () =>
    !steps.packagesFresh() || (native && !steps.nativeFresh()) || (typescript && !steps.typescriptFresh());

  if (!stale()) {
    console.log(`  resgram is set up (looked in ${Math.round(performance.now())} ms)`);
    return;
  }
  await withLock('setup', () => {
    if (!steps.packagesFresh()) steps.installPackages();
    if (native && !steps.nativeFresh()) steps.buildNative();
    if (typescript && !steps.typescriptFresh()) steps.buildTypescript();
  });
});
