/** Condition numbers of normalised Gram matrices, and their bound by the matrix of two constants. */

import type { Gram } from '../../evaluate.js';
import { conditionNumber } from '../../extremes.js';
import type { JobOptions } from '../../jobs.js';
import { compile, gram, type KernelName } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import type { Samples } from '../../tensor.js';
import { atMost, type Mean, meanOf, meanWithError } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';

/** A family of networks by depth, and how a chart shows it. */
export interface Contender {
  readonly id: string;
  readonly label: string;
  readonly family: ChartSeries['family'];
  readonly spec: (depth: number) => PresetSpec;
}

export const kernelTitles: Readonly<Record<KernelName, string>> = { nngp: 'NNGP', ntk: 'NTK' };

/** Layers from which on the claims are about networks as deep. */
const deep = 10;

export function deepOf(depths: readonly number[], from = deep): readonly number[] {
  const found = depths.filter((depth) => depth >= from);
  return found.length > 0 ? found : depths;
}

/** What the report marks where none of the depths is one. */
export function notDeep(name: string, depths: readonly number[], from = deep): readonly string[] {
  return (depths.at(-1) as number) < from ? [`${name}: the claim is about ${from} layers or blocks and more`] : [];
}

const figures = { actual: 'condition number', bound: 'bound' } as const;

export interface Conditioned {
  readonly actual: number;
  /** Of the matrix with 1 on the diagonal and the mean of the other entries off it.                    [double-constant] */
  readonly bound: number;
}

/** Divided to a unit diagonal. */
export function normalisedGram(matrix: Gram): Gram & { readonly values: Float64Array } {
  const { size } = matrix;
  const values = Float64Array.from(matrix.values);
  const scales = Float64Array.from({ length: size }, (_, i) => 1 / Math.sqrt(values[i * size + i] as number));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const value = (values[i * size + j] as number) * ((scales[i] as number) * (scales[j] as number));
      values[i * size + j] = value;
      values[j * size + i] = value;
    }
    values[i * size + i] = 1;
  }
  return { ...matrix, values };
}

async function conditionOf(given: Gram, job: JobOptions): Promise<Conditioned> {
  const matrix = normalisedGram(given);
  const { size, values } = matrix;
  const mean = (values.reduce((sum, value) => sum + value, 0) - size) / (size * (size - 1));
  const { value } = await conditionNumber(matrix, job);
  return { actual: value ?? Number.POSITIVE_INFINITY, bound: (1 + (size - 1) * mean) / (1 - mean) };
}

/** Every contender at every depth on every set of inputs, the same sets for all. */
export class Conditions {
  readonly contenders: readonly Contender[];
  readonly depths: readonly number[];
  readonly #cells = new Map<string, readonly Conditioned[]>();

  private constructor(contenders: readonly Contender[], depths: readonly number[]) {
    this.contenders = contenders;
    this.depths = depths;
  }

  static async of(
    contenders: readonly Contender[],
    depths: readonly number[],
    sets: readonly Samples[],
    { onProgress: _, ...job }: JobOptions,
  ): Promise<Conditions> {
    const all = new Conditions(contenders, depths);
    for (const { id, spec } of contenders) {
      for (const depth of depths) {
        const kernel = compile(spec(depth));
        const cells: Record<KernelName, Conditioned[]> = { nngp: [], ntk: [] };
        try {
          for (const x of sets) {
            const both = await gram(kernel, x, ['nngp', 'ntk'], job);
            cells.nngp.push(await conditionOf(both.nngp, job));
            cells.ntk.push(await conditionOf(both.ntk, job));
          }
        } finally {
          kernel.dispose();
        }
        for (const which of ['nngp', 'ntk'] as const) all.#cells.set(keyOf(id, depth, which), cells[which]);
      }
    }
    return all;
  }

  /** One for each set. */
  at(id: string, depth: number, which: KernelName): readonly Conditioned[] {
    return this.#cells.get(keyOf(id, depth, which)) ?? [];
  }

  /** Of the quotients by the first contender, set by set. */
  against(id: string, depth: number, which: KernelName, figure: keyof Conditioned): Mean {
    const plain = this.at((this.contenders[0] as Contender).id, depth, which);
    return meanWithError(this.at(id, depth, which).map((one, i) => one[figure] / (plain[i] as Conditioned)[figure]));
  }

  /** Of the others over the first contender, at depths: the mean over the sets of the quotients and two standard errors. */
  measured(which: KernelName, figure: keyof Conditioned, depths: readonly number[]): Measurement[] {
    const [plain, ...others] = this.contenders as [Contender, ...Contender[]];
    return others.flatMap(({ id, label }) =>
      depths.map((depth) => {
        const { mean, error } = this.against(id, depth, which, figure);
        const what = `${figures[figure]} of the ${kernelTitles[which]}, ${label} over ${plain.label}, plus 2 standard errors`;
        return atMost(`${what}, L = ${depth}`, mean + 2 * error, 1);
      }),
    );
  }

  /** Where it is larger than that of the first contender by two standard errors; nothing where it never is. */
  larger(which: KernelName, figure: keyof Conditioned, depths: readonly number[]): readonly string[] {
    const [plain, ...others] = this.contenders as [Contender, ...Contender[]];
    return others.flatMap(({ id, label }) => {
      const found = depths.filter((depth) => {
        const { mean, error } = this.against(id, depth, which, figure);
        return mean - 2 * error > 1;
      });
      if (found.length === 0) return [];
      const what = `${figures[figure]} of the ${kernelTitles[which]}, ${label} against ${plain.label}`;
      return [`By two standard errors larger at L = ${found.join(', ')}: ${what}.`];
    });
  }

  /** How it goes with depth in the mean over the sets. */
  course(id: string, which: KernelName, figure: keyof Conditioned): readonly number[] {
    return this.depths.map((depth) => meanOf(this.at(id, depth, which).map((one) => one[figure])));
  }

  /** Means over the sets and two standard errors, by depth; `of` says which matrices, in the title and in the caption. */
  chart(name: string, which: KernelName, figure: keyof Conditioned, of: { title: string; caption: string }): Chart {
    const title = figure === 'bound' ? 'Bound of the condition number' : 'Condition number';
    const all = this.contenders.flatMap(({ id }) => this.course(id, which, figure));
    // Less than a decade has no ticks to speak of.
    const scale = Math.max(...all) < 5 * Math.min(...all) ? 'linear' : 'log';
    return {
      name: `${name}-${which}`,
      title: `${title}, ${kernelTitles[which]}, ${of.title}`,
      caption: `Normalised ${kernelTitles[which]} matrices of ${of.caption} and two standard errors.`,
      x: { label: 'Depth L (layers or blocks)', scale: 'depth' },
      y: { label: figure === 'bound' ? 'Double-constant bound' : 'λ_max/λ_min', scale },
      series: this.contenders.map(({ id, label, family }) => ({
        id,
        label,
        family,
        points: this.depths.map((x) => {
          const { mean, error } = meanWithError(this.at(id, x, which).map((one) => one[figure]));
          return { x, y: mean, spread: 2 * error };
        }),
      })),
    };
  }
}

function keyOf(id: string, depth: number, which: KernelName): string {
  return `${id} ${depth} ${which}`;
}
