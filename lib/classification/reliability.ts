/** Do probabilities of classes mean what they say? */

/** Samples whose largest probability lies in (from, to]. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly samples: number;
  /** Mean of the largest probability, and how often its class was right. */
  readonly confidence: number;
  readonly accuracy: number;
}

/** [calibration-error] */
export interface ClassCalibration {
  readonly samples: number;
  readonly accuracy: number;
  /** Σ over bins of their share of samples times |accuracy − confidence|. */
  readonly expectedCalibrationError: number;
  /** Mean of Σ_c (p_c − [c is right])²: from 0 to 2. */
  readonly brier: number;
  /** Mean of −log of the probability of what was right; probabilities below 1e-300 count as that. */
  readonly negativeLogLikelihood: number;
  /** Fifteen of equal width, less those without samples. */
  readonly bins: readonly ReliabilityBin[];
}

/** As many as in most papers. */
const binCount = 15;

/** [calibration-error] */
export function reliability(
  probabilities: ArrayLike<number>,
  predicted: Uint32Array,
  truth: Uint32Array,
  classes: number,
): ClassCalibration {
  const n = truth.length;
  const bins = Array.from({ length: binCount }, () => ({ samples: 0, confidence: 0, right: 0 }));
  let right = 0;
  let brier = 0;
  let loss = 0;
  for (let i = 0; i < n; i++) {
    const own = truth[i] as number;
    const choice = predicted[i] as number;
    const confidence = probabilities[i * classes + choice] as number;
    const hit = choice === own ? 1 : 0;
    right += hit;
    for (let c = 0; c < classes; c++) brier += ((probabilities[i * classes + c] as number) - (c === own ? 1 : 0)) ** 2;
    loss -= Math.log(Math.max(1e-300, probabilities[i * classes + own] as number));
    const bin = bins[
      Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1))
    ] as (typeof bins)[number];
    bin.samples += 1;
    bin.confidence += confidence;
    bin.right += hit;
  }
  const gap = bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0);
  return Object.freeze({
    samples: n,
    accuracy: right / n,
    expectedCalibrationError: gap / n,
    brier: brier / n,
    negativeLogLikelihood: loss / n,
    bins: Object.freeze(
      bins.flatMap(({ samples, confidence, right: hits }, k) => {
        const range = { from: k / binCount, to: (k + 1) / binCount };
        const one = { ...range, samples, confidence: confidence / samples, accuracy: hits / samples };
        return samples === 0 ? [] : [Object.freeze(one)];
      }),
    ),
  });
}
