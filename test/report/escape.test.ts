import { describe, expect, test } from 'vitest';
import { attribute, escapeText, shorten } from '../../lib/report/escape.js';
import { hostileNames } from './hostile.js';

describe('escaping', () => {
  test('no hostile name leaves a character that markup could end with', () => {
    for (const name of hostileNames) {
      const text = escapeText(name);
      expect(text).not.toMatch(/[<>"']/);
      expect(text).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;|#13;)/);
    }
  });

  test('is undone by the five entities alone', () => {
    const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" } as const;
    for (const name of hostileNames) {
      const back = escapeText(name).replace(
        /&(amp|lt|gt|quot|#39);/g,
        (_, entity: keyof typeof entities) => entities[entity],
      );
      expect(back).toBe(name);
    }
  });

  test('characters that XML cannot hold become U+FFFD, a carriage return survives as a reference', () => {
    expect(escapeText('a\u0000b\u0008c\u001bd\u007fe\ufffff')).toBe('a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}f');
    expect(escapeText('\ud800x')).toBe('\u{fffd}x');
    expect(escapeText('a\r\nb\tc')).toBe('a&#13;\nb\tc');
    expect(escapeText('🙂')).toBe('🙂');
  });

  test('attributes are quoted, absent ones leave nothing', () => {
    expect(attribute('title', '" onload=alert(1) x="')).toBe(' title="&quot; onload=alert(1) x=&quot;"');
    expect(attribute('class', undefined)).toBe('');
  });

  test('shortening counts whole characters and never cuts one in two', () => {
    expect(shorten('🙂🙂🙂🙂', 3)).toBe('🙂🙂…');
    expect(shorten('abc', 3)).toBe('abc');
  });
});
