import type { Inline } from './blocks.js';
import { bare } from './figures/math.js';

/** A power as ^2, ^−d, ^{…}, ^(…) or ^−(…), or an index as _max or _{…}, behind what it belongs to. */
const script =
  /\^(\{[^}]*\}|[−-]?\([^)]*\)|[−-]?[\p{L}\p{N}]+(?:[./][\p{L}\p{N}]+)*)|(?<=[\p{L}\p{M}])_(\{[^}]*\}|[\p{L}\p{N}]+)/gu;

/** A sentence with formulas in it, as the studies write them: powers raised, indices lowered. */
export function prose(text: string): readonly Inline[] {
  const parts: Inline[] = [];
  let done = 0;
  for (const match of text.matchAll(script)) {
    const [whole, power, index] = match;
    parts.push(text.slice(done, match.index));
    if (power !== undefined) parts.push({ kind: 'power', text: bare(power) });
    if (index !== undefined) parts.push({ kind: 'index', text: bare(index) });
    done = match.index + whole.length;
  }
  return [...parts, text.slice(done)];
}
