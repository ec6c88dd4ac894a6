import { sequence } from '../format.js';
import type { View } from '../view.js';
import { type Canvas, defineFigure } from './figure.js';
import { drawLines, type Line } from './lines.js';
import { type Axis, depthAxis, linearAxis, logAxis } from './scale.js';

export const errorDepthFigure = defineFigure({
  name: 'error-depth',
  title: () => 'Test error against depth',
  summary: (view) => {
    const parts = view.networks.map(({ id, chosenDepth, nested }) => {
      const depth = `depth ${chosenDepth} chosen on ${view.allRows}`;
      return `${view.style(id).label} ${view.error.text(nested.mean)} with the depth chosen inside each split (${depth})`;
    });
    return `Mean test error over the splits: ${sequence(parts)}.`;
  },
  draw: (view, canvas) => {
    const lines = linesOf(view);
    const depths = view.networks.flatMap((network) => network.depths.map(({ depth }) => depth));
    return drawLines(canvas, {
      lines,
      x: (width) => depthAxis(depths, width),
      y: errorAxis(lines, view.error.axis, canvas),
      height: canvas.compact ? 220 : 320,
    });
  },
});

function linesOf(view: View): readonly Line[] {
  const { scale, text } = view.error;
  return view.networks.map(({ id, chosenDepth, depths }) => ({
    style: view.style(id),
    points: depths.map(({ depth, error }) => ({
      x: depth,
      y: scale * error.mean,
      spread: scale * error.sd,
      marked: true,
      ringed: depth === chosenDepth,
      tip: `${view.style(id).label}, depth ${depth}: ${text(error.mean)} ± ${text(error.sd)}`,
    })),
  }));
}

/** Logarithmic only where one network fails so badly that the others would lie on the floor. */
function errorAxis(lines: readonly Line[], label: string, canvas: Canvas): Axis {
  const points = lines.flatMap((line) => line.points);
  const means = points.map((point) => point.y);
  const tops = points.map((point) => point.y + (point.spread ?? 0));
  const bottoms = points.map((point) => Math.max(0, point.y - (point.spread ?? 0)));
  const count = canvas.compact ? 4 : 5;
  const low = Math.min(...means);
  if (low > 0 && Math.max(...means) > 8 * low) return logAxis([...means, ...tops], { label, count, format: String });
  return linearAxis([...bottoms, ...tops], { label, count });
}
