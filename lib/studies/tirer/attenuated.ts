/** The claims about interpolants are about branches that are attenuated: α ≤ 1. */

/** The scales that are judged: those that the claim is about, or all where none is. */
export function claimed(alphas: readonly number[]): readonly number[] {
  const attenuated = alphas.filter((alpha) => alpha <= 1);
  return attenuated.length > 0 ? attenuated : alphas;
}

/** What the report marks as outside the range of the claim. */
export function beyondOne(alphas: readonly number[]): readonly string[] {
  const beyond = alphas.filter((alpha) => alpha > 1);
  if (beyond.length === 0) return [];
  if (beyond.length === alphas.length) return ['every α is above 1, and the claim is about α ≤ 1'];
  return [`α = ${beyond.join(', ')}: the claim is about α ≤ 1, so that figures show it and no verdict counts it`];
}

export const outsideClaim = ({ alphas }: { readonly alphas: readonly number[] }): readonly string[] =>
  beyondOne(alphas);

/** The claims about random targets are about 5 to 40 samples. */
export function beyondSamples(counts: readonly number[]): readonly string[] {
  const beyond = counts.filter((count) => count < 5 || count > 40);
  return beyond.length === 0 ? [] : [`n = ${beyond.join(', ')}: the claim is about 5 to 40 samples`];
}
