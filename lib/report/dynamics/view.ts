import type { DynamicsReport, Time } from '../../fitting/dynamics-schema.js';
import { chosen, integer, percent, significant } from '../format.js';
import { rowStyles } from '../series.js';
import { found, type PageView } from '../view.js';

/** A report of training dynamics with the look-ups that its sections and figures share. */
export interface DynamicsView extends PageView {
  readonly report: DynamicsReport;
  /** "time" of flow, "steps" of descent. */
  readonly unit: string;
  readonly errorText: (error: number) => string;
}

const styles = rowStyles({ id: 'train', label: 'Training rows' }, { id: 'validation', label: 'Validation rows' });

export function dynamicsViewOf(report: DynamicsReport): DynamicsView {
  const byId = new Map(styles.map((style) => [style.id, style]));
  return {
    report,
    styles,
    style: (id) => found(byId.get(id), id),
    unit: report.protocol.method === 'flow' ? 'time' : 'steps',
    errorText: report.protocol.metric === 'error rate' ? (error) => percent(error, 1) : (error) => significant(error),
  };
}

/** "3.16", or "5 623" steps. */
export function timeText({ unit }: Pick<DynamicsView, 'unit'>, time: Time): string {
  if (time === 'Infinity') return '∞';
  return unit === 'steps' && time < 1e6 ? integer(time) : chosen(time);
}

/** "at time 3.16", "after 5 623 steps". */
export function whenText(view: Pick<DynamicsView, 'unit'>, time: Time): string {
  return view.unit === 'steps' ? `after ${timeText(view, time)} steps` : `at time ${timeText(view, time)}`;
}
