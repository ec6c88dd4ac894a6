import { sequence, significant } from '../format.js';
import type { View } from '../view.js';
import { defineFigure } from './figure.js';
import { drawLines, type Line } from './lines.js';
import { depthAxis, logAxis } from './scale.js';

export const conditionFigure = defineFigure({
  name: 'condition',
  title: () => 'Condition number against depth',
  summary: (view) => {
    const parts = conditionLines(view).flatMap(({ style, points }) => {
      const [first, last] = [points[0], points.at(-1)];
      if (first === undefined || last === undefined) return [];
      const from = `${significant(first.y)} at depth ${first.x}`;
      return [`${style.label} goes from ${from} to ${significant(last.y)} at depth ${last.x}`];
    });
    return `Largest over smallest eigenvalue of the Gram matrix of distinct rows: ${sequence(parts)}.`;
  },
  draw: (view, canvas) => {
    const lines = conditionLines(view);
    const points = lines.flatMap((line) => line.points);
    return drawLines(canvas, {
      lines,
      x: (width) =>
        depthAxis(
          points.map((point) => point.x),
          width,
        ),
      y: logAxis(
        points.map((point) => point.y),
        { label: 'Condition number (distinct rows)', count: 6 },
      ),
      height: canvas.compact ? 210 : 280,
    });
  },
});

/** One line per network through the depths that have a condition number; empty when none has. */
export function conditionLines(view: View): readonly Line[] {
  return view.networks.flatMap(({ id, depths }) => {
    const points = depths.flatMap(({ depth, spectrum }) => {
      const value = spectrum.conditionNumberDistinct;
      const tip = `${view.style(id).label}, depth ${depth}: condition number ${value === null ? '' : significant(value)}`;
      return value === null ? [] : [{ x: depth, y: value, marked: true, tip }];
    });
    return points.length === 0 ? [] : [{ style: view.style(id), points }];
  });
}
