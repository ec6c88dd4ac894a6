import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import type { CompareReport } from '../../lib/compare/schema.js';
import { renderCompare, sections } from '../../lib/report/index.js';
import { compareKeys } from '../../lib/report/keys.js';
import { metrics } from '../../lib/smoothness/index.js';
import { fixture } from './fixture.js';
import { hostileNames, withHostileNames } from './hostile.js';
import { readNumber, resolution } from './read-number.js';

const report = fixture();
const rendered = renderCompare(report);
const hostile = renderCompare(withHostileNames(report));

describe('the page', () => {
  test('holds every section, in the order of the catalogue, each with a heading', () => {
    const { document } = parseHTML(rendered.html);
    const found = [...document.querySelectorAll('section')];
    expect(found.map((section) => section.id)).toEqual(sections.map((section) => section.name));
    for (const section of found) expect(section.querySelectorAll('h1, h2').length).toBe(1);
    expect([...document.querySelectorAll('nav a')].map((link) => link.getAttribute('href'))).toEqual(
      sections.slice(1).map((section) => `#${section.name}`),
    );
  });

  test('says the verdict, its answers and its caveats', () => {
    const text = parseHTML(rendered.html).document.body.textContent ?? '';
    for (const { question } of report.verdict.answers) expect(text).toContain(question);
    for (const caveat of report.verdict.caveats) expect(text).toContain(caveat);
    expect(parseHTML(rendered.html).document.querySelector('h1')?.textContent).toContain('lowest test error');
  });

  test('is the same bytes every time, figures too', () => {
    const again = renderCompare(fixture());
    expect(again.html).toBe(rendered.html);
    expect(again.figures.map(({ svg }) => svg)).toEqual(rendered.figures.map(({ svg }) => svg));
    again.figures.forEach(({ png }, i) => {
      expect(Buffer.compare(png, rendered.figures[i]?.png as Uint8Array)).toBe(0);
    });
  });

  test('survives the way through JSON unchanged', () => {
    expect(renderCompare(JSON.parse(JSON.stringify(report))).html).toBe(rendered.html);
  });

  test('ids are unique and every reference inside the page has its target', () => {
    const { document } = parseHTML(rendered.html);
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    expect(new Set(ids).size).toBe(ids.length);
    const references = [...rendered.html.matchAll(/url\(#([^)]+)\)|href="#([^"]+)"/g)].map(
      (match) => match[1] ?? match[2],
    );
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) expect(ids).toContain(reference);
  });

  test('tables have headings for rows and columns, figures a text in words', () => {
    const { document } = parseHTML(rendered.html);
    expect(document.documentElement.getAttribute('lang')).toBe('en');
    const tables = [...document.querySelectorAll('table')];
    expect(tables.length).toBeGreaterThan(8);
    for (const table of tables) {
      expect(table.querySelector('caption')?.textContent).toBeTruthy();
      for (const heading of table.querySelectorAll('thead th')) expect(heading.getAttribute('scope')).toBe('col');
      for (const row of table.querySelectorAll('tbody tr'))
        expect(row.querySelector('th')?.getAttribute('scope')).toBe('row');
    }
    for (const drawing of document.querySelectorAll('figure svg')) {
      expect(drawing.getAttribute('role')).toBe('img');
      expect(drawing.getAttribute('aria-label')?.length).toBeGreaterThan(60);
    }
  });
});

describe('equation keys', () => {
  test('in the page all have their place in docs/equations.md', () => {
    const equations = readFileSync(new URL('../../docs/equations.md', import.meta.url), 'utf8');
    const cited = [...parseHTML(rendered.html).document.querySelectorAll('.key')].map((element) => element.textContent);
    expect(cited.length).toBeGreaterThan(8);
    for (const key of cited) expect(equations).toContain(`### [${key}] `);
  });
});

describe('keys', () => {
  test('lead to a line of the page that says what they mean', () => {
    const { document } = parseHTML(rendered.html);
    for (const element of document.querySelectorAll('.key')) {
      const anchor = element.getAttribute('href') as string;
      expect(anchor).toBe(`#key-${element.textContent}`);
      const term = document.getElementById(anchor.slice(1));
      expect(term?.nextElementSibling?.textContent?.length, anchor).toBeGreaterThan(40);
    }
    for (const { reference } of metrics) expect(compareKeys.map(({ key }) => key)).toContain(reference);
  });
});

describe('numbers', () => {
  /** Every number of the report, and the lengths of its lists, which the text may count. */
  const known = new Set<number>();
  (function collect(value: unknown): void {
    if (typeof value === 'number') known.add(value);
    if (Array.isArray(value)) known.add(value.length);
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) collect(inner);
  })(report);
  const printed = [...parseHTML(rendered.html).document.querySelectorAll('data')].map((element) => ({
    value: Number(element.getAttribute('value')),
    text: element.textContent as string,
  }));

  test('in the page are numbers of the report, to the last bit', () => {
    expect(printed.length).toBeGreaterThan(300);
    for (const { value } of printed) expect(known.has(value)).toBe(true);
  });

  test('print as what they are, rounded', () => {
    for (const { value, text } of printed) {
      if (text === '< 0.001') {
        expect(value).toBeLessThan(0.001);
        continue;
      }
      if (/ [kM]?B|bytes/.test(text.replace('\u202f', ' '))) continue;
      const shown = readNumber(text);
      expect(shown, text).toBeDefined();
      const off = Math.min(...[1, 100].map((unit) => Math.abs((shown as number) - unit * value)));
      expect(off, `${value} printed as ${text}`).toBeLessThanOrEqual(resolution(text) * (1 + 1e-9));
    }
  });
});

describe('safety', () => {
  test('the policy allows the one inline script by its hash, and nothing from outside', () => {
    for (const { html } of [rendered, hostile]) {
      const scripts = [...html.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1] as string);
      expect(scripts.length).toBe(1);
      const hash = createHash('sha256')
        .update(scripts[0] as string)
        .digest('base64');
      const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
      expect(policy).toBe(
        `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
      );
    }
  });

  test('the page and its figures name no address but the namespace of SVG', () => {
    const texts = [rendered.html, ...rendered.figures.map(({ svg }) => svg)];
    for (const text of texts) {
      expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
        /https?:|\/\/[a-z]|@import|src=|javascript:/i,
      );
    }
  });

  test('hostile names make no element and no handler', () => {
    const { document } = parseHTML(hostile.html);
    expect(document.querySelectorAll('script').length).toBe(1);
    expect(document.querySelectorAll('img, iframe, object, embed, link, form, base').length).toBe(0);
    for (const element of document.querySelectorAll('*')) {
      for (const { name } of element.attributes) expect(name.startsWith('on')).toBe(false);
    }
    expect(document.querySelectorAll('nav a').length).toBe(sections.length - 1);
    for (const link of document.querySelectorAll('a')) expect(link.getAttribute('href')).toMatch(/^#[\w-]+$/);
  });

  test('hostile names stand in the page as they were given', () => {
    const names = [...parseHTML(hostile.html).document.querySelectorAll('bdi')].map((element) => element.textContent);
    for (const name of hostileNames) expect(names).toContain(name);
  });

  test('figures with hostile labels are well-formed and hold no script', () => {
    // The rasteriser reads strict XML: it has accepted every one of them.
    for (const { svg, png } of hostile.figures) {
      expect(svg).not.toMatch(/<(script|foreignObject|image|use|a)\b/);
      expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
    }
  });
});

describe('reports that lack something', () => {
  const single: CompareReport = {
    ...report,
    networks: report.networks.slice(0, 1),
    curves: { ...report.curves, series: report.curves.series.slice(0, 1) },
    circle: { ...report.circle, series: report.circle.series.slice(0, 1) },
    verdict: { ...report.verdict, best: { id: 'mlp', depth: 1, error: 0.01 }, ties: [], tests: [] },
  };

  test('one network: no comparison, all else', () => {
    const { html, figures } = renderCompare(single);
    expect(html).not.toContain('id="tests"');
    expect(figures.map(({ name }) => name)).not.toContain('paired');
    expect(figures.map(({ name }) => name)).toContain('error-depth');
  });

  test('no condition number anywhere: the figure gives way to a sentence', () => {
    const networks = report.networks.map((network) => ({
      ...network,
      depths: network.depths.map((result) => ({
        ...result,
        spectrum: { ...result.spectrum, conditionNumber: null, conditionNumberDistinct: null },
      })),
    }));
    const { html, figures } = renderCompare({ ...report, networks });
    expect(html).toContain('No condition number');
    expect(figures.map(({ name }) => name)).not.toContain('condition');
  });

  test('a regression speaks of RMSE, not of percent', () => {
    const { html } = renderCompare({
      ...report,
      data: { ...report.data, task: 'regress', classes: null, kind: 'table', image: null, holdoutRows: 0 },
      protocol: { ...report.protocol, metric: 'rmse', ridge: 1e-3, ridgeGrid: [] },
    });
    expect(html).toContain('Test RMSE (units of the target)');
    expect(html).not.toContain('On the test file');
    expect(html).not.toContain('percentage points');
  });

  test('curves of a network that is not described are refused by name', () => {
    const series = report.curves.series.map((entry, i) => (i === 0 ? { ...entry, id: 'ghost' } : entry));
    expect(() => renderCompare({ ...report, curves: { ...report.curves, series } })).toThrow(/got 'ghost'/);
  });

  test('many networks, one depth, values that are missing, zero or equal', () => {
    const base = report.networks[1] as CompareReport['networks'][number];
    const networks = Array.from({ length: 12 }, (_, i) => ({
      ...base,
      id: `resnet-${i}`,
      depths: base.depths.slice(0, 1).map((result) => ({
        ...result,
        error: { mean: 0, sd: 0, perSplit: [0, 0] },
        smoothness: { cuspSlope: i === 0 ? null : 0 },
      })),
    }));
    const pick = <T>(list: readonly T[]) => networks.map(({ id }) => ({ ...(list[0] as T), id }));
    const { html, figures } = renderCompare({
      ...report,
      networks,
      protocol: { ...report.protocol, depths: [1], shownDepth: 1 },
      curves: { ...report.curves, series: pick(report.curves.series) },
      circle: { ...report.circle, series: pick(report.circle.series) },
      verdict: { ...report.verdict, best: { id: 'resnet-0', depth: 1, error: 0 }, ties: [], tests: [] },
    });
    expect(html + figures.map(({ svg }) => svg).join('')).not.toMatch(/NaN|Infinity|undefined/);
  });
});
