import type { MetricDescription } from '../../compare/schema.js';
import {
  type Block,
  type Cell,
  defineSection,
  details,
  type Fact,
  facts,
  figure,
  heading,
  key,
  mark,
  number,
  numbers,
  paragraph,
  series,
  table,
  words,
} from '../blocks.js';
import { smoothnessFigure, smoothnessRows } from '../figures/smoothness.js';
import { missing, significant } from '../format.js';
import type { View } from '../view.js';

export const smoothnessSection = defineSection({
  name: 'smoothness',
  title: 'How smooth?',
  build: (view) => {
    const { metrics, protocol } = view.report;
    if (metrics.length === 0) return [];
    return [
      paragraph(
        `Every metric at depth ${protocol.shownDepth}. The arrow says in which direction a network counts as smoother; ● marks the smoothest of each row. Smoother is not better: look at the test error, too.`,
      ),
      metricTable(view),
      ...(smoothnessRows(view).length === 0
        ? []
        : [
            figure(
              smoothnessFigure,
              'Every metric against its value for the network at 1×, turned so that right is smoother.',
            ),
          ]),
      heading('What the metrics measure'),
      facts(metrics.map(meaning)),
      details('Every metric at every depth', ...metrics.map((metric) => depthTable(view, metric))),
    ];
  },
});

function metricTable(view: View): Block {
  return table(
    `Smoothness at depth ${view.report.protocol.shownDepth}`,
    [words('Metric'), words('Smoother when'), ...view.networks.map(({ id }) => numbers(series(id)))],
    view.report.metrics.map((metric) => {
      const values = view.networks.map((network) => view.shown(network)?.smoothness[metric.name] ?? null);
      const best = smoothest(metric, values);
      return [metric.title, direction(metric), ...values.map((value) => metricCell(value, best))];
    }),
  );
}

function depthTable(view: View, metric: MetricDescription): Block {
  const { depths } = view.report.protocol;
  const valueAt = (id: string, depth: number) =>
    view.network(id).depths.find((result) => result.depth === depth)?.smoothness[metric.name] ?? null;
  const best = depths.map((depth) =>
    smoothest(
      metric,
      view.networks.map(({ id }) => valueAt(id, depth)),
    ),
  );
  return table(
    [`${metric.title}; smoother when `, direction(metric)],
    [words('Network'), ...depths.map((depth) => numbers(`L = ${depth}`))],
    view.networks.map(({ id }) => [
      series(id),
      ...depths.map((depth, i) => metricCell(valueAt(id, depth), best[i] ?? null)),
    ]),
  );
}

/** The best value of a row; none where all networks agree to three digits, as at depth 1, or only one has a value. */
function smoothest(metric: MetricDescription, values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length < 2 || new Set(known.map((value) => value.toPrecision(3))).size === 1) return null;
  return metric.smootherWhen === 'smaller' ? Math.min(...known) : Math.max(...known);
}

function metricCell(value: number | null, best: number | null): Cell {
  if (value === null) return { content: missing, mark: 'faint' };
  return { content: number(value, significant(value)), mark: value === best ? 'best' : undefined };
}

function direction({ smootherWhen }: MetricDescription) {
  return smootherWhen === 'smaller' ? mark('↓', 'smaller') : mark('↑', 'larger');
}

function meaning({ title, meaning: text, caution, reference }: MetricDescription): Fact {
  return { term: title, value: [`${text} ${caution} `, key(reference)] };
}
