// @ts-check
// What a run says while it goes on.

const digits = (value) => (value === undefined ? '' : Number(value.toPrecision(3)).toString());

/** 1.3 ms, 42 µs: a time with three digits. */
export function time(seconds) {
  const [unit, scale] = [
    ['s', 1],
    ['ms', 1e-3],
    ['µs', 1e-6],
  ].find(([, size]) => seconds >= Number(size)) ?? ['ns', 1e-9];
  return `${digits(seconds / Number(scale))} ${unit}`;
}

/** @param {import('./vocabulary.js').FigureResult} figure */
export function figureLine({ says, median, q1, q3, unit, better, target, met }) {
  const value = `${digits(median)}${unit === '×' ? ' ×' : ` ${unit}`}`;
  const range = `${digits(q1)} to ${digits(q3)}`;
  const verdict =
    target === undefined ? '' : `   ${met ? '✓' : '✗'} ${better === 'lower' ? 'at most' : 'at least'} ${target}`;
  return `      ${value.padEnd(11)} ${says} (${range})${verdict}`;
}

/** @param {import('./vocabulary.js').CaseResult} result */
export function caseLines({ name, contestants, figures, absent, disagreements = [] }, seconds) {
  const lines = [`  ${name}  (${seconds.toFixed(1)} s)`];
  for (const { name: who, measures, note } of contestants) {
    const { wall, cpu, late, peak } = measures;
    const told = [
      wall && `wall ${time(wall.median)}`,
      cpu && `CPU ${time(cpu.median)}`,
      late && `late ${time(late.median)}`,
      peak && `peak +${digits(peak.median / 2 ** 20)} MiB`,
      note,
    ].filter(Boolean);
    lines.push(`    ${who.padEnd(24)} ${told.join(', ')}`);
  }
  lines.push(...figures.map(figureLine));
  lines.push(...absent.map(({ what, why }) => `      – ${what}: ${why}`));
  lines.push(...disagreements.map(({ what, why }) => `      ✗ ${what} computed something else: ${why}`));
  return lines;
}
