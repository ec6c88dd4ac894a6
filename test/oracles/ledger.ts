/**
 * How far the package is from other programs' values: every comparison is noted, the largest are printed at the end.
 */

interface Largest {
  deviation: number;
  at: string;
}

export interface Ledger {
  /** Notes |got − want| / size and hands the ratio back. */
  note(kind: string, got: number, want: number, size: number, at: string): number;
  /** One line for people: how many values, and the largest deviation of each kind with its place. */
  line(): string;
}

/** A ledger for one file of oracles. */
export function ledger(file: string): Ledger {
  const largest = new Map<string, Largest>();
  let count = 0;
  return {
    note(kind, got, want, size, at) {
      count++;
      const difference = Math.abs(got - want);
      // A value of no size must be met exactly; NaN must not pass for agreement.
      const ratio = difference === 0 ? 0 : difference / size;
      const deviation = Number.isNaN(ratio) ? Number.POSITIVE_INFINITY : ratio;
      const before = largest.get(kind);
      if (before === undefined || deviation > before.deviation) largest.set(kind, { deviation, at });
      return deviation;
    },
    line() {
      const kinds = [...largest].map(([kind, { deviation, at }]) => `${deviation.toExponential(1)} ${kind} (${at})`);
      return `ORACLE ${file}: ${count} values, largest deviation ${kinds.join('; ')}`;
    },
  };
}
