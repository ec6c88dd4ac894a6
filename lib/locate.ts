/** Where the native library may be, in which order, and what one found must be before it is opened. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { madeFor } from './binary-file.js';
import { KernelError } from './errors.js';
import { platformName, prebuilt } from './platform.js';

/** Why a place gave nothing: nothing is there; it was not built yet; a part is there; it is made for something else; it does not load, or must not. */
export type Reason = 'missing' | 'unbuilt' | 'damaged' | 'mismatch' | 'unloadable' | 'forbidden';

/** What was tried, and why it was not taken. */
export interface Attempt {
  readonly what: string;
  readonly why: string;
}

/** A place of which it is known beforehand that it will not do. */
export class Unfit extends Error {
  readonly reason: Reason;
  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface Candidate {
  readonly what: string;
  readonly kind: 'override' | 'local' | 'package';
  /** The file to load. Throws Unfit. */
  locate(): string;
}

export interface Package {
  readonly root: string;
  readonly version: string;
  /** A clone has sources, what is installed has not. */
  readonly clone: boolean;
}

/** The sources of the addon as a package, for machines that none is built ahead for; it builds where it is installed. */
export const sourcePackage = 'resgram-source';

/** In this order; RESGRAM_BINARY, once set, is the only one. */
export function* candidates(own: Package, require: NodeJS.Require): Generator<Candidate> {
  const forced = process.env.RESGRAM_BINARY;
  if (forced !== undefined && forced !== '') {
    yield { what: `RESGRAM_BINARY=${forced}`, kind: 'override', locate: () => fitting(resolve(forced)) };
    return;
  }
  const local = join(own.root, 'build', 'Release', 'resgram.node');
  yield { what: local, kind: 'local', locate: () => fitting(local) };
  const source = folderOf(sourcePackage, require);
  if (source !== undefined) {
    yield {
      what: sourcePackage,
      kind: 'package',
      locate: () => built(join(ofVersion(source, own.version), 'build', 'Release', 'resgram.node')),
    };
  }
  const platform = platformName();
  if (!prebuilt.includes(platform)) return;
  const name = `resgram-${platform}`;
  yield { what: name, kind: 'package', locate: () => fitting(ofPackage(name, own.version, require)) };
}

function ofPackage(name: string, version: string, require: NodeJS.Require): string {
  const folder = folderOf(name, require);
  if (folder === undefined) throw new Unfit('missing', 'not installed');
  ofVersion(folder, version);
  const openblas = `libscipy_openblas.${process.platform === 'darwin' ? 'dylib' : 'so'}`;
  const lacking = ['resgram.node', openblas].find((file) => !existsSync(join(folder, file)));
  if (lacking !== undefined) throw new Unfit('damaged', `${folder} lacks ${lacking}`);
  return join(folder, 'resgram.node');
}

/** Where a package is installed, as seen from ours. */
export function folderOf(name: string, require: NodeJS.Require): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    // Its package.json is none, which is for `ofVersion` to say.
    return require.resolve
      .paths(name)
      ?.map((place) => join(place, name))
      .find((place) => existsSync(place));
  }
}

function ofVersion(folder: string, version: string): string {
  let found: unknown;
  try {
    found = (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: unknown } | null)?.version;
  } catch (error) {
    throw new Unfit('damaged', `${folder} has a package.json that cannot be read: ${(error as Error).message}`);
  }
  if (found !== version) throw new Unfit('mismatch', `is version ${found}, expected ${version}`);
  return folder;
}

function built(path: string): string {
  if (!existsSync(path)) throw new Unfit('unbuilt', 'installed and not built yet');
  return fitting(path);
}

function fitting(path: string): string {
  if (!existsSync(path)) throw new Unfit('missing', 'no such file');
  const made = madeFor(path);
  const here = `${process.platform} ${process.arch}`;
  if (made !== undefined && made !== here) throw new Unfit('mismatch', `is made for ${made}, this is ${here}`);
  return path;
}

/** Our package, whether this file runs from lib/, dist/ or a build of the tests. */
export function ownPackage(): Package {
  // A bundle of CommonJS has no such address.
  const { url } = import.meta as { url?: string };
  if (url === undefined) throw bundled('a bundle');
  const file = fileURLToPath(url);
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; version: string };
      if (name === 'resgram') return { root: folder, version, clone: existsSync(join(folder, 'lib', 'index.ts')) };
    }
    if (dirname(folder) === folder) throw bundled(file);
  }
}

function bundled(where: string): KernelError {
  return new KernelError(
    'ERR_NATIVE_LOAD',
    `the code of resgram is in ${where}, away from its package, by which the native library is found; mark 'resgram' as ` +
      'external in the options of the bundler',
  );
}
