// Two set-ups in one tree would trip over each other; the second waits for the first.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { note, SetupError } from './console.mjs';
import { at } from './paths.mjs';

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Runs `work` while holding .cache/NAME.lock, which names its owner so that one left by a crash is taken over. A lock that
 * names nobody for `patience` milliseconds was left by a crash or a full disk at the worst moment.
 */
export async function withLock(name, work, patience = 10_000) {
  const file = at('.cache', `${name}.lock`);
  mkdirSync(at('.cache'), { recursive: true });
  let nameless;
  for (let waited = 0; ; waited++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    let owner = Number.NaN;
    try {
      owner = Number(readFileSync(file, 'utf8'));
    } catch {
      continue;
    }
    if (owner > 0 && !alive(owner)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!(owner > 0)) {
      nameless ??= Date.now();
      if (Date.now() - nameless < patience) {
        await pause(50);
        continue;
      }
      throw new SetupError(`${file} does not say whose lock it is; if no other ${name} runs in this folder, delete it`);
    }
    nameless = undefined;
    if (waited === 0) note('waiting', `for another ${name} in this folder (process ${owner})`);
    await pause(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
