// Where things are, and what this machine is called.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
export const at = (...parts) => path.join(root, ...parts);
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** A clone has the TypeScript sources and a lock file; what npm installs has neither and only builds the addon. */
export const isClone = existsSync(at('lib', 'index.ts')) || existsSync(at('package-lock.json'));

/** Alpine and its kin; everything else on Linux is glibc. */
export function isMusl() {
  return process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined;
}

/** 'linux-x64', 'linux-arm64-musl', 'darwin-arm64' …: the keys of openblas.lock.json. */
export function platformKey() {
  return `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`;
}

export const addonFile = at('build', 'Release', 'resgram.node');
