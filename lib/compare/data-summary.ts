import type { Dataset } from '../data/dataset.js';
import type { DataSummary } from './schema.js';

/** What a report says about its data. */
export function dataSummary(
  data: Dataset,
  holdout:
    | (Pick<Dataset, 'name' | 'x' | 'sources'> & { readonly notes: Pick<Dataset['notes'], 'messages'> })
    | undefined,
): DataSummary {
  const notes = [...data.notes.messages, ...(holdout?.notes.messages ?? []).map((note) => `${holdout?.name}: ${note}`)];
  return {
    name: data.name,
    kind: data.kind,
    image: data.image ?? null,
    task: data.task,
    target: data.targetName,
    classes: data.classes?.map((label, i) => ({ label, count: data.notes.classCounts[i] ?? 0 })) ?? null,
    rows: data.x.shape[0],
    features: data.x.shape[1],
    holdoutRows: holdout?.x.shape[0] ?? 0,
    sources: [...data.sources, ...(holdout?.sources ?? [])].map(({ role, name, bytes, sha256, licence }) => ({
      role,
      name,
      bytes,
      sha256,
      licence: licence ?? null,
    })),
    notes: [...new Set(notes)],
  };
}
