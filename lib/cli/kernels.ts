import { imagesOf } from '../data/images.js';
import type { Points } from '../data/load-points.js';
import { crossSweep, gramSweep } from '../depths.js';
import { takesImages } from '../fit-grid.js';
import { compile, cross, type Gram, type GramOptions, gram, type KernelName } from '../kernel.js';
import { isImagePreset } from '../presets.js';
import type { Tensor } from '../tensor.js';
import type { NetworkRequest } from './network-file.js';

/** A matrix of kernel values with its name; `depth` is null unless several depths were asked for. */
export interface KernelMatrix extends Tensor {
  readonly kernel: KernelName;
  readonly depth: number | null;
  readonly logScale: number;
}

/** Gram matrices, or cross matrices where there is a second set, of all kernels and depths that were asked for. */
export async function kernelMatrices(
  request: NetworkRequest,
  kernels: readonly KernelName[],
  points: Points,
  other: Points | undefined,
  options: GramOptions,
): Promise<readonly KernelMatrix[]> {
  const x = inputsFor(request, points);
  const against = other === undefined ? undefined : inputsFor(request, other);
  if (request.depths !== null) return ofDepths(request, kernels, x, against, options);
  using kernel = compile(request.network);
  const matrices =
    against === undefined
      ? Object.values(await gram(kernel, x, kernels, options)).map(asMatrix)
      : Object.values(await cross(kernel, x, against, kernels, options));
  return matrices.map((matrix) => ({ ...matrix, depth: null }));
}

/** Rows for networks on vectors, for which images are flattened; images with their grid for the others. */
function inputsFor({ network }: NetworkRequest, points: Points): Tensor {
  const onImages = 'preset' in network ? isImagePreset(network) : takesImages(network);
  return onImages ? imagesOf(points) : points.x;
}

async function ofDepths(
  { network, depths }: NetworkRequest & { readonly depths: readonly number[] },
  kernels: readonly KernelName[],
  x: Tensor,
  against: Tensor | undefined,
  options: GramOptions,
): Promise<readonly KernelMatrix[]> {
  const perDepth =
    against === undefined
      ? (await gramSweep(network, depths, x, kernels, options)).map((grams) => Object.values(grams).map(asMatrix))
      : (await crossSweep(network, depths, x, against, kernels, options)).map((crosses) => Object.values(crosses));
  return perDepth.flatMap((matrices, i) => matrices.map((matrix) => ({ ...matrix, depth: depths[i] as number })));
}

function asMatrix({ kernel, size, values, logScale }: Gram): Omit<KernelMatrix, 'depth'> {
  return { kernel, data: values, shape: [size, size], logScale };
}
