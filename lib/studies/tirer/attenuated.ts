/** The claims about interpolants are about branches that are attenuated: α ≤ 1. */

/** The scales that the claim is about; all of them where none is. */
export function claimed(alphas: readonly number[]): readonly number[] {
  const attenuated = alphas.filter((alpha) => alpha <= 1);
  return attenuated.length > 0 ? attenuated : alphas;
}

/** What the report marks as outside the range of the claim. */
export function outsideClaim({ alphas }: { readonly alphas: readonly number[] }): readonly string[] {
  return alphas.some((alpha) => alpha <= 1) ? [] : ['every α is above 1, and the claim is about α ≤ 1'];
}
