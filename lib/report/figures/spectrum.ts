import type { SpectrumSummary } from '../../compare/schema.js';
import { integer, sequence, significant } from '../format.js';
import type { View } from '../view.js';
import { defineFigure } from './figure.js';
import { drawLines, type Line } from './lines.js';
import { type Axis, logAxis } from './scale.js';

export const spectrumFigure = defineFigure({
  name: 'spectrum',
  title: (view) => `Eigenvalues of the Gram matrix at depth ${view.report.protocol.shownDepth}`,
  summary: (view) => {
    const parts = view.networks.flatMap((network) => {
      const exponent = view.shown(network)?.spectrum.decayExponent ?? null;
      return exponent === null
        ? []
        : [`${view.style(network.id).label} like rank to the power ${significant(exponent)}`];
    });
    const decay = parts.length === 0 ? '' : ` In the middle ranks the eigenvalues fall: ${sequence(parts)}.`;
    return `Eigenvalues relative to the mean of the diagonal, by rank, both axes logarithmic.${decay}`;
  },
  draw: (view, canvas) => {
    const lines = linesOf(view);
    const ranks = lines.flatMap((line) => line.points.map((point) => point.x));
    return drawLines(canvas, {
      lines,
      x: () => rankAxis(ranks),
      y: logAxis(
        lines.flatMap((line) => line.points.map((point) => point.y)),
        { label: 'Eigenvalue / mean diagonal', count: canvas.compact ? 5 : 7 },
      ),
      height: canvas.compact ? 230 : 320,
      verticalGrid: true,
    });
  },
});

function linesOf(view: View): readonly Line[] {
  const { networks } = view;
  return networks.flatMap((network, i) => {
    const spectrum = view.shown(network)?.spectrum;
    if (spectrum === undefined) return [];
    const floor = rounding(spectrum, view.report.protocol.precision);
    const points = thin(
      spectrum.ranks
        .map((rank, k) => ({ rank, value: spectrum.values[k] as number }))
        .filter((point) => point.value > floor),
    );
    if (points.length === 0) return [];
    const marked = markedRanks(
      points.map((point) => point.rank),
      i / networks.length,
    );
    return [
      {
        style: view.style(network.id),
        points: points.map(({ rank, value }) => ({
          x: rank,
          y: value,
          marked: marked.has(rank),
          tip: `${view.style(network.id).label}, eigenvalue ${rank}: ${significant(value)}`,
        })),
      },
    ];
  });
}

/** Eigenvalues below this are noise of the arithmetic, of either sign: n ε λ₁. */
function rounding(spectrum: SpectrumSummary, precision: 'float64' | 'float32'): number {
  const epsilon = precision === 'float64' ? 2 ** -52 : 2 ** -23;
  return (spectrum.ranks.at(-1) ?? 1) * epsilon * (spectrum.values[0] ?? 0);
}

function rankAxis(ranks: readonly number[]): Axis {
  const last = Math.max(2, ...ranks);
  const axis = logAxis([1, last], { label: 'Rank of the eigenvalue', count: 5, format: integer });
  return { ...axis, domain: [1, last * 1.05], ticks: axis.ticks.filter((tick) => tick >= 1 && tick <= last) };
}

/** All of the first ranks, then one in every three percent: more than the eye can follow. The last one stays. */
function thin<T extends { readonly rank: number }>(points: readonly T[]): readonly T[] {
  let next = 1;
  return points.filter((point, i) => {
    if (point.rank < next && i < points.length - 1) return false;
    next = Math.max(point.rank + 1, point.rank * 1.03);
    return true;
  });
}

/** About six ranks, evenly spread over the logarithm and staggered between series. */
function markedRanks(ranks: readonly number[], stagger: number): ReadonlySet<number> {
  const span = Math.log(Math.max(2, ranks.at(-1) ?? 2));
  const wanted = Array.from({ length: 6 }, (_, k) => Math.exp((span * (k + stagger)) / 6));
  return new Set(wanted.flatMap((target) => ranks.find((rank) => rank >= target) ?? []));
}
