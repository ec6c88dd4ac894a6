import { beforeAll, describe, expect, test } from 'vitest';
import { loadWithSchema } from '../../lib/data/load.js';
import { cautionsOf } from '../../lib/fitting/cautions.js';
import { fitModel } from '../../lib/fitting/fit.js';
import type { FitReport } from '../../lib/fitting/schema.js';
import { renderFit } from '../../lib/report/fit/index.js';
import { mostDots, thinned } from '../../lib/report/fit/scatter.js';
import type { RenderedReport } from '../../lib/report/render-sections.js';

const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;

async function fitted(name: string): Promise<FitReport> {
  const { data, schema } = await loadWithSchema(fixture(name), { limit: 120, order: 'random' });
  const { model, report } = await fitModel(data, schema, { depths: [1, 3], command: `resgram fit ${name}` }, {});
  model.dispose();
  return report;
}

/** Elements that open and close, and attributes that are quoted: what an XML parser would ask. */
function wellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, close, tag, self] of svg.matchAll(/<(\/?)([\w:]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (close === '/') {
      if (open.pop() !== tag) return false;
    } else if (self !== '/') open.push(tag as string);
  }
  return open.length === 0 && !/NaN|undefined|Infinity/.test(svg);
}

describe.each([
  ['diabetes.csv', ['depth', 'ridge-path', 'predicted-actual', 'residuals', 'reliability', 'learning-curve']],
  ['iris.csv', ['depth', 'ridge-path', 'reliability', 'learning-curve']],
])('the report of a fit of %s', (name, figures) => {
  let report: FitReport;
  let rendered: RenderedReport;
  beforeAll(async () => {
    report = await fitted(name);
    rendered = renderFit(report);
  });

  test('has every section with its figures, as page and as Markdown', () => {
    const misses = figures.includes('residuals') ? 'residuals' : 'mistakes';
    for (const section of ['data', 'choice', 'predictions', misses, 'reliability', 'learning-curve', 'limits']) {
      expect(rendered.html).toContain(`<section id="${section}"`);
    }
    expect(rendered.figures.map((figure) => figure.name)).toEqual(figures);
    for (const figure of rendered.figures) {
      expect(wellFormed(figure.svg), figure.name).toBe(true);
      expect(figure.svg).toContain('<desc');
      expect([...figure.png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
      expect(rendered.markdown).toContain(`](figures/${figure.name}.svg)`);
    }
    const missTitle = misses === 'residuals' ? 'Residuals' : 'Surest mistakes';
    for (const title of ['Predicted against actual', missTitle, 'Reliability', 'Learning curve', 'Provenance']) {
      expect(rendered.markdown).toContain(`## ${title}\n`);
    }
  });

  test('says which rows were seen, and how to repeat it', () => {
    expect(rendered.html).toContain('each is predicted by the fit to all other rows');
    expect(rendered.markdown).toContain('No test file was given');
    expect(rendered.markdown).toContain(`resgram fit ${name}`);
    expect(rendered.markdown).toContain(report.data.sources[0]?.sha256);
  });

  test('is a pure function of its report, also after JSON', () => {
    const again = renderFit(JSON.parse(JSON.stringify(report)));
    expect(again.html).toBe(rendered.html);
    expect(again.markdown).toBe(rendered.markdown);
  });
});

test('names of columns and classes are text in every format', async () => {
  const report = await fitted('iris.csv');
  const nasty = '</svg><script>alert(1)</script> | `x` *y* [z](q)';
  const { html, markdown, figures } = renderFit({
    ...report,
    data: {
      ...report.data,
      target: nasty,
      classes: report.data.classes?.map((one) => ({ ...one, label: nasty })) ?? null,
    },
  });
  expect(html).not.toContain('<script>alert');
  expect(markdown).not.toContain('<script>');
  expect(markdown).toContain('\\[z\\](q)');
  for (const { svg } of figures) expect(wellFormed(svg)).toBe(true);
});

test('at most so many dots, from the first row on', () => {
  expect(thinned(3)).toEqual([0, 1, 2]);
  expect(thinned(mostDots)).toHaveLength(mostDots);
  expect(thinned(mostDots + 1)).toHaveLength(501);
  expect(thinned(20 * mostDots).at(-1)).toBe(20 * (mostDots - 1));
});

test('cautions are told where they hold, in page and text alike', async () => {
  const report = await fitted('diabetes.csv');
  const told = (changed: Partial<FitReport>) => cautionsOf({ ...report, ...changed }).join('\n');
  expect(told({})).not.toContain('rror bars');
  if (report.leftOut.task !== 'regress') throw new Error('expected a regression');
  const { leftOut, model, protocol } = report;
  const wide = { leftOut: { ...leftOut, typicalStd: 10 * leftOut.rmse } };
  expect(told(wide)).toContain('Error bars are too wide to be of use');
  expect(renderFit({ ...report, ...wide }).markdown).toContain('No. Error bars are too wide');
  expect(told({ leftOut: { ...leftOut, meanSquaredDeviation: 7 } })).toContain('they are 7 times what was promised');
  expect(told({ repeatedRows: { rows: 5, conflicting: 2 } })).toContain('5 rows repeat earlier ones, 2 of them');
  expect(told({ model: { ...model, relativeRidge: protocol.ridgeGrid[0] as number } })).toContain('The smallest ridge');
  expect(told({ model: { ...model, depth: 3 } })).toContain('try deeper ones than 3');
  expect(told({ test: leftOut })).not.toContain('No test file');
  expect(told({ repeatedRows: { rows: 1, conflicting: 0 } })).toContain('1 row repeats an earlier one');
  const again = report.data.sources.map((source) => ({ ...source, role: 'test' }));
  const itself = { test: leftOut, data: { ...report.data, sources: [...report.data.sources, ...again] } };
  expect(told(itself)).toContain('The test file has the same contents as the training file');
});

test('of many classes the table has a row for each, and its commonest mistake', async () => {
  const report = await fitted('iris.csv');
  const { leftOut, data } = report;
  if (leftOut.task !== 'classify') throw new Error('expected classes');
  const labels = Array.from({ length: 13 }, (_, k) => `class ${k}`);
  const confusion = labels.map((_, own) => labels.map((_, k) => (k === own ? 9 : k === (own + 1) % 13 ? 1 : 0)));
  const classes = labels.map((label) => ({ label, count: 10 }));
  const { markdown } = renderFit({ ...report, data: { ...data, classes }, leftOut: { ...leftOut, confusion } });
  expect(markdown).toMatch(/Most often taken for/);
  expect(markdown).toMatch(/class 12 \| 10 \| 90\.0\s%.* \| class 0 \| 1 \|/);
  expect(markdown).not.toContain('as class 0');
});

describe('a ridge that was given', () => {
  const given = async (name: string, ridge: number, settings = {}): Promise<FitReport> => {
    const { data, schema } = await loadWithSchema(fixture(name), { limit: 120, order: 'random' });
    const { model, report } = await fitModel(data, schema, { depths: [1], networks: 'mlp', ridge, ...settings }, {});
    model.dispose();
    return report;
  };

  test.each([
    ['diabetes.csv', 100, 'too large: targets of rows left out'],
    ['diabetes.csv', 1e-9, 'too small: targets of rows left out'],
    ['iris.csv', 1000, 'too large: coded classes of rows left out'],
  ])('of %s, %d, is told to do harm', async (name, ridge, says) => {
    const report = await given(name, ridge);
    const { ridgeCheck: check, leftOut } = report;
    if (check === null) throw new Error('expected a check');
    expect(renderFit({ ...report, protocol: { ...report.protocol, depths: [1, 2] } }).markdown).toContain(
      'Each point at the given ridge.',
    );
    expect(cautionsOf(report).join('\n')).toContain(`The ridge that was given is ${says}`);
    expect(check.leastSquaredError).toBeLessThan(check.squaredError);
    if (leftOut.task === 'regress') {
      expect(Math.sqrt(check.squaredError) / leftOut.rmse).toBeCloseTo(1, 12);
      expect(Math.sqrt(check.plainSquaredError) / leftOut.baseline).toBeCloseTo(1, 12);
    }
    const chosen = await given(name, check.relativeRidge);
    expect(chosen.ridgeCheck).toMatchObject({ relativeRidge: check.relativeRidge, standardError: 0 });
    expect(chosen.ridgeCheck?.squaredError).toBe(chosen.ridgeCheck?.leastSquaredError);
    expect(cautionsOf(chosen).join('\n')).not.toContain('The ridge that was given');
  });

  test('is tried on the rows that chose, where those are a sample', async () => {
    const { ridgeCheck: check } = await given('diabetes.csv', 100, { searchRows: 50 });
    expect(check?.rows).toBe(50);
  });

  test('took no part in the choice, and neither did what else was given', async () => {
    const report = await given('diabetes.csv', 0.1);
    expect(cautionsOf(report).join('\n')).not.toContain('No test file');
    expect(renderFit(report).markdown).toContain('Its own target had no say in it.');
    const both = await given('diabetes.csv', 0.1, { depths: [1, 2] });
    expect(cautionsOf(both).join('\n')).toContain('choosing depth, so their error is a little too good, and so are');
  });
});
