import { defineFigure } from '../figures/figure.js';
import { drawLines, type Line } from '../figures/lines.js';
import { type Axis, linearAxis, logAxis } from '../figures/scale.js';
import { integer, scientific, significant } from '../format.js';
import { type DynamicsView, whenText } from './view.js';

/** Losses below this share of the first are nothing to look at. */
const floor = 1e-6;

export const lossFigure = defineFigure<DynamicsView>({
  name: 'losses',
  title: () => 'Loss while the network trains',
  summary: (view) => {
    const { earlyStopping } = view.report;
    return earlyStopping === null
      ? 'Training diverges.'
      : `The validation loss is least ${whenText(view, earlyStopping.time)}: ${significant(earlyStopping.loss)}.`;
  },
  draw: (view, canvas) => {
    const lines = lossLines(view);
    const points = lines.flatMap((line) => line.points);
    return drawLines(canvas, {
      lines,
      x: () => timeAxis(view, points, canvas.compact),
      y: logAxis(
        points.map((point) => point.y),
        { label: 'Loss: ½ squared residual, mean over rows', count: canvas.compact ? 4 : 6 },
      ),
      height: canvas.compact ? 220 : 340,
      verticalGrid: true,
    });
  },
});

function timeAxis({ unit }: DynamicsView, points: readonly { readonly x: number }[], compact: boolean): Axis {
  return logAxis(
    points.map((point) => point.x),
    {
      label: unit === 'time' ? 'Time of gradient flow' : 'Steps of gradient descent',
      count: compact ? 4 : 7,
      format: (value) => scientific(value, 1),
    },
  );
}

function lossLines(view: DynamicsView): readonly Line[] {
  const { moments } = view.report;
  const times = moments.flatMap((moment) =>
    typeof moment.time === 'number' && moment.time > 0 ? [{ ...moment, time: moment.time }] : [],
  );
  const first = moments[0]?.trainLoss ?? 1;
  const best = times.reduce((least, { validationLoss }) => Math.min(least, validationLoss), Number.POSITIVE_INFINITY);
  const line = (id: 'train' | 'validation', lossOf: (moment: (typeof times)[number]) => number): Line => ({
    style: view.style(id),
    points: times.flatMap((moment) => {
      const loss = lossOf(moment);
      if (!(loss > floor * first)) return [];
      return [
        {
          x: moment.time,
          y: loss,
          marked: true,
          ringed: id === 'validation' && loss === best,
          tip: `${view.style(id).label}, ${whenText(view, moment.time)}: ${significant(loss)}`,
        },
      ];
    }),
  });
  return [line('train', (moment) => moment.trainLoss), line('validation', (moment) => moment.validationLoss)].filter(
    ({ points }) => points.length > 0,
  );
}

export const errorFigure = defineFigure<DynamicsView>({
  name: 'validation-error',
  title: (view) =>
    view.report.protocol.metric === 'error rate' ? 'Error rate of the validation rows' : 'Error of the validation rows',
  summary: (view) => {
    const errors = view.report.moments.map(({ validationError }) => validationError);
    return `From ${view.errorText(errors[0] ?? 0)} at the start to ${view.errorText(errors.at(-1) ?? 0)} in the end, least ${view.errorText(Math.min(...errors))}.`;
  },
  draw: (view, canvas) => {
    const rate = view.report.protocol.metric === 'error rate';
    const scale = rate ? 100 : 1;
    const points = view.report.moments.flatMap(({ time, validationError }) =>
      typeof time === 'number' && time > 0
        ? [
            {
              x: time,
              y: scale * validationError,
              marked: true,
              tip: `${whenText(view, time)}: ${view.errorText(validationError)}`,
            },
          ]
        : [],
    );
    const values = points.map((point) => point.y);
    return drawLines(canvas, {
      lines: [{ style: view.style('validation'), points }],
      x: () => timeAxis(view, points, canvas.compact),
      y: linearAxis(values, { label: rate ? 'Error rate (%)' : 'RMSE (units of the target)', count: 5 }),
      height: canvas.compact ? 190 : 260,
      verticalGrid: true,
    });
  },
});

export const modeFigure = defineFigure<DynamicsView>({
  name: 'rates',
  title: () => 'How fast each eigendirection is learnt',
  summary: ({ report }) => {
    const [first, last] = [report.modes[0], report.modes[report.rank - 1]];
    return `From rate ${rateText(first?.rate)} of the first to ${rateText(last?.rate)} of direction ${report.rank}.`;
  },
  draw: (view, canvas) => {
    const rates = view.report.modes.flatMap(({ rate, share }, k) =>
      typeof rate === 'number' && rate > 0 ? [{ rank: k + 1, rate, share }] : [],
    );
    let next = 1;
    const points = rates
      .filter(({ rank }, i) => {
        if (rank < next && i < rates.length - 1) return false;
        next = Math.max(rank + 1, rank * 1.05);
        return true;
      })
      .map(({ rank, rate, share }) => ({
        x: rank,
        y: rate,
        marked: true,
        tip: `direction ${rank}: rate ${significant(rate)}, ${significant(100 * share)} % of the targets`,
      }));
    const most = 1.05 * Math.max(2, rates.length);
    const ranks = logAxis([1, most], { label: 'Rank of the eigendirection', count: 5, format: integer });
    return drawLines(canvas, {
      lines: [{ style: { ...view.style('train'), label: 'Rate' }, points }],
      x: () => ({ ...ranks, domain: [1, most], ticks: ranks.ticks.filter((tick) => tick <= most) }),
      y: logAxis(
        points.map((point) => point.y),
        {
          label: `Rate: exp(−rate · ${view.unit}) of the residual is left`,
          count: canvas.compact ? 4 : 6,
          format: (value) => scientific(value, 1),
        },
      ),
      height: canvas.compact ? 200 : 300,
      verticalGrid: true,
    });
  },
});

function rateText(rate: number | 'Infinity' | undefined): string {
  return typeof rate === 'number' ? significant(rate) : '∞';
}
