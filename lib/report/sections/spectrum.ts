import {
  type Block,
  callout,
  defineSection,
  details,
  figure,
  type Inline,
  key,
  type Line,
  number,
  numbers,
  paragraph,
  series,
  table,
  words,
} from '../blocks.js';
import { conditionFigure, conditionLines } from '../figures/condition.js';
import { spectrumFigure } from '../figures/spectrum.js';
import { fixed, missing, significant } from '../format.js';
import type { View } from '../view.js';

export const spectrumSection = defineSection({
  name: 'spectrum',
  title: 'Spectra and condition numbers',
  build: (view) => [
    paragraph(
      'The eigenvalues of the Gram matrix say what a network learns easily: directions with large eigenvalues are learned first and from few rows, those with small ones late or not at all. Fast decay means a strong preference for smooth functions; a large condition number means that plain gradient descent is slow.',
    ),
    figure(spectrumFigure, [
      `Eigenvalues of the Gram matrix of ${view.allRows}, divided by the mean of its diagonal, largest first; those that are zero up to rounding are left out. A straight line is a power law; its exponent is the decay exponent of the table `,
      key('decay-exponent'),
      '.',
    ]),
    spectrumTable(view),
    ...conditionBlocks(view),
  ],
});

function spectrumTable(view: View): Block {
  return table(
    `Spectrum at depth ${view.report.protocol.shownDepth}; eigenvalues relative to the mean diagonal`,
    [
      words('Network'),
      numbers('Largest'),
      numbers('Smallest'),
      numbers('Condition number'),
      numbers('… of distinct rows'),
      numbers('Decay exponent'),
      numbers('Residual'),
    ],
    view.networks.flatMap((network): readonly Line[][] => {
      const spectrum = view.shown(network)?.spectrum;
      if (spectrum === undefined) return [];
      const { decayExponent, decayStandardError } = spectrum;
      const deviation: Inline[] =
        decayStandardError === null ? [] : [' ± ', number(decayStandardError, fixed(decayStandardError, 3))];
      return [
        [
          series(network.id),
          value(spectrum.values[0] ?? null),
          value(spectrum.smallest),
          value(spectrum.conditionNumber),
          value(spectrum.conditionNumberDistinct),
          decayExponent === null ? missing : [number(decayExponent, fixed(decayExponent, 3)), ...deviation],
          value(spectrum.residual, 2),
        ],
      ];
    }),
  );
}

function conditionBlocks(view: View): readonly Block[] {
  if (conditionLines(view).length === 0) {
    return [
      callout('No condition number', [
        'The smallest eigenvalues are zero up to rounding at every depth, so the ratio of largest to smallest has no meaning here.',
      ]),
    ];
  }
  const { depths } = view.report.protocol;
  return [
    figure(conditionFigure, [
      'Largest over smallest eigenvalue after rows that repeat another row are left out. A deep MLP kernel tends to a constant plus a diagonal: a small condition number, bought by forgetting the inputs. Where the curve has a gap the smallest eigenvalue is zero up to rounding.',
    ]),
    details(
      'Condition numbers at every depth',
      table(
        'Condition number of the Gram matrix of distinct rows',
        [words('Network'), ...depths.map((depth) => numbers(`L = ${depth}`))],
        view.networks.map((network) => [
          series(network.id),
          ...depths.map((depth) => {
            const result = network.depths.find((candidate) => candidate.depth === depth);
            return value(result?.spectrum.conditionNumberDistinct ?? null);
          }),
        ]),
      ),
    ),
  ];
}

function value(given: number | null, digits = 3): Inline {
  return given === null ? missing : number(given, significant(given, digits));
}
