/** What this installation is and runs on. */

import { jobConstraints, threadsOf } from './jobs.js';
import { called, library } from './native.js';
import { readOptions } from './options.js';
import { platformName } from './platform.js';

export interface Info {
  readonly version: string;
  /** Number of the boundary between the facade and the native library. */
  readonly abi: number;
  /** The file that was loaded. */
  readonly binary: string;
  readonly platform: string;
  readonly node: string;
  /** The BLAS library's own description. */
  readonly blas: string;
  /** The instruction set of the vector steps; RESGRAM_SIMD forces a lesser one. */
  readonly simd: string;
  /** CPUs this process may use: affinity mask and cgroup quota. */
  readonly cpus: number;
  /** Threads of a call that does not say: RESGRAM_THREADS, else `cpus`. */
  readonly threads: number;
  /** Bytes this process may still take: the smaller of what the system and the cgroup leave. */
  readonly availableMemory: number;
  /** Mnemonics of the steps that the native core knows. */
  readonly steps: readonly string[];
}

/**
 * Loads the native library if need be. Throws ERR_NATIVE_LOAD where it does not load, and ERR_ARGUMENT for a RESGRAM_SIMD
 * that names no instruction set.
 */
export function info(): Info {
  const { binding, path } = library();
  const { blas, simd, cpus, steps } = called(() => binding.about());
  return Object.freeze({
    version: binding.version,
    abi: binding.abi,
    binary: path,
    platform: platformName(),
    node: process.versions.node,
    blas,
    simd,
    cpus,
    threads: threadsOf(readOptions('options', {}, jobConstraints)),
    availableMemory: called(() => binding.availableMemory()),
    steps,
  });
}
