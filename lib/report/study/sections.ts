import type { Expectation, ItemReport, Measurement, PartReport } from '../../studies/schema.js';
import {
  type Block,
  callout,
  code,
  defineSection,
  details,
  facts,
  figure,
  headline,
  key,
  type Line,
  list,
  mark,
  number,
  numbers,
  paragraph,
  type Section,
  strong,
  table,
  words,
} from '../blocks.js';
import { count, integer, missing, significant } from '../format.js';
import { keyMeanings } from '../keys.js';
import { prose } from '../prose.js';
import { provenanceBlocks } from '../sections/provenance.js';
import { keyBlocks } from '../sections/reading.js';
import { chartFigure } from './chart-figure.js';
import { type StudyView, verdictMarks } from './view.js';

const verdictSection = defineSection<StudyView>({
  name: 'verdicts',
  title: 'Verdicts',
  build: ({ report, items }) => [
    headline(`resgram study ${report.name} · ${report.size} size`, headlineText(items)),
    table(
      'What the papers claim, and what the computation says',
      [words('Item'), words('Verdict'), words('Claim')],
      items.map((item) => [item.id, verdictLine(item), prose(item.title)]),
    ),
  ],
});

function headlineText(items: readonly ItemReport[]): string {
  const judged = items.filter(({ verdict }) => verdict !== null);
  const holding = judged.filter(({ verdict }) => verdict === 'holds').length;
  const partly = judged.filter(({ verdict }) => verdict === 'in part').length;
  const failing = judged.length - holding - partly;
  const parts = [
    `${integer(holding)} of ${count(judged.length, 'claim')} hold${holding === 1 ? 's' : ''}`,
    ...(partly > 0 ? [`${integer(partly)} in part`] : []),
    ...(failing > 0 ? [`${integer(failing)} ${failing === 1 ? 'does' : 'do'} not`] : []),
  ];
  return parts.join(', ');
}

function verdictLine({ verdict, absent }: ItemReport): Line {
  if (verdict === null)
    return absent === null ? 'none: nothing is in the range of the claim' : `not computed: ${absent.what} missing`;
  return [mark(`${verdictMarks[verdict]} `, ''), verdict];
}

function itemSection(item: ItemReport): Section<StudyView> {
  return defineSection<StudyView>({
    name: `item-${item.id.toLowerCase()}`,
    title: `${item.id}. ${item.title}`,
    build: () => itemBlocks(item),
  });
}

function itemBlocks(item: ItemReport): readonly Block<StudyView>[] {
  const { claim, check, expected, measured, verdict, absent, outside, remarks, charts, reference } = item;
  const keys = reference.equations.flatMap((equation, i) => [...(i === 0 ? [] : [', ']), key(equation)]);
  return [
    facts([
      { term: 'Claim', value: prose(claim) },
      { term: 'Check', value: prose(check) },
      { term: 'Expected', value: prose(expected) },
      { term: 'Verdict', value: [strong(verdict ?? 'not computed')] },
      { term: 'Reference', value: [`${reference.paper} · `, ...keys] },
    ]),
    ...(absent === null ? [] : [callout(`Not computed: ${absent.what} missing`, [absent.remedy])]),
    ...(outside.length === 0 ? [] : [callout('Outside the range of the claim', outside.map(prose))]),
    ...charts.map((chart) => figure(chartFigure(chart), prose(chart.caption))),
    ...(remarks.length === 0 ? [] : [list(remarks.map(prose))]),
    ...(measured.length === 0 ? [] : [measurementTable(measured)]),
  ];
}

function measurementTable(measured: readonly Measurement[]): Block<StudyView> {
  const failing = measured.filter(({ holds }) => !holds).length;
  return details(
    `${count(measured.length, 'measurement')}, ${failing === 0 ? 'all as expected' : `${integer(failing)} not as expected`}`,
    table(
      'Measured against expected',
      [words('What'), numbers('Measured'), numbers('Expected'), words('As expected')],
      measured.map(({ what, measured: value, expected, holds }) => [
        prose(what),
        value === null ? missing : number(value, measuredText(value, expected)),
        expectationText(expected),
        holds ? 'yes' : { content: [strong('no')] },
      ]),
    ),
  );
}

/** With a digit more than the tolerance has: what is within it is seen to be. */
function measuredText(value: number, expected: Expectation): string {
  return expected.kind === 'near' ? withDecimals(value, expected.within, 1) : significant(value, 4);
}

/** Four significant digits, or as many as a tolerance of two digits asks for. */
function withDecimals(value: number, within: number, more: number): string {
  const digits = Math.ceil(Math.log10(Math.abs(value) / within)) + 2 + more;
  return significant(value, Number.isFinite(digits) ? Math.min(12, Math.max(4, digits)) : 4);
}

function expectationText(expected: Expectation): string {
  switch (expected.kind) {
    case 'near':
      return `${withDecimals(expected.value, expected.within, 0)} ± ${significant(expected.within, 2)}`;
    case 'at most':
      return `≤ ${significant(expected.value, 4)}`;
    case 'at least':
      return `≥ ${significant(expected.value, 4)}`;
  }
}

const parameterSection = defineSection<StudyView>({
  name: 'parameters',
  title: 'Parameters',
  build: ({ report: { parts } }) =>
    parts.flatMap((part) => [
      paragraph(part.paper),
      table('Parameters; each is an option of the command', [words('Parameter'), words('Value')], parameterRows(part)),
    ]),
});

function parameterRows({ parameters }: PartReport) {
  return Object.entries(parameters).map(([name, value]) => [
    code(name),
    Array.isArray(value) ? value.join(', ') : String(value),
  ]);
}

const keySection = defineSection<StudyView>({
  name: 'keys',
  title: 'The keys in brackets',
  build: ({ items }) => {
    const cited = new Set(items.flatMap(({ reference }) => reference.equations));
    return keyBlocks(
      keyMeanings
        .filter((one) => cited.has(one.key))
        .map(({ key: term, meaning }) => ({
          key: term,
          meaning: typeof meaning === 'string' ? prose(meaning) : meaning,
        })),
    );
  },
});

const provenanceSection = defineSection<StudyView>({
  name: 'provenance',
  title: 'Provenance',
  build: ({ report }) => provenanceBlocks(report, report.seed),
});

/** The sections of a report in reading order; every item is one. */
export function studySections(view: StudyView): readonly Section<StudyView>[] {
  return [verdictSection, ...view.items.map(itemSection), parameterSection, keySection, provenanceSection];
}
