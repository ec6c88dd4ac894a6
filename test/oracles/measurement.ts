/** One comparison with another program's value, and what tables call that on which it was made. */

import type { Nonlinearity } from '../../lib/layers.js';
import { type Network, network, type PresetSpec } from '../../lib/presets.js';
import { activationsIn, layersIn } from './network-parts.js';

export type Quantity =
  | 'NNGP'
  | 'NTK'
  | 'E φφ'
  | 'E φ′φ′'
  | 'E φ'
  | '∇ NNGP'
  | '∇ NTK'
  | '∇² NNGP'
  | '∇² NTK'
  | 'λ NNGP'
  | 'λ NTK';

export interface Measurement {
  readonly file: string;
  readonly kind: string;
  readonly activation: string;
  readonly quantity: Quantity;
  /** |got − want| relative to what docs/verification.md says; Infinity where the package has no number. */
  readonly deviation: number;
  readonly place: string;
}

export const names = ['nngp', 'ntk'] as const;
export type Name = (typeof names)[number];
export const quantities = { nngp: 'NNGP', ntk: 'NTK' } as const;

/** What an activation is called in tables: its name in the catalogue, or how a tabulated φ bends. */
export function activationName(phi: Nonlinearity): string {
  if (phi.kind === 'activation') return phi.name;
  return phi.pieces.length > 1 ? 'tabulated, kinks' : 'tabulated, one piece';
}

/** What a network is called in tables: its preset and convention, or the kind of its layers. */
export function kindName(spec: Network): string {
  if ('preset' in spec) return presetKind(spec);
  const kinds = new Set(layersIn(spec).map(({ kind }) => kind));
  const where = kinds.has('head') ? 'images' : 'vectors';
  return `${kinds.has('residual') ? 'residual layers' : 'layers'} on ${where}`;
}

function presetKind(spec: PresetSpec): string {
  return spec.preset === 'mlp' ? `mlp (${spec.convention ?? 'jacot'})` : spec.preset;
}

/** The kind and the activation of a network, as tables name them. */
export function described(spec: Network): { kind: string; activation: string } {
  const phis = new Set(activationsIn(network(spec)).map(activationName));
  return { kind: kindName(spec), activation: [...phis].join(' and ') || 'none' };
}

/** |got − want|/size; a value of no size must be met exactly, and NaN is no agreement. */
export function ratio(got: number, want: number, size: number): number {
  const difference = Math.abs(got - want);
  if (difference === 0) return 0;
  const relative = difference / size;
  return Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative;
}
