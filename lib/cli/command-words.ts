/** Options of the library and the options of the command that set them. */
const options: Readonly<Record<string, string>> = {
  activation: '--activation',
  allRows: '--all-rows',
  bias: '--bias',
  classes: '--classes',
  convention: '--convention',
  delimiter: '--delimiter',
  depths: '--depths',
  dimension: '--dimension',
  force: '--force',
  header: '--header',
  ignore: '--ignore',
  kernel: '--kernel',
  labels: '--labels',
  limit: '--limit',
  maxBytes: '--max-bytes',
  missing: '--missing',
  networks: '--networks',
  oneHot: '--one-hot',
  order: '--order',
  precision: '--precision',
  ridge: '--ridge',
  scaling: '--standardize',
  seed: '--seed',
  splits: '--splits',
  target: '--target',
  testLabels: '--test-labels',
  testLimit: '--test-limit',
  threads: '--threads',
  top: '--top',
  trainRows: '--train-rows',
  xKey: '--x-key',
  yKey: '--y-key',
};

const words = Object.keys(options).join('|');
const subject = new RegExp(`^(?:options?[. ])?(${words})(?=: )`);
const remedy = new RegExp(`\\((${words})(?:=([\\w-]+))?\\)`, 'g');
const setting = new RegExp(`\\b(${words}): '([\\w-]+)'`, 'g');

/**
 * A message of the library in the words of the command line: "take fewer rows (limit)" becomes "take fewer rows
 * (--limit)". What is not an option of the library stays as it is.
 */
export function inCommandWords(message: string): string {
  return message
    .replace(subject, (_, word: string) => options[word] as string)
    .replace(remedy, (_, word: string, value?: string) => `(${options[word]}${value === undefined ? '' : ` ${value}`})`)
    .replace(setting, (_, word: string, value: string) => `${options[word]} ${value}`);
}
