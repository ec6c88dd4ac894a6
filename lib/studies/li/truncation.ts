import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, type Mean, meanWithError } from '../measure.js';
import type { ChartSeries, Measurement } from '../schema.js';
import type { LiSettings, liParameters } from './parameters.js';
import { type Architecture, architectures, outsideScale } from './setting.js';
import { orders, type Trained, trainedNetworks } from './training.js';

/** Below it the next order is no better: what is left out is no smaller than what was taken in. */
const wide = 256;

/** The hierarchy cut off, against training itself.                                                        [truncation] */
export const truncation: Item<typeof liParameters> = {
  id: 'L4',
  title: 'Every further kernel brings the prediction closer to the network',
  claim:
    'The hierarchy cut off at order p predicts the network in training with an error that falls with p and with the width.',
  check:
    'Largest difference between the network in gradient flow and the equations with K⁽ᵖ⁾ held at its start, p = 2, 3, 4, up to the last time: the geometric mean over ' +
    `networks of the quotient of one order by the one before, from width ${wide} on, and of the largest width by the least; each with two standard errors added.`,
  expected: 'Below 1, all of them.',
  reference: { paper: 'Li20', equations: ['hierarchy', 'truncation'] },
  outside: (settings) => [
    ...outsideScale(settings),
    ...((settings.hierarchyWidths.at(-1) as number) < wide
      ? [`the orders are compared at the largest width, ${settings.hierarchyWidths.at(-1)}, which is below ${wide}`]
      : []),
  ],
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const { hierarchyWidths: widths, seeds } = settings;
    const [, resnet] = architectures(settings) as [Architecture, Architecture];
    const rows = await trainedNetworks(resnet, settings, context);
    const last = widths.length - 1;
    const measured: Measurement[] = [];
    for (const [w, width] of widths.entries()) {
      if (width < wide && w < last) continue;
      const row = rows[w] as readonly Trained[];
      for (let p = 1; p < orders.length; p++) {
        const quotient = meanWithError(row.map(({ errors }) => logOf(errors, p) - logOf(errors, p - 1)));
        measured.push(upTo(`error of order ${orders[p]} over that of order ${orders[p - 1]}, m = ${width}`, quotient));
      }
    }
    for (const [p, order] of orders.entries()) {
      const [narrow, broad] = [0, last].map((w) =>
        meanWithError((rows[w] as readonly Trained[]).map(({ errors }) => logOf(errors, p))),
      ) as [Mean, Mean];
      const quotient = { mean: broad.mean - narrow.mean, error: Math.hypot(broad.error, narrow.error) };
      measured.push(upTo(`error at m = ${widths[last]} over that at m = ${widths[0]}, order ${order}`, quotient));
    }
    return {
      measured,
      charts: [
        {
          name: 'li-truncation',
          title: 'Error of the hierarchy cut off, against the network in training',
          caption: `Largest |f − f_p| up to time ${settings.time}; means over ${seeds} networks and two standard errors, n = ${settings.inputs}, L = ${settings.depth}, tanh. Order 2 is the frozen tangent kernel.`,
          x: { label: 'Width m', scale: 'depth' },
          y: { label: 'Largest error of a prediction', scale: 'log' },
          series: orders.map(
            (order, p): ChartSeries => ({
              id: `order-${order}`,
              label: `Order ${order}`,
              family: 'resnet',
              points: widths.map((x, w) => {
                const { mean, error } = meanWithError(
                  (rows[w] as readonly Trained[]).map(({ errors }) => errors[p] as number),
                );
                return { x, y: mean, spread: 2 * error };
              }),
            }),
          ),
        },
      ],
    };
  },
};

function logOf(errors: readonly number[], p: number): number {
  return Math.log(errors[p] as number);
}

/** A quotient whose logarithm has this mean: below 1 with two standard errors added. */
function upTo(what: string, { mean, error }: Mean): Measurement {
  return atMost(what, Math.exp(mean + 2 * error), 1);
}
