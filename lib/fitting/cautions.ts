/** What a reader of a fit should know before relying on it, each sentence only where it is so. */

import { isHarmful } from './ridge-check.js';
import type { FitReport, RidgeCheck, Scores } from './schema.js';

/** What is beyond this many times what was promised is no accident of a few rows. */
const most = 2;

export function cautionsOf(report: FitReport): readonly string[] {
  const { protocol, data, leftOut, test, model, repeatedRows, ridgeCheck } = report;
  const lines: string[] = [];
  const chosen = chosenWords(report);
  if (test !== null && testsItself(report)) {
    lines.push(
      'The test file has the same contents as the training file: its rows were fitted, and say nothing of new ones',
    );
  }
  if (test === null && chosen !== null) {
    lines.push(
      `No test file was given. Left-out rows took part in choosing ${chosen}, so their error is a little too ` +
        `good${curveWords(report)}`,
    );
  }
  if (ridgeCheck !== null && isHarmful(ridgeCheck)) lines.push(harmfulRidge(report, ridgeCheck));
  if (repeatedRows.rows > 0) {
    const conflict = repeatedRows.conflicting > 0 ? `, ${repeatedRows.conflicting} of them with another target` : '';
    lines.push(
      `${repeatedRows.rows} ${repeatedRows.rows === 1 ? 'row repeats an earlier one' : 'rows repeat earlier ones'}${conflict}: ` +
        'a row that is left out is predicted from its twin, which makes the error look better, and the ridge smaller, than ' +
        'new rows would',
    );
  }
  const bars = barsOf(test ?? leftOut);
  if (bars !== null) lines.push(`${bars}. --criterion likelihood chooses network and ridge for honest error bars`);
  if (protocol.searchRows < data.rows && chosen !== null) {
    const [first = '', ...rest] = chosen;
    lines.push(
      `${first.toUpperCase()}${rest.join('')} ${chosen.includes(' and ') ? 'were' : 'was'} chosen on ${protocol.searchRows} of the ` +
        `${data.rows} rows, drawn at random`,
    );
  }
  const [least, largest] = [protocol.ridgeGrid[0], protocol.ridgeGrid.at(-1)];
  if (model.relativeRidge === largest) {
    lines.push('The largest ridge that was tried is the best: the features say little about the target');
  }
  if (model.relativeRidge === least) {
    lines.push('The smallest ridge that was tried is the best: the targets are nearly free of noise, or rows repeat');
  }
  const deepest = protocol.depths.at(-1);
  if (protocol.depths.length > 1 && model.depth === deepest) {
    lines.push(`The deepest network that was tried is the best; try deeper ones than ${deepest}`);
  }
  if (leftOut.rows < 100) {
    lines.push(`Errors and calibration are measured on ${leftOut.rows} rows; they would differ on others`);
  }
  const tied = tiedWith(report);
  if (tied > 0) {
    lines.push(
      `${tied} other ${tied === 1 ? 'candidate is' : 'candidates are'} within 1 % of the error of the chosen one: which ` +
        'network it is matters little here',
    );
  }
  return lines;
}

function testsItself({ data: { sources } }: FitReport): boolean {
  const contents = (role: string) => sources.find((source) => source.role === role)?.sha256;
  return contents('test') === contents('data');
}

/** What the rows chose: "network, depth and ridge"; null where everything was given. */
export function chosenWords({ candidates, protocol }: FitReport): string | null {
  const networks = new Set(candidates.map(({ id, kernel }) => `${id} ${kernel}`));
  const depths = new Set(candidates.map(({ depth }) => depth));
  const words = [
    ...(networks.size > 1 ? ['network'] : []),
    ...(depths.size > 1 ? ['depth'] : []),
    ...(protocol.ridge === 'auto' ? ['ridge'] : []),
  ];
  const last = words.pop();
  if (last === undefined) return null;
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`;
}

function curveWords({ learningCurve, candidates, protocol }: FitReport): string {
  if (learningCurve === null) return '';
  if (protocol.ridge !== 'auto') return ', and so are those of the learning curve';
  const network = candidates.length > 1 ? ', but not the network' : '';
  return `; the learning curve chose the ridge anew in every split${network}`;
}

function harmfulRidge({ model, data }: FitReport, check: RidgeCheck): string {
  const short = (value: number) => String(Number(value.toPrecision(3)));
  const root = (square: number) => short(Math.sqrt(square));
  const what = data.task === 'classify' ? 'coded classes' : 'targets';
  return (
    `The ridge that was given is too ${model.relativeRidge > check.relativeRidge ? 'large' : 'small'}: ${what} of rows left out are ` +
    `missed by ${root(check.squaredError)} (root mean square; the mean alone misses them by ${root(check.plainSquaredError)}), with ` +
    `the ridge that leave-one-out chooses, ${short(check.relativeRidge)}, by ${root(check.leastSquaredError)}. ` +
    '--ridge is relative to the mean diagonal of the Gram matrix; leave it out to have it chosen'
  );
}

/** What is wrong with error bars, beyond coverage at one level; null where nothing is. */
export function barsOf(scores: Scores): string | null {
  if (scores.task === 'classify') return null;
  const short = (value: number) => String(Number(value.toPrecision(3)));
  const { typicalStd, rmse, meanSquaredDeviation } = scores;
  if (typicalStd > most * rmse) {
    return `Error bars are too wide to be of use: typically ${short(typicalStd)}, where errors are ${short(rmse)}`;
  }
  if (meanSquaredDeviation <= most) return null;
  return `Some errors lie far outside their error bars: squared, they are ${short(meanSquaredDeviation)} times what was promised`;
}

function tiedWith({ candidates }: FitReport): number {
  const least = candidates.find(({ chosen }) => chosen)?.error ?? Number.NaN;
  return candidates.filter(({ chosen, error }) => !chosen && Math.abs(error - least) <= 0.01 * least).length;
}
