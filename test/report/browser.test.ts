import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderCompare } from '../../lib/report/index.js';
import { Chromium, findChromium, Page } from '../helpers/chromium.js';
import { fixture } from './fixture.js';
import { hostileNames, withHostileNames } from './hostile.js';

const executable = findChromium();
if (executable === undefined)
  console.log('report in a browser: skipped, no Chromium on the PATH and CHROMIUM is not set');

describe.skipIf(executable === undefined)('the report in a browser', () => {
  let folder: string;
  let browser: Chromium;
  let page: Page;
  const address = (name: string) => pathToFileURL(join(folder, name)).href;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'resgram-report-'));
    writeFileSync(join(folder, 'plain.html'), renderCompare(fixture()).html);
    writeFileSync(join(folder, 'hostile.html'), renderCompare(withHostileNames(fixture())).html);
    browser = new Chromium(executable as string);
    page = await Page.open(browser);
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['plain.html', 'hostile.html'])('%s: no console message, exception, dialog, or request', async (name) => {
    browser.events.length = 0;
    await page.resize(1200, 900);
    await page.goto(address(name));
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
    const seen = (method: string) => browser.events.filter((event) => event.method === method);
    expect(seen('Runtime.consoleAPICalled')).toEqual([]);
    expect(seen('Log.entryAdded')).toEqual([]);
    expect(seen('Runtime.exceptionThrown')).toEqual([]);
    expect(seen('Page.javascriptDialogOpening')).toEqual([]);
    const requests = seen('Network.requestWillBeSent').map(({ params }) => (params.request as { url: string }).url);
    expect(requests).toEqual([address(name)]);
    expect(await page.evaluate('window.pwned === undefined')).toBe(true);
  });

  test('a script that is not the page’s own is refused: the policy is in force', async () => {
    await page.goto(address('plain.html'));
    await page.evaluate(
      "document.body.append(Object.assign(document.createElement('script'), { text: 'window.pwned = 1' }))",
    );
    expect(await page.evaluate('window.pwned === undefined')).toBe(true);
  });

  test('names read in the page exactly as they were given', async () => {
    await page.goto(address('hostile.html'));
    const names = await page.evaluate("[...document.querySelectorAll('bdi')].map((element) => element.textContent)");
    expect(names).toEqual(expect.arrayContaining([...hostileNames]));
    expect(await page.evaluate("document.querySelectorAll('script, img, iframe, form, object').length")).toBe(1);
  });

  test.each(['plain.html', 'hostile.html'])(
    '%s: nothing is wider than a phone of 360 px, details open',
    async (name) => {
      await page.resize(360, 740, true);
      await page.goto(address(name));
      await page.evaluate("document.querySelectorAll('details').forEach((element) => { element.open = true; })");
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      expect(
        await page.evaluate("[...document.querySelectorAll('svg.compact')].every((svg) => svg.clientWidth > 250)"),
      ).toBe(true);
      expect(
        await page.evaluate("[...document.querySelectorAll('svg.wide')].every((svg) => svg.clientWidth === 0)"),
      ).toBe(true);
    },
  );

  test('text contrasts with its ground in both schemes', async () => {
    await page.resize(1200, 900);
    const grounds: string[] = [];
    for (const scheme of ['light', 'dark'] as const) {
      await page.prefers(scheme);
      await page.goto(address('plain.html'));
      const colour = (property: string) => page.evaluate(`getComputedStyle(document.body).${property}`);
      const [ink, ground] = [brightness(await colour('color')), brightness(await colour('backgroundColor'))];
      expect(Math.abs(ink - ground)).toBeGreaterThan(150);
      grounds.push(String(ground));
    }
    expect(grounds[0]).not.toBe(grounds[1]);
  });

  test('the value nearest to the pointer shows, and goes when the pointer leaves', async () => {
    await page.resize(1200, 900);
    await page.goto(address('plain.html'));
    const point = (await page.evaluate(`(() => {
      const dot = document.querySelector('#figure-error-depth svg.wide [data-tip]');
      dot.scrollIntoView({ block: 'center', behavior: 'instant' });
      const svg = dot.closest('svg');
      const box = svg.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      return { x: box.left + scale * dot.getAttribute('cx'), y: box.top + scale * dot.getAttribute('cy'), text: dot.dataset.tip };
    })()`)) as { x: number; y: number; text: string };
    await page.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x: point.x + 2, y: point.y + 1 });
    const shown = "[...document.querySelectorAll('.tip')].filter((tip) => !tip.hidden).map((tip) => tip.textContent)";
    expect(await page.evaluate(shown)).toEqual([point.text]);
    await page.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x: 5, y: 5 });
    expect(await page.evaluate(shown)).toEqual([]);
  });
});

function brightness(colour: unknown): number {
  const [r = 0, g = 0, b = 0] = String(colour).match(/\d+/g)?.map(Number) ?? [];
  return 0.299 * r + 0.587 * g + 0.114 * b;
}
