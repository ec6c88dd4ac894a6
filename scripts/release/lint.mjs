// What others look for in a package: publint in its manifest and files, are-the-types-wrong in its declarations.

import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { done, note, SetupError } from '../lib/console.mjs';

const bytesOf = (tarball) => new Uint8Array(readFileSync(tarball));

export async function checkPublishing(tarball) {
  const { messages, pkg } = await publint({
    pack: { tarball: bytesOf(tarball).buffer },
    level: 'suggestion',
    strict: true,
  });
  // Where the sources live is known by who publishes.
  const wrong = messages
    .filter(({ code }) => code !== 'HAS_NO_REPOSITORY')
    .map((message) => formatMessage(message, pkg));
  if (wrong.length > 0) throw new SetupError(`publint:\n  ${wrong.join('\n  ')}`);
  done('publint', 'nothing to say');
}

/**
 * Provenance is refused where a package does not say that it comes from the repository whose workflow publishes it. Without
 * `expected` it is told only.
 */
export function checkRepository(manifests, expected) {
  const said = ({ repository }) => (typeof repository === 'string' ? repository : repository?.url);
  const unnamed = manifests.filter((manifest) => said(manifest) === undefined).map(({ name }) => name);
  if (expected === undefined) {
    if (unnamed.length > 0) note('repository', 'package.json names none yet; publishing with provenance will need it');
    return;
  }
  const add = `add "repository": "github:${expected}" to package.json`;
  if (unnamed.length > 0)
    throw new SetupError(`${unnamed.join(', ')} names no repository, which provenance needs; ${add}`);
  const of = new RegExp(`(^|[/:])${expected.replaceAll('.', '\\.')}(\\.git)?$`);
  const others = manifests.filter((manifest) => !of.test(said(manifest)));
  if (others.length > 0)
    throw new SetupError(`${others[0].name} comes from ${said(others[0])}, this is ${expected}; ${add}`);
  done('repository', expected);
}

/** The package is one of ES modules, so what is asked of others is no matter: `exports` in Node 10, require without ESM. */
const ofOthers = (problem) =>
  problem.kind === 'CJSResolvesToESM' || (problem.kind === 'NoResolution' && problem.resolutionKind === 'node10');

export async function checkTypes(tarball) {
  const told = await checkPackage(createPackageFromTarballData(bytesOf(tarball)));
  if (!told.types) throw new SetupError('are-the-types-wrong finds no types in the package');
  const wrong = told.problems.filter((problem) => !ofOthers(problem));
  if (wrong.length > 0)
    throw new SetupError(`are-the-types-wrong:\n  ${wrong.map((each) => JSON.stringify(each)).join('\n  ')}`);
  done('types', 'are-the-types-wrong finds nothing');
}
