#!/usr/bin/env node
// The bill of materials of a release in CycloneDX: npm's own of what resgram brings along, and what the addons hold beside it,
// which no package manager sees. Written to .cache/release/sbom.cdx.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { done, quietly, run, SetupError, tail } from './lib/console.mjs';
import { at, readJson } from './lib/paths.mjs';
import { target, targetNames, version } from './prebuild/targets.mjs';

/** Inside every addon package; a wheel's address is its name, version and hash. */
function inside() {
  const openblas = readJson(at('scripts', 'openblas.lock.json'));
  const { compiler } = readJson(at('scripts', 'prebuild.lock.json'));
  const { version: napi } = readJson(at('node_modules', 'node-addon-api', 'package.json'));
  const wheel = (name, row) => ({
    type: 'library',
    name,
    version: row.version,
    purl: `pkg:pypi/${name}@${row.version}`,
    ...(row.sha256 && { hashes: [{ alg: 'SHA-256', content: row.sha256 }] }),
  });
  return (name) => [
    { ...wheel(openblas.package, openblas.platforms[name]), description: 'OpenBLAS with LAPACK and libgfortran' },
    { ...wheel(compiler.package, compiler), description: 'libc++, libc++abi, libunwind and compiler_rt, linked in' },
    { type: 'library', name: 'node-addon-api', version: napi, purl: `pkg:npm/node-addon-api@${napi}` },
  ];
}

await run(() => {
  const words = ['sbom', '--omit=dev', '--sbom-format=cyclonedx', '--sbom-type=library'];
  const { ok, output } = quietly('npm', words, { cwd: at(), stdio: ['ignore', 'pipe', 'ignore'] });
  if (!ok) throw new SetupError(`npm sbom:\n${tail(output)}`);
  const bill = JSON.parse(output);
  const parts = inside();
  for (const name of targetNames) {
    const { package: own } = target(name);
    const purl = `pkg:npm/${own}@${version()}`;
    bill.components.push({
      type: 'library',
      'bom-ref': purl,
      name: own,
      version: version(),
      purl,
      components: parts(name).map((part) => ({ 'bom-ref': `${purl}#${part.name}`, ...part })),
    });
  }
  const file = at('.cache', 'release', 'sbom.cdx.json');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
  done('sbom', `${path.relative(at(), file)}: ${bill.components.length} components`);
});
