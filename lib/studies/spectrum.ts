import { compile } from '../kernel.js';
import type { PresetSpec } from '../presets.js';
import { sphereSpectrum } from '../sphere-spectrum.js';
import type { StudyContext } from './definition.js';

/** Of the kernel divided by κ(0). */
export async function spectrumOf(
  spec: PresetSpec,
  dimension: number,
  degrees: number,
  context: StudyContext,
): Promise<Float64Array> {
  const kernel = compile(spec);
  try {
    const { values, multiplicities, captured } = await sphereSpectrum(kernel, 'ntk', {
      dimension,
      degrees,
      ...context.job(`d = ${dimension}`),
    });
    const diagonal = values.reduce((sum, value, k) => sum + value * (multiplicities[k] as number), 0) / captured;
    return values.map((value) => value / diagonal);
  } finally {
    kernel.dispose();
  }
}
