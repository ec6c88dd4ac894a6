/// <reference lib="esnext.disposable" preserve="true" />
/** From a network to a kernel that is ready to run. */

import { KernelError } from './errors.js';
import type { Layer } from './layers.js';
import { lower, type Origin, type Program } from './lower.js';
import { called, type NativeProgram, native, type Path } from './native.js';
import { reading, show } from './options.js';
import { type Network, network as networkOf } from './presets.js';
import { hasTangent } from './tangent.js';

/** A network made ready to run. Holds native memory until it is disposed of or collected. */
export interface Kernel extends Disposable {
  readonly network: Layer;
  readonly program: Program;
  /**
   * 'steps': the listing runs once per tile of pairs. 'table': the kernels depend on the angle alone, and matrices with pairs
   * enough come from a table of it, at a cost that does not grow with the depth; their own `path` says so.
   */
  readonly path: Path;
  /** Is there a tangent kernel? Where there is none (sign), only 'nngp' may be asked for. */
  readonly tangent: boolean;
  /** Frees the native listing. Every later use is refused with ERR_DISPOSED; calls under way finish. */
  dispose(): void;
}

const handles = new WeakMap<object, NativeProgram>();

/**
 * Lowers a network (a layer or a preset) to its listing and checks it. Throws ERR_NETWORK, with the path of the layer,
 * for a network that means no kernel.
 */
export function compile(network: Network): Kernel {
  const layer = reading('network', () => networkOf(network));
  const program = reading('network', () => lower(layer));
  const handle = loadProgram(program, 'preset' in network ? network.preset : undefined);
  const dispose = (): void => handle.dispose();
  const kernel: Kernel = Object.freeze({
    network: layer,
    program,
    path: handle.homogeneous ? 'table' : 'steps',
    tangent: hasTangent(layer),
    dispose,
    [Symbol.dispose]: dispose,
  });
  handles.set(kernel, handle);
  return kernel;
}

/** A listing made by hand may come without the layers. */
type Listed = Pick<Program, 'steps'> & Partial<Pick<Program, 'origins'>>;

/**
 * The listing, checked and kept on the native side, with the layers that its errors name; of a preset they say that they
 * are its own.
 */
export function loadProgram({ steps, origins = [] }: Listed, preset?: string): NativeProgram {
  const { Program } = native();
  const layers = new Map<Origin, number>();
  const rows = origins.map((origin) => {
    const known = layers.get(origin) ?? layers.size;
    layers.set(origin, known);
    return known;
  });
  const of = preset === undefined ? '' : ` of ${preset}`;
  const named = Array.from(layers.keys(), ({ path, name }) => [path, `${name}${of}`] as const);
  return called(() => new Program(steps, ...(rows.length === 0 ? [] : [[named, rows] as const])));
}

/** The native listing behind a kernel of `compile`. */
export function handleOf(kernel: unknown): NativeProgram {
  const handle = typeof kernel === 'object' && kernel !== null ? handles.get(kernel) : undefined;
  if (handle === undefined) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `kernel: expected what compile() returned, got ${show(kernel)}; a copy of it does not do`,
    );
  }
  // Refuses a kernel that was disposed of.
  called(() => handle.emits);
  return handle;
}
