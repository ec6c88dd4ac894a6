import type { Candidate, FitReport } from '../../fitting/schema.js';
import { fixed, percent, significant, typeset } from '../format.js';
import { networkStyles, rowStyles, type SeriesStyle } from '../series.js';
import { type ErrorFormat, found, type PageView } from '../view.js';

/** A report of a fit with the look-ups that its sections and figures share. */
export interface FitView extends PageView {
  readonly report: FitReport;
  /** One for each network and kernel that was tried: its id, and its candidate of the best score. */
  readonly contestants: readonly Contestant[];
  readonly error: ErrorWords;
}

export interface Contestant {
  readonly id: string;
  readonly best: Candidate;
  /** At every depth, ascending. */
  readonly all: readonly Candidate[];
}

/** How errors of this task are named and printed. */
export type ErrorWords = Omit<ErrorFormat, 'cell'>;

const dataStyles: readonly SeriesStyle[] = [
  ...rowStyles({ id: 'left out', label: 'Rows left out' }, { id: 'test', label: 'Test rows' }),
  { id: 'plain', label: 'No features', index: 2, light: '#59616c', dark: '#a3a9b2', dash: '2.5 3', marker: 'cross' },
];

export function fitViewOf(report: FitReport): FitView {
  const contestants = contestantsOf(report);
  const both = report.protocol.kernels.length > 1;
  const networks = contestants.map(({ id, best }) => ({
    id,
    label: both ? `${best.label}, ${best.kernel.toUpperCase()}` : best.label,
    family: best.family,
  }));
  const styles = [...dataStyles, ...networkStyles(networks, dataStyles.length)];
  const byId = new Map(styles.map((style) => [style.id, style]));
  return {
    report,
    contestants,
    styles,
    style: (id) => found(byId.get(id), id),
    error: report.protocol.metric === 'error rate' ? errorRate : rmse,
  };
}

function contestantsOf({ candidates }: FitReport): readonly Contestant[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const id = `${candidate.id}-${candidate.kernel}`;
    groups.set(id, [...(groups.get(id) ?? []), candidate]);
  }
  return Array.from(groups, ([id, all]) => ({
    id,
    all,
    best: all.find(({ chosen }) => chosen) ?? all.reduce((best, one) => (scoreOf(one) < scoreOf(best) ? one : best)),
  }));
}

export function scoreOf({ score }: Candidate): number {
  return score ?? Number.POSITIVE_INFINITY;
}

const errorRate: ErrorWords = {
  name: 'error rate',
  axis: 'Error rate (%)',
  text: (error) => percent(error, 1),
  scale: 100,
};

const rmse: ErrorWords = {
  name: 'root mean squared error',
  axis: 'RMSE (units of the target)',
  text: (error) => significant(error),
  scale: 1,
};

/** "ResNet α = 1/√L, depth 3, NTK". */
export function modelText({ model }: FitReport): string {
  const depth = model.depth === null ? '' : `, depth ${model.depth}`;
  return typeset(`${model.label}${depth}, ${model.kernel.toUpperCase()}`);
}

export function share(value: number): string {
  return percent(value, 1);
}

export const twoDigits = (value: number) => fixed(value, 2);
