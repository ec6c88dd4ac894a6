// What others look for in a package: publint in its manifest and files, are-the-types-wrong in its declarations.

import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { done, SetupError } from '../lib/console.mjs';

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
