import { readFileSync } from 'node:fs';

/** The version of the package; dist/cli and lib/cli lie equally deep under its manifest. */
export const version: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
