import { type Findings, fewestSplits } from './evidence.js';
import type { NetworkResult } from './schema.js';
import { countText, errorText, listText } from './words.js';

/** What the report knows about the data and the run beside the errors themselves. */
export interface Circumstances {
  readonly kind: 'table' | 'images';
  readonly holdoutRows: number;
  readonly duplicateRows: number;
  readonly conflictingRows: number;
  readonly zeroRows: number;
  /** Missing values that the reader set to the mean of their column. */
  readonly filledCells: number;
  /** Rows left after the test rows of a split are taken out; more than trainRows where those were capped. */
  readonly rowsLeftForTraining: number;
  /** The normalised kernel at the largest depth, at 45°, 90° and 135°, by network id; 1/4 everywhere is the limit. */
  readonly deepestKernel: Readonly<Record<string, readonly number[]>>;
  /** Labels of networks with a Gram matrix that no ridge tried could keep from being singular to rounding. */
  readonly singular: readonly string[];
}

/** Plain sentences, only those that apply. */
export function caveatsOf(
  findings: Findings,
  ranked: readonly NetworkResult[],
  ties: readonly string[],
  circumstances: Circumstances,
): string[] {
  return [
    ...data(findings, circumstances),
    ...choices(findings, ranked, ties, circumstances),
    ...kernels(findings, ranked, circumstances),
  ];
}

/** Fewer rows than this in all test sets together leave only large differences visible. */
const fewTestRows = 500;

/** A ridge up to here, relative to the mean diagonal, changes a fit by less than anyone could see. */
const noNoise = 1e-7;

/** A curve within this of 1/4 at all three angles is flat; one that only crosses 1/4, as at depth 1 with a bias, is not. */
const nearLimit = 0.02;

function data({ protocol, networks, rows }: Findings, circumstances: Circumstances): string[] {
  const { splits } = protocol;
  const caveats: string[] = [];
  if (splits.count * splits.testRows < fewTestRows) {
    caveats.push(
      `Few data: ${countText(splits.count, 'split')} with ${countText(splits.testRows, 'test row')} each; ` +
        'only large differences can be seen',
    );
  }
  const pairs = (networks.length * (networks.length - 1)) / 2;
  const needed = fewestSplits(pairs);
  if (pairs > 0 && splits.count < needed) {
    caveats.push(
      `With ${countText(splits.count, 'split')} ${pairs === 1 ? 'no difference' : `none of ${pairs} differences`} between ` +
        `networks can be told from chance, however large; that takes at least ${countText(needed, 'split')}`,
    );
  }
  if (circumstances.rowsLeftForTraining > splits.trainRows) {
    caveats.push(
      `Each split trains on ${countText(splits.trainRows, 'row')} of the ` +
        `${countText(circumstances.rowsLeftForTraining, 'row')} it could have; errors fall with more`,
    );
  }
  if (protocol.allRows < rows) {
    caveats.push(
      `Spectra, smoothness, the depth to use and any fit for a separate test set come from a random sample of ` +
        `${countText(protocol.allRows, 'row')} of the ${countText(rows, 'row')}; allRows (--all-rows) takes more, in time ` +
        'that grows with the cube',
    );
  }
  if (circumstances.duplicateRows > 0) {
    const conflicts =
      circumstances.conflictingRows > 0 ? `; ${circumstances.conflictingRows} of them have another target` : '';
    caveats.push(
      `${countText(circumstances.duplicateRows, 'row')} repeat another row${conflicts}: copies on both sides of a split ` +
        'make test errors too low, and the Gram matrix singular',
    );
  }
  if (circumstances.zeroRows > 0) {
    caveats.push(
      `${countText(circumstances.zeroRows, 'row')} of zeros: the angle to other rows is undefined and counts as a right angle`,
    );
  }
  if (circumstances.filledCells > 0) {
    caveats.push(
      `${countText(circumstances.filledCells, 'missing value')} ${circumstances.filledCells === 1 ? 'is' : 'are'} the mean ` +
        'of the column over all rows, test rows of the splits included, which makes test errors a little too low',
    );
  }
  return caveats;
}

function choices(
  { protocol, baseline }: Findings,
  ranked: readonly NetworkResult[],
  ties: readonly string[],
  circumstances: Circumstances,
): string[] {
  const caveats: string[] = [];
  const best = ranked[0] as NetworkResult;
  if (ranked.length > 1 && ties.length > 0) {
    caveats.push('A tie means that these splits cannot show a difference, not that there is none');
  }
  if (ranked.length > 1 && ties.length < ranked.length - 1) {
    caveats.push(
      'The lowest of several errors is a little too low, because it is the lowest; the tests allow for that',
    );
  }
  const deepest = Math.max(...protocol.depths);
  const edge = ranked.filter(({ chosenDepth }) => protocol.depths.length > 1 && chosenDepth === deepest);
  if (edge.length > 0) {
    caveats.push(
      `${listText(edge.map(({ label }) => label))} chose the largest depth tried (${deepest}); deeper ones may do better`,
    );
  }
  if (protocol.ridge === 'loo') {
    const at = (network: NetworkResult) =>
      network.depths.find(({ depth }) => depth === network.chosenDepth)?.ridgeAllRows;
    const top = Math.max(...protocol.ridgeGrid);
    const outside = ranked.filter((network) => at(network) === top);
    if (outside.length > 0) {
      caveats.push(
        `${listText(outside.map(({ label }) => label))} chose the largest ridge (${top}): the features say little`,
      );
    }
    if (ranked.every((network) => (at(network) ?? 1) <= noNoise)) {
      caveats.push(
        'Every network chose a ridge near 0: these targets are all but free of noise, and the fits interpolate',
      );
    }
  }
  if (circumstances.singular.length > 0) {
    caveats.push(
      `A Gram matrix of ${listText(circumstances.singular)} is singular to rounding at the ridge used; the fit of least ` +
        'norm was taken, and leave-one-out figures there are rough',
    );
  }
  const holdout = ranked.flatMap((network) => {
    const error = network.depths.find(({ depth }) => depth === network.chosenDepth)?.holdoutError;
    return typeof error === 'number' ? [{ network, error }] : [];
  });
  if (holdout.length > 1 && baseline.holdoutError !== null) {
    const least = Math.min(...holdout.map(({ error }) => error));
    const winners = holdout.filter(({ error }) => error === least).map(({ network }) => network);
    const ofBest = holdout.find(({ network }) => network === best);
    if (!winners.includes(best) && ofBest !== undefined) {
      const noise =
        protocol.metric === 'error rate' && circumstances.holdoutRows > 0
          ? `; the standard error of such a rate on ${countText(circumstances.holdoutRows, 'row')} is ` +
            `${errorText(protocol.metric, Math.sqrt((least * (1 - least)) / circumstances.holdoutRows))}`
          : '';
      caveats.push(
        `On the separate test set ${listText(winners.map(({ label }) => label))} did best ` +
          `(${errorText(protocol.metric, least)}), not ${best.label} (${errorText(protocol.metric, ofBest.error)})${noise}`,
      );
    }
  }
  return caveats;
}

function kernels({ protocol }: Findings, ranked: readonly NetworkResult[], circumstances: Circumstances): string[] {
  const caveats: string[] = [];
  const degenerate = ranked.filter(({ id }) => {
    const values = circumstances.deepestKernel[id] ?? [];
    return (
      protocol.kernel === 'ntk' && values.length > 0 && values.every((value) => Math.abs(value - 0.25) < nearLimit)
    );
  });
  if (degenerate.length > 0) {
    caveats.push(
      `At depth ${Math.max(...protocol.depths)} the kernel of ${listText(degenerate.map(({ label }) => label))} is close to its ` +
        'limit, 1/4 between any two different inputs: it interpolates anything and learns next to nothing',
    );
  }
  if (
    protocol.depths[0] === 1 &&
    ranked.filter(({ family }) => family === 'resnet').length > 1 &&
    protocol.convention === 'huang'
  ) {
    caveats.push('At depth 1 the ResNets of this convention have one kernel, whatever alpha, up to a factor');
  }
  if (protocol.bias > 0) {
    caveats.push(
      'With biases a kernel depends on the lengths of its inputs too; curves, circle and cusp slopes are those of inputs ' +
        'whose mean squared feature is 1',
    );
  }
  if (circumstances.kind === 'images') {
    caveats.push('These networks see an image as a list of pixels in no order; convolutional ones would use the order');
  }
  caveats.push(
    'These are kernels of infinitely wide networks: no features are learned, and a trained network of finite width can differ',
  );
  return caveats;
}
