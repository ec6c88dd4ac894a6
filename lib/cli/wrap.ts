/** Breaks lines between words so that they fit a terminal; each line keeps its indentation. Elsewhere lines stay whole. */
export function wrapped(
  text: string,
  stream: { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined },
): string {
  if (stream.isTTY !== true) return text;
  const width = Math.min(stream.columns ?? 80, 100);
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  // A bullet hangs: what follows stands under its text.
  const [indentation = ''] = /^ *(?:- )?/.exec(line) ?? [];
  const lines: string[] = [];
  // "2 %" and "α = 1" stay together.
  const [first = '', ...words] = line.slice(indentation.length).split(/(?<!=) (?![%=])/);
  let current = indentation + first;
  for (const word of words) {
    if (current.length + 1 + word.length <= width) {
      current += ` ${word}`;
    } else {
      lines.push(current);
      current = ' '.repeat(indentation.length) + word;
    }
  }
  return [...lines, current].join('\n');
}
