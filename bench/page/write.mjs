// @ts-check
// Writes a run for people: one page, and a README with figures that GitHub shows.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { figuresIn } from '../../build-ts/report/blocks.js';
import { standaloneFigure } from '../../build-ts/report/figures/document.js';
import { renderBenchmarks, sectionsOf, targetRows, viewOf } from './page.mjs';

/**
 * @param {import('../harness/vocabulary.js').Results} results
 * @param {string} folder gets index.html, README.md and figures/
 */
export function writePage(results, folder) {
  const view = viewOf(results);
  const sections = sectionsOf(results);
  const figures = figuresIn(sections.flatMap(({ blocks }) => blocks));
  rmSync(path.join(folder, 'figures'), { recursive: true, force: true });
  mkdirSync(path.join(folder, 'figures'), { recursive: true });
  writeFileSync(path.join(folder, 'index.html'), renderBenchmarks(results));
  for (const figure of figures) {
    writeFileSync(path.join(folder, 'figures', `${figure.name}.svg`), standaloneFigure(figure, view));
  }
  writeFileSync(path.join(folder, 'README.md'), readme(results, figures, view));
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function readme(results, figures, view) {
  const { machine, versions, made } = results;
  const rows = targetRows(results).map(({ suite, case: name, says, asked, reads, verdict }) =>
    [`${suite}: ${name}`, says, asked, reads, verdict].map(cell).join(' | '),
  );
  const all = Object.entries(versions).map(([what, version]) => `${what} ${version}`);
  return [
    '# Benchmarks',
    '',
    `Written by \`npm run bench\` on ${made.slice(0, 10)}: ${machine.cpu}, ${machine.cpus} CPUs, ${machine.simd}, ${machine.memoryGiB} GiB, ${machine.platform}.`,
    'What each suite compares and why stands in [index.html](index.html), every number in [results.json](results.json),',
    'and how it is measured in [ADR 14](../adr/0014-ratios-in-turns.md). Why targets are missed, and what was tried, stands in',
    '[limits.md](limits.md); what the comparisons of finite networks mean, in [finite.md](finite.md).',
    '',
    '| Case | Figure | Target | Measured | Target is |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
    '',
    ...figures.map((figure) => `![${figure.title(view)}](figures/${figure.name}.svg)\n`),
    `Versions: ${all.join(', ')}.`,
    '',
  ].join('\n');
}
