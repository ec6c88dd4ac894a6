/**
 * A text without the control characters that a terminal obeys (C0 but for the line break, DEL, C1): names of files,
 * columns and classes come from whoever made the data.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '');
}

/** The same in one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', ' ');
}
