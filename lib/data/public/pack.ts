import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelError } from '../../errors.js';
import { forgetTemporary, rememberTemporary } from '../temporaries.js';

/** Brings the archive of a package, by name and version. */
export type Pack = (name: string, signal: AbortSignal | undefined) => Promise<Uint8Array>;

const shown = 300;

/** By `npm pack`, with the registry and the proxy that npm is set up for. Nothing of the package is installed or run. */
export const npmPack: Pack = async (name, signal) => {
  signal?.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'resgram-pack-'));
  rememberTemporary(folder);
  try {
    const { code, said } = await npm(['pack', name, '--ignore-scripts', '--loglevel=error'], folder, signal);
    signal?.throwIfAborted();
    const archive = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
    if (code !== 0 || archive === undefined) {
      throw new KernelError(
        'ERR_IO',
        `'npm pack ${name}' brought nothing: ${said.trim().slice(-shown) || `it ended with ${code}`}; check the connection and try again`,
        { package: name, code },
      );
    }
    return await readFile(join(folder, archive));
  } finally {
    await rm(folder, { recursive: true, force: true });
    forgetTemporary(folder);
  }
};

async function npm(args: readonly string[], cwd: string, signal: AbortSignal | undefined) {
  // A tenth of what importing resgram takes, for the few who fetch.
  const { spawn } = await import('node:child_process');
  return new Promise<{ readonly code: number | null; readonly said: string }>((resolve, reject) => {
    const child = spawn('npm', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], ...(signal ? { signal } : {}) });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', (cause) => {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      reject(
        missing
          ? new KernelError('ERR_IO', "cannot run 'npm', which brings the archive; install it", {}, { cause })
          : (signal?.reason ?? cause),
      );
    });
    child.once('close', (code) => resolve({ code, said }));
  });
}
