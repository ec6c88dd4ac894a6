import { randomBytes } from 'node:crypto';
import { constants, fsync, mkdirSync } from 'node:fs';
import {
  access,
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { KernelError } from '../errors.js';
import { reasonOf } from './files.js';
import { forgetTemporary, rememberTemporary } from './temporaries.js';

/** By its number: handles of a file system that a package manager puts in the place of Node's cannot flush (yarn's PnP). */
const flush = promisify(fsync);

/** What a file is to hold: at once, or part by part. */
export type Content = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface WriteOptions {
  /** Replace what is there. Default false: an existing name is refused. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Writes a file so that its name only ever shows the complete contents: a temporary file beside it, flushed to disk,
 * then renamed. Throws ERR_OUTPUT_EXISTS unless `force`, and ERR_IO where the system refuses.
 */
export async function writeFileAtomic(path: string, content: Content, options: WriteOptions = {}): Promise<void> {
  const { force = false, signal } = options;
  signal?.throwIfAborted();
  await requireFile(path, force);
  const temporary = temporaryBeside(path);
  rememberTemporary(temporary);
  try {
    await writeWhole(temporary, content, signal);
    if (force) await rename(temporary, path);
    else await publish(temporary, path);
    await flushFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw (await notAFolder(resolve(path), path, cause)) ?? ioError(cause, path);
  } finally {
    forgetTemporary(temporary);
  }
}

/** Renames without ever replacing: a link fails where the name has been taken meanwhile. */
async function publish(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') throw exists(path, 'file');
    // Some file systems have no links.
    await requireFile(path);
    await rename(temporary, path);
    return;
  }
  await unlink(temporary);
}

/**
 * A folder of results that appears under its name when it is complete, and not at all if the work fails.
 *
 * Files are written into a hidden folder beside the final one. `commit` renames that folder. With `force` and a folder
 * that exists, `commit` moves the files into it one by one; files of other names in it are left alone.
 */
export class OutputDirectory {
  /** The final path. */
  readonly path: string;
  private readonly temporary: string;
  private readonly merging: boolean;
  private readonly signal: AbortSignal | undefined;
  /** The folders that were made to hold the output, the innermost first. */
  private readonly made: readonly string[];
  private open = true;

  private constructor(
    path: string,
    temporary: string,
    merging: boolean,
    made: readonly string[],
    signal: AbortSignal | undefined,
  ) {
    this.path = path;
    this.temporary = temporary;
    this.merging = merging;
    this.made = made;
    this.signal = signal;
  }

  /** Call this before the work begins: it throws ERR_OUTPUT_EXISTS if the folder exists and `force` is not given. */
  static async create(path: string, { force = false, signal }: WriteOptions = {}): Promise<OutputDirectory> {
    signal?.throwIfAborted();
    const final = resolve(path);
    const status = await lstat(final).catch(() => undefined);
    if (status !== undefined && !status.isDirectory()) {
      throw new KernelError('ERR_OUTPUT_EXISTS', `output '${path}' is not a folder; choose another name`, { path });
    }
    if (status !== undefined && !force) throw exists(path, 'folder');
    const temporary = temporaryBeside(final);
    let made: readonly string[] = [];
    try {
      // At once, so that no signal can come between making the folders and noting them.
      made = foldersBetween(mkdirSync(dirname(final), { recursive: true }), dirname(final));
      rememberTemporary(temporary, made);
      await mkdir(temporary);
    } catch (cause) {
      forgetTemporary(temporary);
      await removeEmpty(made);
      throw (await notAFolder(final, path, cause)) ?? ioError(cause, path);
    }
    return new OutputDirectory(final, temporary, status !== undefined, made, signal);
  }

  /** Writes one file; `name` is relative and may have folders in it. */
  async write(name: string, content: Content): Promise<void> {
    const path = join(this.temporary, safeName(name));
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(path, content, this.signal);
    } catch (cause) {
      throw ioError(cause, join(this.path, name));
    }
  }

  /** Gives the folder its name. */
  async commit(): Promise<void> {
    this.signal?.throwIfAborted();
    try {
      if (this.merging) await moveInto(this.temporary, this.path);
      else await renameNew(this.temporary, this.path);
      await flushFolder(dirname(this.path));
    } catch (cause) {
      throw ioError(cause, this.path);
    }
    this.open = false;
    forgetTemporary(this.temporary);
  }

  /** Removes everything that was written; does nothing after `commit`. */
  async discard(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await rm(this.temporary, { recursive: true, force: true });
    forgetTemporary(this.temporary);
    await removeEmpty(this.made);
  }

  /** `await using output = …` discards unless it was committed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.discard();
  }
}

/** The folders from the innermost up to the topmost that was made; none if none was. */
function foldersBetween(top: string | undefined, innermost: string): readonly string[] {
  const folders: string[] = [];
  if (top === undefined) return folders;
  for (let folder = innermost; folder.length >= top.length; folder = dirname(folder)) folders.push(folder);
  return folders;
}

async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    );
    // Someone else has put something there.
    if (!removed) return;
  }
}

/** Where a part of the path is a file, the system says "file already exists" or names the whole path. */
async function notAFolder(final: string, path: string, cause: unknown): Promise<KernelError | undefined> {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'EEXIST' && code !== 'ENOTDIR') return undefined;
  return fileOnTheWay(final, path, cause);
}

async function fileOnTheWay(final: string, path: string, cause?: unknown): Promise<KernelError | undefined> {
  for (let folder = dirname(final); folder !== dirname(folder); folder = dirname(folder)) {
    const status = await stat(folder).catch(() => undefined);
    if (status === undefined || status.isDirectory()) continue;
    const message = `cannot write '${path}': '${folder}' is not a folder; choose another place`;
    return new KernelError('ERR_IO', message, { path, errno: 'ENOTDIR' }, { cause });
  }
  return undefined;
}

async function renameNew(temporary: string, path: string): Promise<void> {
  // rename(2) replaces an empty folder without a word.
  if ((await lstat(path).catch(() => undefined)) !== undefined) throw exists(path, 'folder');
  await rename(temporary, path);
}

async function moveInto(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      const status = await lstat(target).catch(() => undefined);
      if (status !== undefined && !status.isDirectory()) throw exists(target, 'file');
      await mkdir(target, { recursive: true });
      await moveInto(source, target);
    } else {
      await rename(source, target);
    }
  }
  await flushFolder(to);
  await rmdir(from);
}

async function writeWhole(path: string, content: Content, signal: AbortSignal | undefined): Promise<void> {
  // 'wx' neither replaces a file nor follows a link.
  const file = await open(path, 'wx');
  try {
    for await (const part of parts(content)) {
      signal?.throwIfAborted();
      await writePart(file, part);
    }
    signal?.throwIfAborted();
    await flush(file.fd);
  } finally {
    await file.close();
  }
}

function parts(content: Content): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof content === 'string') return [Buffer.from(content, 'utf8')];
  return content instanceof Uint8Array ? [content] : content;
}

/** One write may take less than it was given. */
async function writePart(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let at = 0; at < part.length; ) {
    const { bytesWritten } = await file.write(part, at, Math.min(part.length - at, 16 * 2 ** 20));
    at += bytesWritten;
  }
}

/** A rename is on disk only when its folder is. Not every system can flush a folder. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  if (folder === undefined) return;
  try {
    await flush(folder.fd);
  } catch {
    // The data themselves are flushed; only the order of events after a power cut is less certain.
  } finally {
    await folder.close();
  }
}

function temporaryBeside(path: string): string {
  const final = resolve(path);
  return join(dirname(final), `.${basename(final)}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
}

function safeName(name: string): string {
  const normal = normalize(name);
  const inside = !isAbsolute(normal) && !normal.split(sep).includes('..') && normal !== '.';
  if (inside && !normal.includes('\0')) return normal;
  throw new KernelError('ERR_ARGUMENT', `'${name}' is not the name of a file inside the output folder`, { name });
}

/**
 * Refuses, before any work, a name that is taken by a file, unless it may be replaced, or by a folder, and one in a folder
 * that is not there or takes no files.
 */
export async function requireFile(path: string, force = false): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status?.isDirectory()) {
    throw new KernelError('ERR_OUTPUT_EXISTS', `output '${path}' is a folder; choose the name of a file`, { path });
  }
  if (status !== undefined && !force) throw exists(path, 'file');
  const blocked = await fileOnTheWay(resolve(path), path);
  if (blocked !== undefined) throw blocked;
  try {
    await access(dirname(resolve(path)), constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw ioError(cause, path);
    throw new KernelError(
      'ERR_IO',
      `cannot write '${path}': there is no folder '${dirname(path)}'; make it first, or choose another place`,
      { path, errno: code },
      { cause },
    );
  }
}

function exists(path: string, kind: 'file' | 'folder'): KernelError {
  return new KernelError(
    'ERR_OUTPUT_EXISTS',
    `the output ${kind} '${path}' exists; choose another name or allow replacing it (force)`,
    { path },
  );
}

function ioError(cause: unknown, path: string): unknown {
  const { code, errno } = cause as NodeJS.ErrnoException;
  if (typeof errno !== 'number') return cause;
  return new KernelError('ERR_IO', `cannot write '${path}': ${reasonOf(cause)}`, { path, errno: code }, { cause });
}
