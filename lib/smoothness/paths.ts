/** The fit along straight paths from row to row. */

import { cross, type KernelName } from '../kernel.js';
import type { Study } from '../study.js';
import { pathOf, pathPoints, segmentsOf } from './probes.js';

/** Over all steps of all paths; several columns of targets count by the root of their summed squares. */
export interface PathFigures {
  /** The largest |f̂(x + δ) − f̂(x)|/‖δ‖. */
  readonly slope: number;
  /** The root mean square of |f̂(x + δ) − 2f̂(x) + f̂(x − δ)|/‖δ‖². */
  readonly bend: number;
}

/** null without targets, and where no two rows span a plane. Made once for a study and kernel.            [path-lipschitz] */
export function pathFigures(study: Study, which: KernelName): Promise<PathFigures | null> {
  return study.once(which, 'paths', async () => {
    const [fit, segments] = [await study.fit(which), segmentsOf(study.x)];
    if (fit === null || segments.length === 0) return null;
    const { size, logScale } = await study.gram(which);
    const columns = fit.coefficients.length / size;
    let [slope, bends] = [0, 0];
    for (const segment of segments) {
      const values = await cross(study.kernel, pathOf(segment, study.x), study.x, which, study.job);
      const unit = Math.exp(values.logScale - logScale);
      const f = Array.from({ length: pathPoints }, (_, i) => {
        const at = new Float64Array(columns);
        for (let j = 0; j < size; j++) {
          const k = unit * (values.data[i * size + j] as number);
          for (let c = 0; c < columns; c++)
            at[c] = (at[c] as number) + k * (fit.coefficients[j * columns + c] as number);
        }
        return at;
      });
      const step = segment.length / (pathPoints - 1);
      const at = (i: number) => f[i] as Float64Array;
      for (let i = 1; i < pathPoints; i++) {
        slope = Math.max(slope, Math.hypot(...at(i).map((value, c) => value - (at(i - 1)[c] as number))) / step);
      }
      for (let i = 1; i < pathPoints - 1; i++) {
        const second = at(i).map((value, c) => (at(i + 1)[c] as number) - 2 * value + (at(i - 1)[c] as number));
        bends += (Math.hypot(...second) / step ** 2) ** 2;
      }
    }
    return { slope, bend: Math.sqrt(bends / (segments.length * (pathPoints - 2))) };
  });
}
