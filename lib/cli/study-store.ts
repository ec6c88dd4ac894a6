import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../data/atomic-write.js';
import type { ItemStore } from '../studies/run.js';
import type { ItemReport } from '../studies/schema.js';

/** Finished items of a study that was stopped, beside the folder that it would have made. */
export interface FolderStore extends ItemStore {
  readonly folder: string;
  /** Whether this run has found or kept an item. */
  readonly holds: () => boolean;
  /** Once the report is there. */
  readonly clear: () => Promise<void>;
}

export function studyStore(out: string, signal: AbortSignal): FolderStore {
  const folder = `${out.replace(/[/\\]+$/, '')}.items`;
  let held = false;
  const fileOf = (key: string) => join(folder, `${key}.json`);
  return {
    folder,
    holds: () => held,
    async read(key) {
      const text = await readFile(fileOf(key), 'utf8').catch(() => null);
      held ||= text !== null;
      // What is there was written whole or not at all; the key says that it is of this version and these parameters.
      return text === null ? null : (JSON.parse(text) as ItemReport);
    },
    async write(key, item) {
      await mkdir(folder, { recursive: true });
      await writeFileAtomic(fileOf(key), `${JSON.stringify(item)}\n`, { force: true, signal });
      held = true;
    },
    async clear() {
      await rm(folder, { recursive: true, force: true });
      held = false;
    },
  };
}
