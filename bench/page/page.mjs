// @ts-check
// The page: what was asked for, then every suite with its figures and tables, in the look of the report.
import {
  callout,
  command,
  details,
  facts,
  figure,
  headline,
  numbers,
  paragraph,
  table,
  words,
} from '../../build-ts/report/blocks.js';
import { missing, significant } from '../../build-ts/report/format.js';
import { renderPage } from '../../build-ts/report/render-html.js';
import { time } from '../harness/print.mjs';
import { suiteFigures, targetsFigure, unitText } from './figures.mjs';
import { stylesOf } from './styles.mjs';

/**
 * @typedef {import('../harness/vocabulary.js').Results} Results
 * @typedef {import('../harness/vocabulary.js').SuiteResult} SuiteResult
 * @typedef {import('../harness/vocabulary.js').FigureResult} FigureResult
 */

const reads = ({ median, unit }) => `${significant(median)}${unitText(unit)}`;
const range = ({ q1, q3 }) => `${significant(q1)} – ${significant(q3)}`;
const asked = (/** @type {FigureResult} */ { better, target }) =>
  target === undefined ? missing : `${better === 'lower' ? '≤' : '≥'} ${target}`;
const verdict = (/** @type {FigureResult} */ { met }) => (met === undefined ? missing : met ? 'met' : 'missed');

/** Rows of every figure that has a target. @param {Results} results */
export const targetRows = ({ suites }) =>
  suites.flatMap((suite) =>
    suite.cases.flatMap((one) =>
      one.figures
        .filter(({ target }) => target !== undefined)
        .map((figure) => ({
          suite: suite.title,
          case: one.name,
          says: figure.says,
          asked: asked(figure),
          reads: reads(figure),
          verdict: verdict(figure),
        })),
    ),
  );

/** What the figures of a page are looked up by. @param {Results} results @returns {any} */
export function viewOf(results) {
  const styles = stylesOf(results);
  const byName = new Map(styles.map((style) => [style.id, style]));
  return { styles, style: (name) => byName.get(name) ?? styles[0] };
}

/** @param {Results} results */
export function sectionsOf(results) {
  const { style } = viewOf(results);
  return [
    { section: named('targets', 'Targets'), blocks: opening(results, style) },
    ...results.suites.map((suite) => ({ section: named(suite.name, suite.title), blocks: suiteBlocks(suite, style) })),
    { section: named('measuring', 'How it was measured'), blocks: measuring(results) },
  ];
}

/** The whole page. @param {Results} results */
export function renderBenchmarks(results) {
  const title = 'resgram: benchmarks';
  const footer = ['resgram ', results.versions.resgram, ' · commit ', results.versions.commit];
  return renderPage({ title, sections: sectionsOf(results), footer }, viewOf(results));
}

const named = (name, title) => ({ name, title, build: () => [] });

function opening(results, style) {
  const rows = targetRows(results);
  const met = rows.filter(({ verdict }) => verdict === 'met').length;
  const { cpu, cpus, simd } = results.machine;
  return [
    headline(`Benchmarks of resgram ${results.versions.resgram}`, `${met} of ${rows.length} targets met on ${cpu}`),
    paragraph(
      `Medians of rounds in which everyone takes turns; figures are ratios formed within a round, on ${cpus} CPUs with ${simd}. `,
      'Times depend on the machine, ratios much less.',
    ),
    ...(rows.length === 0
      ? []
      : [
          figure(targetsFigure(results.suites, style), [
            'Each figure divided by its target. The line is the target; dots left of it are better. Bars span the quartiles.',
          ]),
          details(
            'The same as a table',
            table(
              'Figures with a target',
              [words('Case'), words('Figure'), numbers('Target'), numbers('Measured'), words('Target is')],
              rows.map((row) => [`${row.suite}: ${row.case}`, row.says, row.asked, row.reads, row.verdict]),
            ),
          ),
        ]),
    ...(results.absent.length === 0
      ? []
      : [
          callout(
            'Took no part',
            results.absent.map(({ what, why }) => `${what}: ${why}`),
          ),
        ]),
  ];
}

/** @param {SuiteResult} suite */
function suiteBlocks(suite, style) {
  const figures = suite.cases.flatMap((one) => one.figures.map((figure) => ({ one, figure })));
  const absent = suite.cases.flatMap((one) => one.absent.map(({ what, why }) => `${one.name}: ${what}: ${why}`));
  return [
    paragraph(suite.about),
    ...suiteFigures(suite, style).map((drawing) =>
      figure(drawing, 'Medians of the rounds; where a bar shows, it spans the quartiles.'),
    ),
    table(
      suite.title,
      [words('Case'), words('Figure'), numbers('Median'), numbers('Quartiles'), numbers('Target')],
      figures.map(({ one, figure }) => [
        one.figures[0] === figure ? one.name : '',
        figure.says,
        reads(figure),
        range(figure),
        figure.target === undefined ? missing : `${asked(figure)}, ${verdict(figure)}`,
      ]),
    ),
    details(
      'Times of every contestant',
      table(
        'Medians of one call; preparation is reading, compiling and a first call',
        [words('Case'), words('Contestant'), numbers('Wall'), numbers('CPU'), numbers('Preparation'), words('Note')],
        suite.cases.flatMap((one) =>
          one.contestants.map(({ name, measures: { wall, cpu }, prepare, compile, note }, i) => [
            i === 0 ? one.name : '',
            name,
            wall === undefined ? missing : time(wall.median),
            cpu === undefined ? missing : time(cpu.median),
            compile === undefined ? time(prepare) : `${time(prepare)}, compiling ${time(compile)}`,
            note ?? missing,
          ]),
        ),
      ),
    ),
    ...(absent.length === 0 ? [] : [callout('Not measured', absent)]),
  ];
}

/** @param {Results} results */
function measuring({ machine, versions, made, mode, seconds }) {
  const all = Object.entries(versions).map(([term, value]) => ({ term, value }));
  return [
    paragraph(
      'Contestants stay in a process of their own that has started, read its input and compiled before anything is timed. They take turns, in turned order each round. CPU time is that of all threads of the process; it suffers little from other work on the machine, wall time much.',
    ),
    command(mode === 'full' ? 'npm run bench' : 'npm run bench -- --quick'),
    facts([
      { term: 'When', value: `${made.slice(0, 10)}, ${seconds} seconds` },
      { term: 'CPU', value: `${machine.cpu}, ${machine.cpus} used, ${machine.simd}` },
      { term: 'Memory', value: `${machine.memoryGiB} GiB` },
      { term: 'System', value: machine.platform },
      { term: 'Load before', value: String(machine.load) },
      ...all,
    ]),
  ];
}
