/** What this machine is called, and for which an addon is built ahead of time. */

/** Each has a package of its own, `resgram-` and this name; an optional dependency of what is published. */
export const prebuilt: readonly string[] = ['linux-x64', 'linux-arm64', 'linux-x64-musl', 'darwin-arm64', 'darwin-x64'];

/** The oldest C library of the GNU project that prebuilt addons run on, and the oldest Node. */
export const oldestGlibc = '2.28';
export const oldestNode = '20.19';

/** linux-x64, darwin-arm64, linux-x64-musl … */
export function platformName(): string {
  const name = `${process.platform}-${process.arch}`;
  return process.platform === 'linux' && glibcVersion() === undefined ? `${name}-musl` : name;
}

/** Of the C library that Node runs on; undefined with another one (musl) and on another system. */
export function glibcVersion(): string | undefined {
  // A report lists the open connections, and asks for the name of each; that can take seconds.
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  try {
    const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
    return header?.glibcVersionRuntime;
  } finally {
    report.excludeNetwork = before;
  }
}

/** Is a version of the form 20.19.0 older than another? Parts that are missing count as 0. */
export function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
