/** Where the native library may be, in which order, and what one found must be before it is opened. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { madeFor } from './binary-file.js';
import { KernelError } from './errors.js';
import { platformName, prebuilt } from './platform.js';

/** Why a place gave nothing: nothing is there; it is made for something else; it does not load. */
export type Reason = 'missing' | 'mismatch' | 'unloadable';

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
      locate: () => fitting(join(ofVersion(source, own.version), 'build', 'Release', 'resgram.node')),
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
  return join(ofVersion(folder, version), 'resgram.node');
}

/** Where a package is installed, as seen from ours. */
function folderOf(name: string, require: NodeJS.Require): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

function ofVersion(folder: string, version: string): string {
  const found = (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string }).version;
  if (found !== version) throw new Unfit('mismatch', `is version ${found}, expected ${version}`);
  return folder;
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
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; version: string };
      if (name === 'resgram') return { root: folder, version, clone: existsSync(join(folder, 'lib', 'index.ts')) };
    }
    const parent = dirname(folder);
    if (parent === folder) {
      throw new KernelError(
        'ERR_NATIVE_LOAD',
        `no package.json of resgram above ${fileURLToPath(import.meta.url)}; reinstall the package`,
      );
    }
    folder = parent;
  }
}
