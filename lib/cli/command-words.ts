/** Options of the library and the options of the command that set them. */
const options: Readonly<Record<string, string>> = {
  activation: '--activation',
  allRows: '--all-rows',
  bias: '--bias',
  byName: '--by-name',
  classes: '--classes',
  convention: '--convention',
  criterion: '--criterion',
  delimiter: '--delimiter',
  depths: '--depths',
  dimension: '--dimension',
  folds: '--folds',
  force: '--force',
  header: '--header',
  ignore: '--ignore',
  kernel: '--kernel',
  labels: '--labels',
  limit: '--limit',
  maxBytes: '--max-bytes',
  maxHours: '--max-hours',
  missing: '--missing',
  method: '--method',
  learningRate: '--learning-rate',
  networks: '--networks',
  oneHot: '--one-hot',
  order: '--order',
  precision: '--precision',
  ridge: '--ridge',
  scaling: '--standardize',
  score: '--no-score',
  seed: '--seed',
  splits: '--splits',
  target: '--target',
  testLabels: '--test-labels',
  testLimit: '--test-limit',
  threads: '--threads',
  times: '--times',
  top: '--top',
  trainRows: '--train-rows',
  xKey: '--x-key',
  yKey: '--y-key',
};

const words = Object.keys(options).join('|');
const subject = new RegExp(`^(?:options?[. ])?(${words})(?=: )`);
const remedy = new RegExp(`\\((${words})(?:=([\\w-]+))?\\)`, 'g');
const setting = new RegExp(`(?<!-)\\b(${words}): '([\\w-]+)'`, 'g');

/**
 * A message of the library in the words of the command line: "take fewer rows (limit)" becomes "take fewer rows
 * (--limit)". What is not an option of the library stays as it is, and so does what the running command has no option
 * for; `known` has those it has, all of them count without it.
 */
export function inCommandWords(message: string, known?: ReadonlySet<string>): string {
  return remediesInCommandWords(
    message.replace(subject, (match, word: string) => told(match, word, known, (option) => option)),
    known,
  ).replace(setting, (match, word: string, value: string) =>
    told(match, word, known, (option) => `${option} ${value}`),
  );
}

/** The same of what helps alone: a note on the data may begin with a word that is an option, "target: y". */
export function remediesInCommandWords(message: string, known?: ReadonlySet<string>): string {
  return message.replace(remedy, (match, word: string, value?: string) =>
    told(match, word, known, (option) => `(${option}${value === undefined ? '' : ` ${value}`})`),
  );
}

function told(
  match: string,
  word: string,
  known: ReadonlySet<string> | undefined,
  text: (option: string) => string,
): string {
  const option = options[word] as string;
  return known === undefined || known.has(option) ? text(option) : match;
}
