/**
 * The one way text becomes markup: valid inside HTML and XML elements and inside double-quoted attributes. Characters
 * that XML cannot hold (most controls, lone surrogates) become U+FFFD, so that no file name or label breaks a figure.
 */
export function escapeText(text: string): string {
  return text.replace(special, (character) => entities[character] ?? '\u{fffd}');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // A parser would turn a bare carriage return into a line feed.
  '\r': '&#13;',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what this replaces
const special = /[&<>"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Cs}/gu;

/** An attribute with its leading blank, or nothing where the value is absent. */
export function attribute(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : ` ${name}="${escapeText(String(value))}"`;
}

/** At most `length` characters, whole code points, with an ellipsis where something was left out. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length
    ? text
    : `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}
