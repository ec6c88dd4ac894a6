/** The one message of a native library that does not load: where, what was tried, and the one command that mends it. */

import { KernelError } from './errors.js';
import { type Attempt, folderOf, type Package, type Reason, sourcePackage } from './locate.js';
import { glibcVersion, isOlder, oldestGlibc, oldestNode, platformName, prebuilt } from './platform.js';

/** Systems that the sources build on. */
const systems: readonly string[] = ['linux', 'darwin'];

/** Refuses a Node or a system on which nothing could be loaded. Throws ERR_NATIVE_LOAD. */
export function refuseSystem(): void {
  const { node } = process.versions;
  if (isOlder(node, oldestNode)) {
    throw new KernelError(
      'ERR_NATIVE_LOAD',
      `resgram needs Node ${oldestNode} or newer, this is ${node}; install a newer Node`,
      { node },
    );
  }
  if (!systems.includes(process.platform)) {
    const help = process.platform === 'win32' ? '; on Windows it runs under WSL' : '';
    throw new KernelError('ERR_NATIVE_LOAD', `resgram runs on Linux and macOS, this is ${process.platform}${help}`, {
      platform: process.platform,
    });
  }
}

export function notLoaded(
  own: Package,
  attempts: readonly (Attempt & { readonly reason: Reason })[],
  require: NodeJS.Require,
): KernelError {
  const platform = platformName();
  const tried = attempts.map(({ what, why }) => `${what}: ${why}`).join('; ');
  return new KernelError(
    'ERR_NATIVE_LOAD',
    `the native library does not load on ${platform} with Node ${process.versions.node}. Tried ${tried}. ` +
      remedy(own, platform, attempts, require),
    { platform, attempts: attempts.map(({ what, why }) => ({ what, why })) },
  );
}

/** One sentence with one command in it. The last candidate is the platform's package. */
function remedy(
  own: Package,
  platform: string,
  attempts: readonly { readonly reason: Reason }[],
  require: NodeJS.Require,
): string {
  if (attempts.some(({ reason }) => reason === 'forbidden')) {
    return 'permission' in process && process.permission !== undefined
      ? "Node's permissions keep addons out; start it with --allow-addons as well"
      : 'Node was told --no-addons, as an argument or in NODE_OPTIONS; start it without';
  }
  const last = attempts.at(-1)?.reason;
  const forced = process.env.RESGRAM_BINARY;
  if (forced !== undefined && forced !== '') {
    return "RESGRAM_BINARY is set, so nothing else was tried; 'unset RESGRAM_BINARY' looks in the usual places";
  }
  if (own.clone) return "'npm run setup' builds it";
  if (attempts.some(({ reason }) => reason === 'unbuilt')) {
    return `'npm explore ${sourcePackage} -- npm run setup' builds it, which needs a C++ compiler`;
  }
  const build =
    `'npm install ${sourcePackage}@${own.version} && npm explore ${sourcePackage} -- npm run setup' ` +
    'builds it, which needs a C++ compiler';
  if (!prebuilt.includes(platform)) return `None is built ahead for ${platform}; ${build}`;
  const glibc = glibcVersion();
  if (glibc !== undefined && isOlder(glibc, oldestGlibc)) {
    return `The one built ahead needs glibc ${oldestGlibc} or newer, this is ${glibc}; ${build}`;
  }
  if (last === 'unloadable') return `It is there and cannot be opened; ${build}`;
  // npm leaves out optional dependencies when a lock file or node_modules was made on another platform, and for
  // --omit=optional. Asked for by name, the package is installed and recorded as optional.
  const name = `resgram-${platform}`;
  const install = `npm install --include=optional --save-optional ${name}@${own.version}`;
  if (last === 'damaged') return `'rm -r ${quoted(folderOf(name, require) ?? name)} && ${install}' installs it anew`;
  return (
    `'${install}' installs it; it is missing where node_modules or ` +
    'the lock file comes from another platform, or optional dependencies were left out'
  );
}

/** As a shell reads one word. */
function quoted(folder: string): string {
  return /^[\w@./+-]+$/.test(folder) ? folder : `"${folder.replace(/["$`\\]/g, '\\$&')}"`;
}
