#!/usr/bin/env node
// The bill of materials of a release in CycloneDX: npm's own of what resgram brings along, resgram-source, and what the addons
// hold beside it, which no package manager sees, with the compiler. Written to .cache/release/sbom.cdx.json; refused where a
// component lacks a name, a version, an address or a licence.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { done, quietly, run, SetupError, tail } from './lib/console.mjs';
import { at, readJson } from './lib/paths.mjs';
import { compilerHere, inside, licenseOf } from './prebuild/inside.mjs';
import { target, targetNames, version } from './prebuild/targets.mjs';

/** Licences of packages whose manifests do not state one, read in their LICENSE. */
const unstated = {
  'dejavu-fonts-ttf': 'Bitstream Vera and Arev fonts copyright; changes of DejaVu in the public domain',
};

const hashed = (sha256) => (sha256 === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: sha256 }] });

function component({ type = 'library', name, version: of, purl, license, title, sha256 }, ref = purl) {
  const licenses = [{ expression: license }];
  return {
    type,
    'bom-ref': ref,
    name,
    version: of,
    ...(title && { description: title }),
    purl,
    licenses,
    ...hashed(sha256),
  };
}

const published = (name, license) =>
  component({ name, version: version(), purl: `pkg:npm/${name}@${version()}`, license });

/** An addon package with what is inside. */
function platform(name) {
  const own = published(target(name).package, licenseOf(name));
  return { ...own, components: Object.values(inside(name)).map((row) => component(row, `${own.purl}#${row.name}`)) };
}

/** The sources, and the two packages of headers that they are compiled with. */
function source() {
  const { license, devDependencies } = readJson(at('package.json'));
  const own = published('resgram-source', license);
  const headers = ['node-addon-api', 'node-api-headers'].map((name) => {
    const purl = `pkg:npm/${name}@${devDependencies[name]}`;
    const manifest = readJson(at('node_modules', name, 'package.json'));
    return component({ name, version: manifest.version, purl, license: manifest.license }, `${own.purl}#${name}`);
  });
  return { ...own, components: headers };
}

/** Everything in a bill, what is inside of others as well. */
export const allComponents = (components) =>
  components.flatMap((each) => [each, ...allComponents(each.components ?? [])]);

/** What is wrong with the components of a bill. */
export function wrongWith(components) {
  const all = allComponents(components);
  const said = (value) => typeof value === 'string' && value.trim() !== '';
  const licensed = ({ licenses = [] }) =>
    licenses.length > 0 &&
    licenses.every(({ license, expression }) => said(expression ?? license?.id ?? license?.name));
  const refs = all.map((each) => each['bom-ref']);
  return [
    ...['name', 'version', 'purl'].flatMap((key) =>
      all.filter((each) => !said(each[key])).map((each) => `${each['bom-ref']} has no ${key}`),
    ),
    ...all.filter((each) => !licensed(each)).map((each) => `${each['bom-ref']} has no licence`),
    ...refs.filter((ref, i) => refs.indexOf(ref) < i).map((ref) => `${ref} is there twice`),
  ];
}

export function bill() {
  const words = ['sbom', '--omit=dev', '--sbom-format=cyclonedx', '--sbom-type=library'];
  const { ok, output } = quietly('npm', words, { cwd: at(), stdio: ['ignore', 'pipe', 'ignore'] });
  if (!ok) throw new SetupError(`npm sbom:\n${tail(output)}`);
  const made = JSON.parse(output);
  // npm takes the name of the folder.
  made.metadata.component.name = 'resgram';
  const compiler = compilerHere();
  const tool = { ...compiler, type: 'application', purl: `pkg:pypi/${compiler.name}@${compiler.version}` };
  made.metadata.tools = { components: [component(tool, `${tool.purl}#compiler`)] };
  for (const each of made.components)
    if (unstated[each.name] && !each.licenses?.length) each.licenses = [{ license: { name: unstated[each.name] } }];
  made.components.push(source(), ...targetNames.map(platform));
  return made;
}

if (path.resolve(process.argv[1] ?? '') === import.meta.filename) {
  await run(() => {
    const made = bill();
    const wrong = wrongWith([made.metadata.component, ...made.metadata.tools.components, ...made.components]);
    if (wrong.length > 0) throw new SetupError(`the bill of materials:\n  ${wrong.join('\n  ')}`);
    const file = at('.cache', 'release', 'sbom.cdx.json');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`);
    done('sbom', `${path.relative(at(), file)}: ${allComponents(made.components).length} components`);
  });
}
