/** Which networks are tried, and how rows become their inputs. */

import { settingsOf } from '../compare/settings.js';
import type { Dataset, SampleMatrix } from '../data/dataset.js';
import { imagesOf } from '../data/images.js';
import type { Standardize } from '../data/standardize.js';
import { describe } from '../describe.js';
import { KernelError } from '../errors.js';
import { type KernelName, kernelNames } from '../evaluate.js';
import { takesImages } from '../fit-grid.js';
import { isImagePreset, type Network, type PresetFamily, type VectorFamily } from '../presets.js';
import type { Tensor } from '../tensor.js';
import type { Criterion } from './schema.js';

export interface FitSettings {
  /** As for `compare`; default an MLP and the ResNet with α = 1/√L. */
  readonly networks?: string | readonly VectorFamily[];
  /** One network as it is, in place of `networks` and what goes with them. */
  readonly network?: Network;
  readonly depths?: readonly number[];
  readonly convention?: string;
  readonly activation?: string;
  readonly bias?: number;
  readonly kernels?: readonly KernelName[];
  readonly scaling?: Standardize;
  /** Relative to the mean diagonal; default 'auto'. */
  readonly ridge?: 'auto' | number;
  readonly criterion?: Criterion;
  readonly folds?: number;
  readonly seed?: number;
  /** Rows that choose network, depth and ridge; more are sampled. Default 2000. */
  readonly searchRows?: number;
  /** Default true. */
  readonly learningCurve?: boolean;
  readonly maxHours?: number;
  /** The command that repeats this. */
  readonly command?: string;
}

/** A network that takes part, at all depths. */
export interface Entry {
  readonly id: string;
  readonly label: string;
  readonly family: 'mlp' | 'resnet';
  readonly network: PresetFamily | Network;
}

export interface FitPlan {
  readonly entries: readonly Entry[];
  /** undefined where the network is taken as it is. */
  readonly depths: readonly number[] | undefined;
  readonly convention: string | null;
  readonly activation: string | null;
  readonly bias: number | null;
  readonly kernels: readonly KernelName[];
  readonly scaling: Standardize;
  readonly inputs: (x: SampleMatrix) => Tensor;
}

export const defaultFitNetworks = 'mlp,resnet:gamma=0.5';
export const defaultFitDepths: readonly number[] = [1, 2, 3, 5, 10];
export const defaultSearchRows = 2000;

export function planOf(data: Dataset, settings: FitSettings): FitPlan {
  const { network, kernels = ['ntk'] } = settings;
  if (kernels.length === 0 || !kernels.every((name) => kernelNames.includes(name))) {
    throw new KernelError('ERR_ARGUMENT', "kernels: expected 'ntk', 'nngp' or both", { option: 'kernel' });
  }
  return network === undefined ? ofPresets(data, settings, kernels) : ofNetwork(data, network, settings, kernels);
}

/** Read as the comparison reads them, so that what won there can be fitted here. */
function ofPresets(data: Dataset, given: FitSettings, kernels: readonly KernelName[]): FitPlan {
  const { networks = defaultFitNetworks, depths = defaultFitDepths, scaling, convention, activation, bias } = given;
  const settings = settingsOf(data, {
    networks: convention !== undefined && given.networks === undefined ? undefined : networks,
    depths,
    kernel: kernels[0] as KernelName,
    ...(scaling === undefined ? {} : { scaling }),
    ...(convention === undefined ? {} : { convention }),
    ...(activation === undefined ? {} : { activation }),
    ...(bias === undefined ? {} : { bias }),
  } as Parameters<typeof settingsOf>[1]);
  return {
    entries: settings.contestants.map(({ id, label, family, spec }) => ({ id, label, family, network: spec })),
    depths: settings.depths,
    convention: settings.convention,
    activation: settings.activation,
    bias: settings.bias,
    kernels,
    scaling: settings.scaling,
    inputs: (x) => x,
  };
}

function ofNetwork(
  data: Dataset,
  network: Network,
  { scaling = data.kind === 'images' ? 'sphere' : 'columns' }: FitSettings,
  kernels: readonly KernelName[],
): FitPlan {
  const onImages = 'preset' in network ? isImagePreset(network) : takesImages(network);
  const { name, image } = data;
  const size = image === undefined ? {} : { image };
  return {
    entries: [{ id: 'network', label: describe(network), family: 'resnet', network }],
    depths: undefined,
    convention: null,
    activation: null,
    bias: null,
    kernels,
    scaling,
    inputs: onImages ? (x) => imagesOf({ name, x, ...size }) : (x) => x,
  };
}
