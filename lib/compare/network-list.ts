import type { PlainActivationName } from '../activations.js';
import { branchScaleText, familyName, networkId } from '../describe.js';
import { KernelError, unknownName } from '../errors.js';
import { frozen } from '../frozen.js';
import type { Bias, InputScale } from '../layers.js';
import { show } from '../options.js';
import {
  type Alpha,
  type Convention,
  checkPreset,
  conventionOf,
  defaultActivation,
  isImagePreset,
  type PresetFamily,
  type VectorFamily,
} from '../presets.js';

/** A network that takes part, its depth still open. */
export interface Contestant {
  /** Short, stable and safe as a file name. */
  readonly id: string;
  readonly label: string;
  readonly family: 'mlp' | 'resnet';
  /** "α = 0.1", "α = 1/√L"; empty for an MLP. */
  readonly alpha: string;
  readonly spec: VectorFamily;
}

/** What the comparison adds to networks that do not say it themselves. */
export interface CommonParts {
  /** Default: that of the convention. */
  readonly activation?: PlainActivationName | undefined;
  readonly bias: Bias | null;
  readonly inputScale: InputScale;
}

export interface NetworkList {
  readonly convention: Convention;
  readonly contestants: readonly Contestant[];
}

/** The MLP, the two scalings with depth that the papers study, and two constant α: attenuated and not. */
export const defaultNetworks = 'mlp,resnet:gamma=1,resnet:gamma=0.5,resnet:0.1,resnet:1';

/** The same for the one-matrix ResNet, whose α is c_res/L. */
const liNetworks = 'mlp,li:0.3,li:1,li:3';

/** What is compared where nothing is said. */
const defaultsOf: Readonly<Record<Convention, string>> = {
  huang: defaultNetworks,
  tirer: defaultNetworks,
  jacot: 'mlp',
  li: liNetworks,
};

export const conventionNames = Object.freeze([
  'huang',
  'tirer',
  'jacot',
  'li',
] as const) satisfies readonly Convention[];
/** The ResNet of each convention; Jacot et al. have none. */
const resnetOf: Readonly<Record<Convention, 'huang' | 'tirer' | 'li' | null>> = {
  huang: 'huang',
  tirer: 'tirer',
  jacot: null,
  li: 'li',
};
const words = ['mlp', 'resnet', 'huang', 'belfer', 'tirer', 'li'];
const option = 'networks';

/**
 * Reads networks as they are written on the command line, "mlp,resnet:0.1,resnet:gamma=0.5", as JSON text, or as
 * preset specifications. All of them come out in one convention: networks whose constants or trained layers differ
 * would be told apart by those, not by their architecture.
 */
export function networkList(
  networks: string | readonly VectorFamily[] | undefined,
  convention: string | undefined,
  common: CommonParts,
): NetworkList {
  const asked = convention === undefined ? undefined : conventionNamed(convention);
  const written = networks ?? defaultsOf[asked ?? 'huang'];
  const drafts =
    typeof written === 'string' ? parseText(written) : listed(written).map((spec) => ({ text: textOf(spec), spec }));
  if (drafts.length === 0) throw refusal('expected at least one network, got none');

  const fixed = drafts.find((draft) => 'spec' in draft);
  const chosen = asked ?? (fixed === undefined ? 'huang' : conventionOfDraft(fixed as Draft & { spec: VectorFamily }));
  const contestants: Contestant[] = [];
  for (const draft of drafts) {
    const spec = 'spec' in draft ? draft.spec : specOf(draft, chosen);
    const own = 'spec' in draft ? conventionOfDraft(draft) : chosen;
    if (own !== chosen) {
      const remedy = matching(spec, chosen, own);
      throw refusal(`expected networks of one convention ('${chosen}'), got '${draft.text}' of '${own}'; ${remedy}`, {
        text: draft.text,
        convention: own,
      });
    }
    contestants.push(contestant(complete(spec, common, chosen), contestants, draft.text));
  }
  return { convention: chosen, contestants };
}

function listed(networks: unknown): readonly VectorFamily[] {
  if (Array.isArray(networks)) return networks;
  const remedy = typeof networks === 'object' && networks !== null ? '; put it in a list: [{ preset: … }]' : '';
  throw refusal(`expected a text such as 'mlp,resnet:0.1' or a list of presets, got ${show(networks)}${remedy}`);
}

/** As messages quote it; what JSON has no words for is described. */
function textOf(spec: unknown): string {
  try {
    return JSON.stringify(spec) ?? show(spec);
  } catch {
    return show(spec);
  }
}

function matching({ preset }: VectorFamily, chosen: Convention, own: Convention): string {
  if (preset === 'mlp') return `"convention": "${chosen}" makes this MLP match`;
  const other = resnetOf[chosen];
  const instead = other === null ? '' : `"preset": "${other}" is the ResNet of '${chosen}', or `;
  return `${instead}take the convention of this one for all (convention=${own})`;
}

type Draft = { readonly text: string } & (
  | { readonly kind: 'mlp' }
  | { readonly kind: 'resnet'; readonly alpha: Alpha }
  | { readonly spec: VectorFamily }
);

function parseText(text: string): Draft[] {
  if (/^\s*[[{]/.test(text)) return parseJson(text);
  return text.split(',').map((part) => parseWord(part.trim()));
}

function parseJson(text: string): Draft[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refusal(`expected JSON, got text that ends early or has a mistake: ${(cause as Error).message}`);
  }
  return (Array.isArray(value) ? value : [value]).map((spec) => ({
    text: JSON.stringify(spec),
    spec: spec as VectorFamily,
  }));
}

function parseWord(text: string): Draft {
  if (text === '') throw refusal("expected networks between commas, such as 'mlp,resnet:0.1', got an empty place");
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const argument = colon < 0 ? '' : text.slice(colon + 1);
  if (!words.includes(name)) throw refusal(unknownName('network', name, words), { name });
  if (name === 'mlp') {
    if (argument !== '') throw refusal(`'${text}': an MLP has no α; write 'mlp'`, { text });
    return { text, kind: 'mlp' };
  }
  if (name === 'li') return { text, spec: { preset: 'li', residualScale: parseResidualScale(argument, text) } };
  const alpha = parseAlpha(argument, text);
  return name === 'resnet'
    ? { text, kind: 'resnet', alpha }
    : { text, spec: { preset: name as 'huang' | 'belfer' | 'tirer', alpha } };
}

function parseAlpha(argument: string, text: string): Alpha {
  const match = /^(?:(\w+)=)?([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:\/(\d+))?$/i.exec(argument);
  const [, key = 'alpha', numerator, denominator] = match ?? [];
  const value = match === null ? Number.NaN : Number(numerator) / Number(denominator ?? 1);
  if (match !== null && key !== 'alpha' && key !== 'gamma') {
    throw refusal(`'${text}': ${unknownName('setting', key, ['alpha', 'gamma'])}`, { text });
  }
  // α = 0 would leave no residual branch to compare; γ = 0 is α = 1.
  if (!Number.isFinite(value) || value < 0 || (value === 0 && key === 'alpha')) {
    throw refusal(`'${text}': expected α as in 'resnet:0.1', or 'resnet:gamma=0.5' for α = L^-0.5`, { text });
  }
  return key === 'gamma' ? { gamma: value } : value;
}

/** "li" is c_res = 1, "li:0.3" another. */
function parseResidualScale(argument: string, text: string): number {
  const value = argument === '' && !text.includes(':') ? 1 : Number(argument === '' ? Number.NaN : argument);
  if (Number.isFinite(value) && value > 0) return value;
  throw refusal(
    `'${text}': expected c_res as in 'li:0.3', for residual branches of scale 0.3/L, or 'li' for c_res = 1`,
    {
      text,
    },
  );
}

function specOf(draft: Exclude<Draft, { spec: VectorFamily }>, convention: Convention): VectorFamily {
  if (draft.kind === 'mlp') return { preset: 'mlp', convention };
  const preset = resnetOf[convention];
  if (preset === null) {
    throw refusal(`'${draft.text}': the convention '${convention}' has no ResNet; 'huang', 'tirer' and 'li' have one`, {
      text: draft.text,
    });
  }
  if (preset === 'li') {
    throw refusal(`'${draft.text}': the ResNet of 'li' has c_res/L for α; write 'li:0.3' for c_res = 0.3`, {
      text: draft.text,
    });
  }
  return { preset, alpha: draft.alpha };
}

function conventionOfDraft(draft: Draft & { readonly spec: VectorFamily }): Convention {
  if (typeof draft.spec === 'object' && draft.spec !== null && 'kind' in draft.spec) {
    throw refusal('expected presets, whose depth can vary, got a network of layers; write {"preset": …} instead');
  }
  const spec = draft.spec as PresetFamily;
  checkPreset(spec, 'no depth');
  if (isImagePreset(spec)) {
    throw refusal(
      `'${draft.text}': a comparison is of networks on vectors, and images enter it flattened; gram() and 'resgram gram' ` +
        `take ${spec.preset}`,
      { text: draft.text },
    );
  }
  return conventionOf(spec);
}

function conventionNamed(name: string): Convention {
  if ((conventionNames as readonly string[]).includes(name)) return name as Convention;
  throw new KernelError('ERR_ARGUMENT', unknownName('convention', name, conventionNames), { option: 'convention' });
}

function complete(spec: VectorFamily, common: CommonParts, convention: Convention): VectorFamily {
  const { depth: _open, ...own } = spec as VectorFamily & { depth?: number };
  const { activation = defaultActivation(convention) } = common;
  const whole = { ...common, activation, ...own } as VectorFamily;
  if (whole.bias === null) delete (whole as { bias?: unknown }).bias;
  checkPreset(whole, 'no depth');
  return frozen(whole);
}

function contestant(spec: VectorFamily, before: readonly Contestant[], text: string): Contestant {
  const same = before.find((other) => JSON.stringify(other.spec) === JSON.stringify(spec));
  if (same !== undefined) throw refusal(`expected each network once, got '${text}' again`, { text });
  const id = networkId(spec);
  const twins = before.filter((other) => other.id === id || other.id.startsWith(`${id}-v`)).length;
  return {
    id: twins === 0 ? id : `${id}-v${twins + 1}`,
    label: twins === 0 ? familyName(spec) : `${familyName(spec)} (variant ${twins + 1})`,
    family: spec.preset === 'mlp' ? 'mlp' : 'resnet',
    alpha: branchScaleText(spec),
    spec,
  };
}

function refusal(problem: string, details: Record<string, unknown> = {}): KernelError {
  return new KernelError('ERR_ARGUMENT', `${option}: ${problem}`, { option, ...details });
}
