/** Runs a study, or all of them: item after item, each of which can be kept and taken up again. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dataSummary } from '../compare/data-summary.js';
import type { Dataset } from '../data/dataset.js';
import { KernelError } from '../errors.js';
import { info } from '../info.js';
import { type JobOptions, jobConstraints, type Progress } from '../jobs.js';
import { type Constraint, callback, integer, oneOf, readOptions } from '../options.js';
import type { Item, StudyDefinition } from './definition.js';
import { verdictOf } from './measure.js';
import { settingsOf } from './parameters.js';
import {
  type ItemReport,
  type ParameterValue,
  type PartReport,
  type StudyReport,
  type StudySize,
  studySizes,
} from './schema.js';

/** Items that an earlier run has finished; a run that was stopped goes on behind them. */
export interface ItemStore {
  /** null where there is none of that key. */
  readonly read: (key: string) => Promise<ItemReport | null>;
  readonly write: (key: string, item: ItemReport) => Promise<void>;
}

export interface StudyRunOptions extends JobOptions {
  /** 'quick': below a minute; 'usual' (default): minutes; 'full': the papers' sizes. */
  readonly size?: StudySize;
  /** Of points, labels and splits. Default 0. */
  readonly seed?: number;
  /** Of a single study; what is not given has the default of the size. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** Two classes of images or other rows, for the items on data. */
  readonly data?: Dataset;
  /** What to say where an item needs data and there are none. */
  readonly dataRemedy?: string;
  /** Images of CIFAR-10, all ten classes, for the items on photographs. */
  readonly cifar10?: Dataset;
  /** What to say where an item needs them and they were not given. */
  readonly cifar10Remedy?: string;
  readonly store?: ItemStore;
  /** Of the report's provenance. */
  readonly command?: string;
}

const anObject = <T>(expected: string): Constraint<T> => ({
  expected,
  accepts: (value): value is T => typeof value === 'object' && value !== null && !Array.isArray(value),
});
const text: Constraint<string> = { expected: 'a text', accepts: (value): value is string => typeof value === 'string' };

const constraints = {
  ...jobConstraints,
  size: oneOf(...studySizes),
  seed: integer(0, Number.MAX_SAFE_INTEGER),
  parameters: anObject<Readonly<Record<string, ParameterValue>>>('an object of parameters by name'),
  data: anObject<Dataset>('what loadDataset resolved to'),
  dataRemedy: text,
  cifar10: anObject<Dataset>('what loadDataset resolved to'),
  cifar10Remedy: text,
  store: anObject<ItemStore>('an object with read(key) and write(key, item)'),
  command: text,
  onProgress: callback<NonNullable<JobOptions['onProgress']>>(),
};

const defaultRemedy = 'give two classes of rows as options.data';
const defaultCifarRemedy = 'give CIFAR-10 as options.cifar10; fetchImages("cifar10") brings it';

/**
 * Runs what the named study claims, on the event loop's spare time: items one after another, each with the verbs of this
 * package. The same seed, binary, CPU path and number of threads give the same report to the last byte. Rejects with
 * ERR_ARGUMENT for an unknown name, parameters out of range, or data that an item cannot use.
 */
export async function runStudy(name: string, options?: StudyRunOptions): Promise<StudyReport> {
  const settings = readOptions('options', options, constraints);
  const { size = 'usual', seed = 0, parameters = {}, data, cifar10 } = settings;
  // Loaded with the first run: whoever imports the package mostly wants a kernel.
  const { definitionsOf } = await import('./catalogue.js');
  const chosen = definitionsOf(name);
  if (name === 'overview' && Object.keys(parameters).length > 0) {
    throw new KernelError('ERR_ARGUMENT', 'parameters: they are those of a single study; name one of its parts', {
      option: 'parameters',
    });
  }
  const plans = chosen.map((study) => ({ study, values: settingsOf(study.parameters, parameters, size) }));
  const job: JobOptions = {
    ...(settings.signal === undefined ? {} : { signal: settings.signal }),
    ...(settings.threads === undefined ? {} : { threads: settings.threads }),
  };
  const about = info();
  const threads = settings.threads ?? about.threads;
  // A library that was built anew may round otherwise: what an earlier one computed is not taken up.
  const build = settings.store === undefined ? '' : hashOf(await readFile(about.binary));
  const parts: PartReport[] = [];
  for (const { study, values } of plans) {
    const items: ItemReport[] = [];
    const made = new Map<string, Promise<unknown>>();
    for (const [index, item] of study.items.entries()) {
      settings.signal?.throwIfAborted();
      const key = keyOf([
        about.version,
        build,
        about.simd,
        threads,
        study.name,
        item.id,
        values,
        size,
        seed,
        item.needsData === true ? digestOf(data) : [],
        item.needsData === 'cifar10' ? digestOf(cifar10) : [],
      ]);
      const known = await settings.store?.read(key);
      const report =
        known ?? (await itemReport(item, values, made, `${item.id}, ${index + 1} of ${study.items.length}`));
      if (known === undefined || known === null) await settings.store?.write(key, report);
      items.push(report);
    }
    parts.push({
      study: study.name,
      title: study.title,
      paper: study.paper,
      parameters: values as Record<string, ParameterValue>,
      items,
    });
  }

  async function itemReport(
    item: Item,
    values: Record<string, ParameterValue>,
    made: Map<string, Promise<unknown>>,
    place: string,
  ): Promise<ItemReport> {
    const { id, title, claim, check, expected, reference } = item;
    const outside = item.outside?.(values as never) ?? [];
    const head = { id, title, claim, check, expected };
    const absent = absentFor(item);
    if (absent !== null) {
      return { ...head, measured: [], verdict: null, absent, outside, reference, remarks: [], charts: [] };
    }
    settings.onProgress?.({ phase: place, done: 0, total: 0 });
    const {
      measured,
      charts,
      remarks = [],
    } = await item.run(values as never, {
      size,
      seed,
      data: data ?? null,
      cifar10: cifar10 ?? null,
      once: <R>(part: string, make: () => Promise<R>): Promise<R> => {
        const known = made.get(part) ?? make();
        made.set(part, known);
        return known as Promise<R>;
      },
      job: (phase) => ({
        ...job,
        ...(settings.onProgress === undefined
          ? {}
          : { onProgress: asOnePhase(`${place}: ${phase}`, settings.onProgress) }),
      }),
    });
    return { ...head, measured, verdict: verdictOf(measured), absent: null, outside, reference, remarks, charts };
  }

  function absentFor({ needsData }: Item): ItemReport['absent'] {
    if (needsData === true && data === undefined) {
      return { what: 'two classes of images', remedy: settings.dataRemedy ?? defaultRemedy };
    }
    if (needsData === 'cifar10' && cifar10 === undefined) {
      return { what: 'CIFAR-10', remedy: settings.cifar10Remedy ?? defaultCifarRemedy };
    }
    return null;
  }

  // Data that no item looks at are no part of the report: it is the same without them.
  const uses = (what: NonNullable<Item['needsData']>) =>
    chosen.some(({ items }) => items.some(({ needsData }) => needsData === what));
  return {
    schema: 1,
    kind: 'study',
    version: about.version,
    name,
    title: name === 'overview' ? 'What the papers claim, computed' : (chosen[0] as StudyDefinition).title,
    size,
    seed,
    parts,
    data: data === undefined || !uses(true) ? null : dataSummary(data, undefined),
    cifar10: cifar10 === undefined || !uses('cifar10') ? null : dataSummary(cifar10, undefined),
    provenance: {
      blas: about.blas,
      simd: about.simd,
      platform: about.platform,
      node: about.node,
      threads,
      command: settings.command ?? '',
    },
  };
}

function digestOf(data: Dataset | undefined): readonly string[] {
  return data === undefined ? [] : [...data.sources.map(({ sha256 }) => sha256), `${data.x.shape}`, `${data.classes}`];
}

function keyOf(parts: readonly unknown[]): string {
  return hashOf(JSON.stringify(parts)).slice(0, 32);
}

function hashOf(what: string | Buffer): string {
  return createHash('sha256').update(what).digest('hex');
}

/**
 * A call of many phases is one to the reader of a study: how much there is to do is known during the first, and not from
 * the second on. The end of a phase is not passed on, for others may follow it.
 */
function asOnePhase(phase: string, report: (progress: Progress) => void): (progress: Progress) => void {
  let first: string | undefined;
  return (progress) => {
    first ??= progress.phase;
    if (progress.done >= progress.total) return;
    report(progress.phase === first ? { ...progress, phase } : { phase, done: 0, total: 0 });
  };
}
