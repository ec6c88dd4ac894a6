import type { CompareReport, DepthResult, NetworkResult } from '../compare/schema.js';
import { KernelError } from '../errors.js';
import { fixed, percent, significant } from './format.js';
import { type SeriesStyle, seriesStyles } from './series.js';

/** What drawing a page asks of any report: who wrote it, and how its series look. */
export interface PageView {
  readonly report: { readonly version: string };
  /** In the order in which they are shown. */
  readonly styles: readonly SeriesStyle[];
  readonly style: (id: string) => SeriesStyle;
  /** Whether there are maps, whose colours are many. */
  readonly maps?: boolean;
}

/** A report with the look-ups that every section and figure shares. Derives nothing that the report does not hold. */
export interface View extends PageView {
  readonly report: CompareReport;
  /** In the order in which they are shown; `styles` has the same. */
  readonly networks: readonly NetworkResult[];
  readonly network: (id: string) => NetworkResult;
  /** A network at the depth at which curves and smoothness are shown. */
  readonly shown: (network: NetworkResult) => DepthResult | undefined;
  /** A network at the depth that all rows choose for it. */
  readonly chosen: (network: NetworkResult) => DepthResult | undefined;
  /** The best network against each of the others, in the order in which networks are shown. */
  readonly againstBest: readonly AgainstBest[];
  readonly error: ErrorFormat;
  /** What to call the rows behind spectra and the depth to use: "all rows", or "the sampled rows". */
  readonly allRows: string;
}

export interface AgainstBest {
  readonly id: string;
  readonly depth: number;
  /** Mean of the other's error minus the best one's, and its 95 % interval. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  readonly p: number;
  readonly pAdjusted: number;
}

/** How the test error of this task is named and printed. */
export interface ErrorFormat {
  readonly name: string;
  /** With its unit, for axes: "test error (%)". */
  readonly axis: string;
  readonly text: (error: number) => string;
  /** Without its unit, for cells and ticks under a heading that names it. */
  readonly cell: (error: number) => string;
  /** What a figure's axis counts in: percent for an error rate, the target's unit for an rmse. */
  readonly scale: number;
}

export function viewOf(report: CompareReport): View {
  const styles = seriesStyles(report);
  const styleById = new Map(styles.map((style) => [style.id, style]));
  const networkById = new Map(report.networks.map((network) => [network.id, network]));
  const network = (id: string) => found(networkById.get(id), id);
  return {
    report,
    networks: styles.map(({ id }) => network(id)),
    styles,
    style: (id) => found(styleById.get(id), id),
    network,
    shown: (network) => network.depths.find((result) => result.depth === report.protocol.shownDepth),
    chosen: (network) => network.depths.find((result) => result.depth === network.chosenDepth),
    againstBest: againstBest(report, styles),
    error: report.protocol.metric === 'error rate' ? errorRate : rmse,
    allRows: report.protocol.allRows < report.data.rows ? 'the sampled rows' : 'all rows',
  };
}

const errorRate: ErrorFormat = {
  name: 'error rate',
  axis: 'Test error (%)',
  text: (error) => percent(error),
  cell: (error) => fixed(100 * error, 2),
  scale: 100,
};

const rmse: ErrorFormat = {
  name: 'root mean squared error',
  axis: 'Test RMSE (units of the target)',
  text: (error) => significant(error),
  cell: (error) => significant(error),
  scale: 1,
};

/** Tests of pairs name the better network first; of two with the very same error that may be the other one. */
function againstBest({ verdict }: CompareReport, styles: readonly SeriesStyle[]): readonly AgainstBest[] {
  const { id: best } = verdict.best;
  const tests = new Map<string, AgainstBest>();
  for (const { a, b, depthA, depthB, difference, interval, p, pAdjusted } of verdict.tests) {
    if (a === best) tests.set(b, { id: b, depth: depthB, difference, interval, p, pAdjusted });
    else if (b === best) {
      const turned = [0 - interval[1], 0 - interval[0]] as const;
      tests.set(a, { id: a, depth: depthA, difference: 0 - difference, interval: turned, p, pAdjusted });
    }
  }
  return styles.flatMap(({ id }) => tests.get(id) ?? []);
}

export function found<T>(value: T | undefined, id: string): T {
  if (value !== undefined) return value;
  throw new KernelError('ERR_DATA', `report: expected every id to be in networks, got '${id}'; was the file edited?`, {
    id,
  });
}
