/** sphere.json as typed cases: a network, the dimension of the sphere, and eigenvalues relative to the kernel at angle 0. */

import { readFileSync } from 'node:fs';
import type { KernelName } from '../../lib/evaluate.js';
import { parseNetwork } from '../../lib/parse-network.js';
import type { Network } from '../../lib/presets.js';

interface File {
  readonly degrees: readonly number[];
  readonly networks: Readonly<Record<string, unknown>>;
  readonly spectra: readonly {
    readonly network: string;
    readonly dimension: number;
    readonly kernel: KernelName;
    readonly values: readonly string[];
  }[];
}

export interface SphereCase {
  readonly name: string;
  readonly network: Network;
  readonly spectra: readonly {
    readonly dimension: number;
    readonly kernel: KernelName;
    /** By degree; 0 stands for less than 1e-45. */
    readonly values: ReadonlyMap<number, number>;
  }[];
}

/** One case for each network. */
export function sphereCases(): SphereCase[] {
  const { degrees, networks, spectra } = JSON.parse(
    readFileSync(new URL('./sphere.json', import.meta.url), 'utf8'),
  ) as File;
  return Object.entries(networks).map(([name, spec]) => ({
    name,
    network: parseNetwork(spec),
    spectra: spectra
      .filter(({ network }) => network === name)
      .map(({ dimension, kernel, values }) => ({
        dimension,
        kernel,
        values: new Map(values.map((text, i) => [degrees[i] as number, Number(text)])),
      })),
  }));
}
