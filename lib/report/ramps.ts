/**
 * Colours of maps, in even steps of OKLab, in which equal distances look equal. Order is carried by lightness alone, and signs by
 * blue against orange, so that neither is lost in grey or to a colour-blind reader.
 */

export type RampName = 'sequential' | 'diverging';

interface Ramp {
  readonly light: readonly string[];
  readonly dark: readonly string[];
}

/** Steps of a ramp: so many that rounding a value to one of them cannot be seen. Odd: one step is the middle. */
export const rampSteps = 41;

/** The step nearest to a share from 0 to 1. */
export function rampStep(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * (rampSteps - 1));
}

/** The first colour is near the page in both schemes: what is least is least seen. */
export const ramps: Readonly<Record<RampName, Ramp>> = {
  sequential: {
    light: steps((t) => oklch(0.965 - 0.665 * t, 0.03 + 0.12 * t, 130 + 160 * t)),
    dark: steps((t) => oklch(0.26 + 0.67 * t, 0.06 + 0.09 * t, 290 - 170 * t)),
  },
  diverging: {
    light: steps((t) => oklch(0.965 - 0.56 * Math.abs(2 * t - 1), 0.15 * Math.abs(2 * t - 1), t < 0.5 ? 255 : 45)),
    dark: steps((t) => oklch(0.26 + 0.58 * Math.abs(2 * t - 1), 0.13 * Math.abs(2 * t - 1), t < 0.5 ? 245 : 55)),
  },
};

function steps(colour: (share: number) => string): readonly string[] {
  return Array.from({ length: rampSteps }, (_, i) => colour(i / (rampSteps - 1)));
}

/** #rrggbb of a lightness, a chroma, which is lowered until sRGB has the colour, and a hue in degrees. */
function oklch(lightness: number, chroma: number, hue: number): string {
  const turn = (hue * Math.PI) / 180;
  for (let share = 1; ; share -= 0.01) {
    const linear = linearRgb(lightness, share * chroma * Math.cos(turn), share * chroma * Math.sin(turn));
    if (share <= 0 || linear.every((value) => value >= 0 && value <= 1)) return hex(linear);
  }
}

/** From OKLab; the matrices are those of its definition (Ottosson 2020). */
function linearRgb(L: number, a: number, b: number): readonly number[] {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function hex(linear: readonly number[]): string {
  const parts = linear.map((value) => {
    const clipped = Math.min(1, Math.max(0, value));
    const encoded = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
    return Math.round(255 * encoded)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${parts.join('')}`;
}
