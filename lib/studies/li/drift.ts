import { logLine } from '../../finite/log-line.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, meanWithError, near } from '../measure.js';
import type { ChartSeries, Measurement } from '../schema.js';
import type { LiSettings, liParameters } from './parameters.js';
import { architectures, outsideScale } from './setting.js';
import { trainedNetworks } from './training.js';

/** Half of the way to −½ and −3/2, the powers beside −1 that an expansion in 1/√m has. */
const within = 0.25;

/** How far the kernel moves while a network trains. */
export const drift: Item<typeof liParameters> = {
  id: 'L3',
  title: 'The wider the network, the less its kernel moves',
  claim: 'At a fixed time of training the tangent kernel has moved by the order 1/m.',
  check:
    'The largest change of an entry of the NTK up to the last time, in the mean over networks: its slope over the width on logarithmic axes, and the standard error ' +
    'that the networks leave it.',
  expected: `−1 within ${within}, half of the way to the next powers of √m; two standard errors no larger than that.`,
  reference: { paper: 'Li20', equations: ['hierarchy', 'training'] },
  outside: outsideScale,
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const measured: Measurement[] = [];
    const series: ChartSeries[] = [];
    for (const architecture of architectures(settings)) {
      const rows = await trainedNetworks(architecture, settings, context);
      const { id, label, family } = architecture;
      const means = rows.map((row, w) => ({
        x: settings.hierarchyWidths[w] as number,
        ...meanWithError(row.map((one) => one.drift)),
      }));
      const line = logLine(means);
      measured.push(
        near(`slope of the drift over the width, ${label}`, line.slope, -1, within),
        atMost(`two standard errors of that slope, ${label}`, 2 * line.error, within),
      );
      series.push({
        id,
        label,
        family,
        points: means.map(({ x, mean, error }) => ({ x, y: mean, spread: 2 * error })),
      });
    }
    return {
      measured,
      charts: [
        {
          name: 'li-drift',
          title: 'How far the tangent kernel moves in training',
          caption: `Largest change of an entry up to time ${settings.time} of gradient flow; means over ${settings.seeds} networks and two standard errors, n = ${settings.inputs}, L = ${settings.depth}, tanh.`,
          x: { label: 'Width m', scale: 'depth' },
          y: { label: 'Largest change of an entry', scale: 'log' },
          series,
        },
      ],
    };
  },
};
