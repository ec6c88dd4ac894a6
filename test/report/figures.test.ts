import { describe, expect, test } from 'vitest';
import { renderCompare } from '../../lib/report/index.js';
import { allStyles, seriesStyles, slotOf } from '../../lib/report/series.js';
import { surfaceOf } from '../../lib/report/theme.js';
import { fixture } from './fixture.js';

const report = fixture();
const { html, figures } = renderCompare(report);

describe('figures as files', () => {
  test('are the seven of the report, each under a safe name and with a title', () => {
    expect(figures.map(({ name }) => name)).toEqual([
      'error-depth',
      'paired',
      'kernel-curves',
      'spectrum',
      'condition',
      'circle',
      'smoothness',
    ]);
    for (const { name, title } of figures) {
      expect(name).toMatch(/^[a-z-]+$/);
      expect(title.length).toBeGreaterThan(10);
    }
  });

  test('stand alone: namespace, title, description, fixed colours, a light ground', () => {
    for (const { svg } of figures) {
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+" viewBox="0 0 /);
      expect(svg).toMatch(/<title id="title">[^<]+<\/title><desc id="desc">[^<]+<\/desc>/);
      expect(svg).toContain('fill="#ffffff"');
      expect(svg).not.toMatch(/var\(|currentColor|data-tip|class=|NaN|undefined/);
    }
  });

  test('PNGs are twice the size of their SVGs', () => {
    for (const { svg, png } of figures) {
      const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) as RegExpExecArray;
      const header = new DataView(png.buffer, png.byteOffset, png.byteLength);
      expect(header.getUint32(16)).toBe(2 * Number(width));
      expect(header.getUint32(20)).toBe(2 * Number(height));
    }
  });

  test('draw every network and name it', () => {
    for (const { name, svg } of figures) {
      if (name === 'paired') continue;
      for (const style of seriesStyles(report)) {
        expect(svg, name).toContain(`"${style.light}"`);
        expect(svg.replace(/<\/?tspan[^>]*>/g, ''), name).toContain(`>${style.label}</text>`);
      }
    }
  });

  test('no text runs out of its picture', () => {
    for (const { name, svg } of figures) {
      const width = Number(/width="(\d+)"/.exec(svg)?.[1]) - 40;
      for (const [, x, anchor, text] of svg
        .replace(/<\/?tspan[^>]*>/g, '')
        .matchAll(/<text x="([\d.-]+)" y="[\d.-]+" text-anchor="(\w+)"[^>]*>([^<]*)</g)) {
        // 0.55 em is the mean advance of the font over ordinary text.
        const size = 12.5 * 0.55 * Array.from(text as string).length;
        const [start, end] = anchor === 'start' ? [0, size] : anchor === 'end' ? [-size, 0] : [-size / 2, size / 2];
        expect(Number(x) + (start as number), `${name}: ${text}`).toBeGreaterThan(-20);
        expect(Number(x) + (end as number), `${name}: ${text}`).toBeLessThan(width + 20);
      }
    }
  });
});

describe('figures in the page', () => {
  test('use the colours of the reader’s scheme and carry values for the pointer', () => {
    const drawings = [...html.matchAll(/<svg class="(wide|compact)"[\s\S]*?<\/svg>(?=<svg|<figcaption)/g)];
    expect(drawings.length).toBe(2 * figures.length);
    for (const [drawing] of drawings) {
      expect(drawing).toContain('var(--ink)');
      expect(drawing).not.toMatch(/(?:fill|stroke)="#/);
      expect(drawing).toContain('data-tip="');
    }
  });
});

describe('colours', () => {
  const families = [
    report,
    {
      ...report,
      networks: Array.from({ length: 10 }, (_, i) => ({
        ...(report.networks[i < 3 ? 0 : 1] as (typeof report.networks)[number]),
        id: `n${i}`,
      })),
      curves: { ...report.curves, series: [] },
    },
  ];

  test('of every network stand out from the ground, light and dark (3 : 1)', () => {
    for (const given of families) {
      for (const style of seriesStyles(given)) {
        expect(contrast(style.light, surfaceOf('light'))).toBeGreaterThanOrEqual(3);
        expect(contrast(style.dark, surfaceOf('dark'))).toBeGreaterThanOrEqual(3);
      }
    }
  });

  test('of studies stand out, and are told apart without colour', () => {
    const styles = allStyles();
    for (const { light, dark } of styles) {
      expect(contrast(light, surfaceOf('light'))).toBeGreaterThanOrEqual(3);
      expect(contrast(dark, surfaceOf('dark'))).toBeGreaterThanOrEqual(3);
    }
    expect(new Set(styles.map(({ dash, marker }) => `${dash} ${marker}`)).size).toBe(styles.length);
    expect(styles.map(({ index }) => index)).toEqual(styles.map((_, i) => i));
    expect(styles[slotOf('reference', 1, 2)]?.id).toBe('reference-1');
  });

  test('are never all that tells two networks apart', () => {
    for (const given of families) {
      const looks = seriesStyles(given).map(({ dash, marker }) => `${dash} ${marker}`);
      expect(new Set(looks).size).toBe(looks.length);
    }
  });

  test('follow alpha: the smoother a ResNet, the lighter its line on paper', () => {
    const lightness = seriesStyles(report)
      .filter(({ id }) => id !== 'mlp')
      .map(({ light }) => luminance(light));
    expect([...lightness].sort((a, b) => b - a)).toEqual(lightness);
  });
});

/** Relative luminance and contrast as in WCAG 2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(colour.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
