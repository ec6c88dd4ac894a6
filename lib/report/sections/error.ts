import {
  type Cell,
  defineSection,
  details,
  figure,
  type Inline,
  key,
  type Line,
  number,
  numbers,
  paragraph,
  series,
  table,
  words,
} from '../blocks.js';
import { errorDepthFigure } from '../figures/error-depth.js';
import { integer, missing } from '../format.js';
import type { View } from '../view.js';

export const errorSection = defineSection({
  name: 'error',
  title: 'Test error and depth',
  build: (view) => [
    paragraph(
      'The figures that count are those of the table below the curves: there, depth and ridge were chosen on the training rows of each split alone, and no test row had a say ',
      key('nested'),
      '. The curves show what each single depth would have given.',
    ),
    figure(errorDepthFigure, [
      'Mean over ',
      number(view.report.protocol.splits.count, integer(view.report.protocol.splits.count)),
      ` splits; bars reach one standard deviation either way. Rings mark the depth that ${view.allRows} choose. All networks share the splits, so bars that overlap may still hide a sure difference: the paired tests decide.`,
    ]),
    nestedTable(view),
    details('Test error at every depth', depthTable(view)),
    details('Test error in every split', splitTable(view)),
  ],
});

function nestedTable(view: View) {
  const { baseline, data, verdict } = view.report;
  const holdout = data.holdoutRows > 0;
  const rows = view.networks.map((network): (Cell | Line)[] => {
    const { nested } = network;
    const best = network.id === verdict.best.id;
    return [
      series(network.id),
      { content: error(view, nested.mean), mark: best ? 'best' : undefined },
      error(view, nested.sd),
      number(network.chosenDepth, integer(network.chosenDepth)),
      ...(holdout ? [error(view, view.chosen(network)?.holdoutError ?? null)] : []),
      standing(view, network.id),
    ];
  });
  const yardstick: Cell[] = [
    `No features: ${baseline.label}`,
    error(view, baseline.error.mean),
    error(view, baseline.error.sd),
    missing,
    ...(holdout ? [error(view, baseline.holdoutError)] : []),
    '',
  ].map((content) => ({ content, mark: 'faint' }));
  return table(
    `Test error (${unit(view)}), depth and ridge chosen inside each split`,
    [
      words('Network'),
      numbers('Mean'),
      numbers('Standard deviation'),
      numbers('Depth to use'),
      ...(holdout ? [numbers('On the test file')] : []),
      words('Against the best'),
    ],
    [...rows, yardstick],
  );
}

function standing(view: View, id: string): string {
  const { best, ties } = view.report.verdict;
  if (id === best.id) return 'lowest error';
  return ties.includes(id) ? 'tie' : 'worse';
}

function depthTable(view: View) {
  const { depths } = view.report.protocol;
  return table(
    `Test error (${unit(view)}) at every depth: mean ± standard deviation over the splits; ● marks the depth that ${view.allRows} choose`,
    [words('Network'), ...depths.map((depth) => numbers(`L = ${depth}`))],
    view.networks.map((network) => [
      series(network.id),
      ...depths.map((depth): Cell => {
        const result = network.depths.find((candidate) => candidate.depth === depth);
        if (result === undefined) return { content: missing };
        const content = [error(view, result.error.mean), ' ± ', error(view, result.error.sd)];
        return { content, mark: depth === network.chosenDepth ? 'best' : undefined };
      }),
    ]),
  );
}

function splitTable(view: View) {
  return table(
    `Test error (${unit(view)}) in every split, and the depth that was chosen there`,
    [words('Split'), ...view.networks.map(({ id }) => numbers(series(id)))],
    Array.from({ length: view.report.protocol.splits.count }, (_, i) => [
      String(i + 1),
      ...view.networks.map(({ nested }): Line => {
        const depth = nested.chosenDepths[i];
        const shown = error(view, nested.perSplit[i] ?? null);
        return depth === undefined ? shown : [shown, ' (L = ', number(depth, integer(depth)), ')'];
      }),
    ]),
  );
}

function error(view: View, value: number | null): Inline {
  return value === null ? missing : number(value, view.error.cell(value));
}

function unit(view: View): string {
  return view.error.scale === 100 ? '%' : `${view.error.name}, units of the target`;
}
