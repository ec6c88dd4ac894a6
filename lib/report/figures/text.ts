/** Width of a line of text in px at a font size, close enough to lay out legends and labels. */
export type TextMeasure = (text: string, fontSize: number) => number;

/**
 * Advance widths of DejaVu Sans in em, by class of character. It is wider than most interface fonts, so what fits here
 * fits there.
 */
export const measureText: TextMeasure = (text, fontSize) => {
  let width = 0;
  for (const character of text) width += emWidth(character);
  return width * fontSize;
};

function emWidth(character: string): number {
  if (character === '\u2060') return 0;
  if ("iIljt|.,:;'!()[] \u00a0".includes(character)) return 0.36;
  if ('\u202f⁰¹²³⁴⁵⁶⁷⁸⁹⁻'.includes(character)) return 0.42;
  if ('mMwW%@—'.includes(character)) return 0.96;
  if (/[A-Z=<>+−×√Σ]/.test(character)) return 0.77;
  if (/[0-9a-z\u00c0-\u04ff–]/.test(character)) return 0.62;
  return 1;
}
