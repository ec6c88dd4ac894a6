import { chosenWords } from '../../fitting/cautions.js';
import {
  type Cell,
  code,
  command,
  defineSection,
  details,
  figure,
  type Line,
  list,
  number,
  numbers,
  paragraph,
  type Section,
  series,
  table,
  words,
} from '../blocks.js';
import { chosen, integer, missing, significant } from '../format.js';
import { biasWords, dataBlocks, depthWords, fixedRidge, gridWords, scalings, whole } from '../sections/data.js';
import { provenanceBlocks } from '../sections/provenance.js';
import { depthFigure, learningFigure, ridgeFigure, ridgeLines } from './choice-figures.js';
import { confusionTables, mistakeSection } from './class-sections.js';
import { resultSection } from './result-section.js';
import { predictedFigure, reliabilityFigure, residualFigure } from './row-figures.js';
import { mostDots } from './scatter.js';
import type { FitView } from './view.js';

const dataSection = defineSection<FitView>({
  name: 'data',
  title: 'Data and protocol',
  build: (view) => {
    const { data, protocol } = view.report;
    const { kernels, convention, activation, bias } = protocol;
    return dataBlocks(view, [
      { term: 'Kernel', value: kernels.map((kernel) => kernel.toUpperCase()).join(' and ') },
      {
        term: 'Networks',
        value:
          convention === null || activation === null
            ? 'One, as it was given'
            : ['Convention ', code(convention), ', activation ', code(activation), ...biasWords(bias ?? 0)],
      },
      ...(protocol.depths.length === 0 ? [] : [{ term: 'Depths', value: depthWords(protocol.depths) }]),
      { term: 'Features', value: scalings[protocol.scaling] },
      {
        term: 'Targets',
        value:
          data.task === 'classify'
            ? 'One column for each class, 1 − 1/C in its own and −1/C elsewhere, less their means'
            : 'Less their mean',
      },
      { term: 'Ridge', value: ridgeLine(view) },
      { term: 'Choice', value: choiceLine(view) },
    ]);
  },
});

function ridgeLine({ report: { protocol } }: FitView): Line {
  return protocol.ridge === 'auto' ? gridWords('Chosen', protocol.ridgeGrid) : fixedRidge(protocol.ridge);
}

function choiceLine({ report: { protocol, data } }: FitView): Line {
  const what = {
    'leave-one-out': 'The least squared error of each row under the fit to all others, exactly',
    folds: `The least squared error of rows held out in ${protocol.folds} parts`,
    likelihood: 'The largest log likelihood of a Gaussian process',
  }[protocol.criterion];
  return protocol.searchRows < data.rows ? [what, ', on ', whole(protocol.searchRows), ' sampled rows'] : what;
}

const choiceSection = defineSection<FitView>({
  name: 'choice',
  title: 'Network and ridge',
  build: (view) => {
    const { candidates, protocol } = view.report;
    const lines = ridgeLines(view);
    const grid = [...candidates];
    return [
      ...(protocol.depths.length > 1
        ? [
            figure(
              depthFigure,
              `Each point at ${protocol.ridge === 'auto' ? 'its own best' : 'the given'} ridge. The ring marks the choice.`,
            ),
          ]
        : []),
      ...(lines.length === 0
        ? []
        : [
            figure(ridgeFigure, [
              'Each network at its best depth. The ring marks the choice: ',
              number(view.report.model.relativeRidge, chosen(view.report.model.relativeRidge)),
              ' of the mean diagonal. Where a line is missing the matrix is singular to rounding.',
            ]),
          ]),
      details(
        'Everything that was tried',
        table(
          `Error of rows left out (${view.error.name})`,
          [
            words('Network'),
            words('Kernel'),
            numbers('Depth'),
            numbers('Ridge / mean diagonal'),
            numbers('Error'),
            numbers('Score'),
          ],
          grid.map((candidate): (Cell | Line)[] => [
            series(`${candidate.id}-${candidate.kernel}`),
            candidate.kernel.toUpperCase(),
            candidate.depth === null ? missing : number(candidate.depth, integer(candidate.depth)),
            number(candidate.relativeRidge, chosen(candidate.relativeRidge)),
            {
              content: number(candidate.error, view.error.text(candidate.error)),
              mark: candidate.chosen ? 'best' : undefined,
            },
            candidate.score === null ? missing : number(candidate.score, significant(candidate.score)),
          ]),
        ),
      ),
    ];
  },
});

const predictedSection = defineSection<FitView>({
  name: 'predictions',
  title: 'Predicted against actual',
  build: (view) => [
    paragraph(seen(view)),
    ...(view.report.data.task === 'classify'
      ? confusionTables(view)
      : [figure(predictedFigure, `Dots on the dashed line are right. ${thinWords(view)}`)]),
  ],
});

/** Which rows these are, and what the model knew of them. */
function seen({ report }: FitView): string {
  const choice = chosenWords(report);
  const say = choice === null ? 'no say in it' : `a say in the choice of ${choice}, and nowhere else`;
  const leftOut = `Rows left out: each is predicted by the fit to all other rows, exactly and without fitting again. Its own target had ${say}.`;
  return report.test === null ? leftOut : `${leftOut} Test rows: nothing of them was used.`;
}

function thinWords({ report }: FitView): string {
  const most = Math.max(report.leftOut.rows, report.test?.rows ?? 0);
  return most > mostDots
    ? `Of more than ${integer(mostDots)} rows, evenly spaced ones are shown; all are in report.json.`
    : '';
}

const residualSection = defineSection<FitView>({
  name: 'residuals',
  title: 'Residuals',
  build: (view) => {
    if (view.report.data.task === 'classify') return [];
    return [
      figure(
        residualFigure,
        `What is left of the target. A trend or a funnel says that the model misses something, or that noise is larger for some rows than for others. ${thinWords(view)}`,
      ),
    ];
  },
});

const reliabilitySection = defineSection<FitView>({
  name: 'reliability',
  title: 'Reliability',
  build: (view) => [
    figure(
      reliabilityFigure,
      view.report.data.task === 'classify'
        ? 'Rows in bins by the probability of their predicted class. Below the line the model is too sure of itself, above it too modest. Larger dots have more rows; small ones differ by chance. The one parameter of the probabilities was fitted to the rows left out.'
        : 'Each level’s central interval of a normal distribution, noise included. Below the line intervals are too narrow, above it wider than needed. The scale of the intervals was fitted to the training rows.',
    ),
  ],
});

const learningSection = defineSection<FitView>({
  name: 'learning-curve',
  title: 'Learning curve',
  build: ({ report }) => {
    const curve = report.learningCurve;
    if (curve === null) return [];
    return [
      figure(learningFigure, [
        'Mean over ',
        number(curve.repeats, integer(curve.repeats)),
        ' random splits with ',
        number(curve.testRows, integer(curve.testRows)),
        ' test rows each; bars reach one standard deviation either way, or to the edge. ',
        report.protocol.ridge === 'auto'
          ? 'Scaling and ridge saw the training rows of each fit alone; the network and its depth are those chosen on all rows.'
          : 'Scaling saw the training rows of each fit alone; network, depth and ridge are those of the model.',
      ]),
    ];
  },
});

const limitsSection = defineSection<FitView>({
  name: 'limits',
  title: 'Honest limits',
  build: ({ report }) => [
    list([
      'The model is the limit of infinite width. A finite network that learns features can do better.',
      'All figures describe rows like those of the file. They say nothing about data from elsewhere, or from later.',
      ...(report.data.task === 'classify'
        ? [
            'Probabilities are a softmax of scores with one fitted parameter: calibrated on average, not for every kind of row.',
          ]
        : ['Error bars take noise to be normal and equal everywhere.']),
      `Networks${report.protocol.ridge === 'auto' ? ', depths and ridges' : ' and depths'} were searched on a grid; between its points nothing was tried.`,
    ]),
  ],
});

const provenanceSection = defineSection<FitView>({
  name: 'provenance',
  title: 'Provenance',
  build: ({ report }) => {
    const { backwardError, network } = report.model;
    const solve = ['; backward error of the solve ', number(backwardError, significant(backwardError, 2))];
    return [
      ...provenanceBlocks(report, report.protocol.seed, { what: 'fit', solve }),
      details('The network as JSON, for --network', command(JSON.stringify(network))),
    ];
  },
});

/** The sections of the report in reading order. The first one brings the page's heading. */
export const fitSections: readonly Section<FitView>[] = [
  resultSection,
  dataSection,
  choiceSection,
  predictedSection,
  residualSection,
  mistakeSection,
  reliabilitySection,
  learningSection,
  limitsSection,
  provenanceSection,
];
