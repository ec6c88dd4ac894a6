/** Short names of networks for people: tables, legends, verdicts. */

import { activationRecord, type ParameterValues } from './activations.js';
import type { Bias, Conv, Layer, Nonlinearity } from './layers.js';
import {
  type Alpha,
  activationOf,
  conventionOf,
  type ImageFamily,
  isImagePreset,
  isRule,
  type Network,
  type PresetFamily,
  usualScale,
  type VectorFamily,
} from './presets.js';

/** One line: "ResNet α = 1/√L, depth 10 (huang)"; for other networks its layers, "dense, 3 × [relu, dense]". */
export function describe(network: Network | PresetFamily): string {
  if ('kind' in network) return expression(network);
  const { title, traits } = presetWords(network);
  const depth = 'depth' in network && network.depth !== undefined ? [`depth ${network.depth}`] : [];
  const convention = isImagePreset(network) ? [] : [`(${conventionOf(network)})`];
  return [[title, ...traits, ...depth].join(', '), ...convention].join(' ');
}

/** The family alone, as legends of figures over depth need it: "MLP", "ResNet α = 0.1". */
export function familyName(preset: PresetFamily): string {
  return presetWords(preset).title;
}

/** "α = 0.1", "α = 1/√L", "α = L^-3/4", "α = 0.1, 0.2"; a long list shows its ends. */
export function alphaText(alpha: Alpha): string {
  if (typeof alpha === 'number') return `α = ${alpha}`;
  if (isRule(alpha)) return `α = ${powerText(alpha.gamma)}`;
  return `α = ${listText(alpha)}`;
}

/** L^-γ as a book has it, where that is short. */
function powerText(gamma: number): string {
  if (gamma === 0) return '1';
  if (gamma === 0.5) return '1/√L';
  return gamma === 1 ? '1/L' : `L^-${fraction(gamma)}`;
}

/** The scale of the residual branches of a preset as α; empty for an MLP. c_res/L of 'li' is one, too. */
export function branchScaleText(preset: VectorFamily): string {
  if (preset.preset === 'mlp') return '';
  if (preset.preset !== 'li') return alphaText(preset.alpha);
  const { residualScale = 1 } = preset;
  return typeof residualScale === 'number' ? `α = ${residualScale}/L` : `α = (${listText(residualScale)})/L`;
}

function listText(list: readonly number[]): string {
  return list.length <= 4 ? list.join(', ') : `${list[0]}, …, ${list[list.length - 1]} (${list.length} blocks)`;
}

/** Short, stable and safe as a file name: "mlp", "resnet-a0.1", "resnet-g0.5". */
export function networkId(preset: VectorFamily): string {
  if (preset.preset === 'mlp') return 'mlp';
  if (preset.preset === 'li') {
    const { residualScale = 1 } = preset;
    return `li-c${typeof residualScale === 'number' ? residualScale : span(residualScale)}`;
  }
  const { alpha } = preset;
  if (typeof alpha === 'number') return `resnet-a${alpha}`;
  if (isRule(alpha)) return `resnet-g${alpha.gamma}`;
  return `resnet-a${span(alpha)}`;
}

function span(list: readonly number[]): string {
  return `${list[0]}to${list[list.length - 1]}x${list.length}`;
}

/** "ReLU", "leaky ReLU 0.1", "erf × 1.2"; the scale is left out where it is what the convention gives anyway. */
export function activationText(layer: Nonlinearity, usualScale = 1): string {
  return `${phiText(layer)}${layer.scale === usualScale ? '' : ` × ${short(layer.scale)}`}`;
}

function phiText(layer: Nonlinearity): string {
  if (layer.kind === 'tabulated') {
    const { length } = layer.pieces;
    return `own φ (${length} ${length === 1 ? 'piece' : 'pieces'})`;
  }
  const record = activationRecord(layer.name);
  return record.title + record.parameters.map(({ name }) => ` ${(layer.params as ParameterValues)[name]}`).join('');
}

function presetWords(preset: PresetFamily): { title: string; traits: string[] } {
  const { title, traits } = isImagePreset(preset) ? imageWords(preset) : { title: vectorTitle(preset), traits: [] };
  const phi = activationOf(preset);
  const usual = usualScale(preset, phi);
  if (phi.kind !== 'activation' || phi.name !== 'relu' || phi.scale !== usual) traits.push(activationText(phi, usual));
  if ('weightVar' in preset && preset.weightVar !== undefined && preset.weightVar !== 1) {
    traits.push(`weight variance ${preset.weightVar}`);
  }
  if (preset.bias !== undefined && preset.bias !== null && preset.bias.var !== 0) traits.push(biasText(preset.bias));
  return { title, traits };
}

/** "ResCNTK α = 0.1", filters and head; what the preset has anyway is left out. */
function imageWords(preset: ImageFamily): { title: string; traits: string[] } {
  const filters =
    preset.preset === 'barzilai'
      ? `filters ${preset.innerSize ?? 1} and ${preset.outerSize ?? 3}`
      : `filters ${preset.size ?? 3}`;
  const border = preset.padding === 'same' ? ' (zeros outside)' : '';
  const at = preset.at === undefined ? '' : ` at ${preset.at.join(', ')}`;
  const frozen = preset.preset === 'barzilai' && preset.frozenEnds === true ? ['first and last layer frozen'] : [];
  return {
    title: preset.preset === 'barzilai' ? `conv ResNet ${alphaText(preset.alpha)}` : 'conv net',
    traits: [`${filters}${border}`, `${preset.head} head${at}`, ...frozen],
  };
}

function vectorTitle(preset: VectorFamily): string {
  if (preset.preset === 'mlp') return 'MLP';
  return `${preset.preset === 'li' ? 'one-matrix ResNet' : 'ResNet'} ${branchScaleText(preset)}`;
}

function biasText(bias: Bias): string {
  const trained = bias.trainable ? 'trained' : 'frozen';
  return bias.init === 'zero' ? `trained bias ${bias.var} from zero` : `${trained} bias N(0, ${bias.var})`;
}

/** The structure of a network as one expression. */
function expression(layer: Layer): string {
  switch (layer.kind) {
    case 'dense':
      return layer.bias === null ? 'dense' : 'dense + bias';
    case 'conv':
      return convText(layer);
    case 'pool':
      return `pool ${layer.size}`;
    case 'head':
      return `${layer.read} head${layer.at === undefined ? '' : ` at ${layer.at.join(', ')}`}`;
    case 'activation':
    case 'tabulated':
      return activationText(layer);
    case 'scale':
      return `× ${short(layer.factor)}`;
    case 'serial':
      return layer.layers.map(expression).join(', ');
    case 'repeat':
      return `${layer.times} × [${expression(layer.layer)}]`;
    case 'residual': {
      const shortcut = layer.shortcut === 'identity' ? 'h' : `[${expression(layer.shortcut)}]`;
      const bodyScale =
        typeof layer.bodyScale === 'number' ? times(layer.bodyScale) : `{${listText(layer.bodyScale)}} · `;
      return `(${times(layer.shortcutScale)}${shortcut} + ${bodyScale}[${expression(layer.body)}])`;
    }
  }
}

/** "conv 3", "circular conv 3 / 2 + bias": zeros around the image and stride 1 go without saying. */
function convText({ size, stride, padding, bias }: Conv): string {
  const border = padding === 'same' || size === 1 ? '' : `${padding} `;
  return `${border}conv ${size}${stride === 1 ? '' : ` / ${stride}`}${bias === null ? '' : ' + bias'}`;
}

function times(factor: number): string {
  return factor === 1 ? '' : `${short(factor)} · `;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** 0.5 → "1/2" where a reader would write it so. */
function fraction(value: number): string {
  for (const denominator of [2, 3, 4]) {
    const numerator = Math.round(value * denominator);
    if (!Number.isInteger(value) && value === numerator / denominator) return `${numerator}/${denominator}`;
  }
  return String(value);
}
