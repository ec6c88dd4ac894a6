import {
  cards,
  command,
  defineSection,
  details,
  figure,
  headline,
  type Line,
  list,
  name,
  number,
  numbers,
  paragraph,
  type Section,
  table,
  words,
} from '../blocks.js';
import { chosen, integer, percent, significant, typeset } from '../format.js';
import { dataBlocks, scalings, whole } from '../sections/data.js';
import { provenanceBlocks } from '../sections/provenance.js';
import { errorFigure, lossFigure, modeFigure } from './figures.js';
import { type DynamicsView, timeText, whenText } from './view.js';

const resultSection = defineSection<DynamicsView>({
  name: 'result',
  title: 'Result',
  build: (view) => {
    const { data, stabilityLimit, rank, protocol } = view.report;
    return [
      headline(
        ['resgram dynamics · ', name(data.name), ` · ${integer(protocol.trainRows)} training rows`],
        headlineText(view),
      ),
      cards([
        {
          title: 'When to stop?',
          text: stopText(view),
        },
        {
          title: 'How large may steps be?',
          text: `Gradient descent converges for learning rates below ${stabilityLimit === 'Infinity' ? '∞' : significant(stabilityLimit)}.`,
        },
        {
          title: 'How many directions train?',
          text: `${integer(rank)} of ${integer(protocol.trainRows)}. ${learntText(view)}`,
        },
      ]),
    ];
  },
});

function stopText(view: DynamicsView): string {
  const { earlyStopping } = view.report;
  if (earlyStopping === null) return 'Never converges: the step is beyond the stability limit.';
  const { time } = earlyStopping;
  const [loss, start, end] = [earlyStopping.loss, earlyStopping.lossAtStart, earlyStopping.lossAtEnd].map((value) =>
    significant(value),
  );
  if (time === 0) return `Before it begins: the validation loss is ${start} at the start and ends at ${end}.`;
  if (time === 'Infinity') return `Not before the end: the validation loss falls from ${start} at the start to ${end}.`;
  return `The validation loss is least ${whenText(view, time)}: ${loss}, from ${start} at the start; it ends at ${end}.`;
}

function headlineText(view: DynamicsView): string {
  const { earlyStopping } = view.report;
  if (earlyStopping === null) return 'Training diverges: take a smaller learning rate';
  const { time, loss, lossAtEnd } = earlyStopping;
  if (time === 0) return 'Training never helps on the validation rows';
  if (time === 'Infinity') return 'Training never hurts: the validation loss is least in the end';
  const saved = 1 - loss / lossAtEnd;
  return `Stopping ${whenText(view, time)} has ${percent(saved, 1)} less validation loss than training to the end`;
}

/** Half of the targets lie along so few directions, or many. */
function learntText({ report: { modes } }: DynamicsView): string {
  let sum = 0;
  const half = modes.findIndex(({ share }) => {
    sum += share;
    return sum >= 0.5;
  });
  return half < 0
    ? ''
    : `Half of the squared targets lie along the ${half === 0 ? 'first' : `first ${integer(half + 1)}`}.`;
}

const lossSection = defineSection<DynamicsView>({
  name: 'losses',
  title: 'Losses over time',
  build: (view) => [
    figure(lossFigure, [
      'Exact at every point, without iterating. The ring marks the least validation loss among the times shown; the best time of all is in the text. ',
      'Losses below a millionth of the first are left out.',
    ]),
    figure(errorFigure, 'Of the same rows, in the measure that people compare.'),
    details(
      'Losses at every time',
      table(
        'All are in report.json and losses.csv',
        [
          words(view.unit === 'time' ? 'Time' : 'Steps'),
          numbers('Training loss'),
          numbers('Validation loss'),
          numbers(view.report.protocol.metric === 'error rate' ? 'Validation error rate' : 'Validation RMSE'),
        ],
        view.report.moments.map(({ time, trainLoss, validationLoss, validationError }): Line[] => [
          timeText(view, time),
          number(trainLoss, significant(trainLoss)),
          number(validationLoss, significant(validationLoss)),
          number(validationError, view.errorText(validationError)),
        ]),
      ),
    ),
  ],
});

const shownModes = 20;

const modeSection = defineSection<DynamicsView>({
  name: 'modes',
  title: 'Directions and rates',
  build: (view) => [
    paragraph(
      'Along each eigenvector of the Gram matrix the residual shrinks on its own; large eigenvalues are learnt first. What the targets have along slow directions is learnt late, and is often noise.',
    ),
    figure(modeFigure, 'Directions that do not train are left out.'),
    details(
      `The first ${shownModes} directions`,
      table(
        'Eigenvalue, rate, and share of the squared targets; all are in report.json and modes.csv',
        [
          words('Direction'),
          numbers('Eigenvalue'),
          numbers('Rate'),
          numbers('Half is learnt by'),
          numbers('Share of the targets'),
        ],
        view.report.modes
          .slice(0, shownModes)
          .map(({ eigenvalue, rate, share }, k): Line[] => [
            number(k + 1, integer(k + 1)),
            number(eigenvalue, significant(eigenvalue)),
            typeof rate === 'number' ? number(rate, significant(rate)) : '∞',
            typeof rate === 'number' && rate > 0 ? number(Math.LN2 / rate, significant(Math.LN2 / rate)) : '–',
            number(share, percent(share, 2)),
          ]),
      ),
    ),
  ],
});

const dataSection = defineSection<DynamicsView>({
  name: 'data',
  title: 'Data and protocol',
  build: (view) => {
    const { data, protocol } = view.report;
    return dataBlocks(view, [
      { term: 'Network', value: typeset(protocol.label) },
      {
        term: 'Kernel',
        value: protocol.kernel === 'ntk' ? 'NTK: all layers that train, train' : 'NNGP: the last layer trains',
      },
      {
        term: 'Training',
        value: [
          protocol.method === 'flow' ? 'Gradient flow' : 'Gradient descent',
          ' from the function 0, learning rate ',
          number(protocol.learningRate, chosen(protocol.learningRate)),
          ', ridge ',
          number(protocol.ridge, chosen(protocol.ridge)),
          ' of the mean diagonal',
        ],
      },
      {
        term: 'Targets',
        value:
          data.task === 'classify'
            ? 'Coded, less the means of the training rows'
            : 'Less the mean of the training rows',
      },
      { term: 'Features', value: scalings[protocol.scaling] },
      {
        term: 'Rows',
        value: [
          whole(protocol.trainRows),
          ' to train, ',
          whole(protocol.validationRows),
          data.holdoutRows > 0 ? ' of the test file' : ' drawn at random',
          ' to validate',
        ],
      },
    ]);
  },
});

const limitsSection = defineSection<DynamicsView>({
  name: 'limits',
  title: 'Honest limits',
  build: () => [
    list([
      'Networks of infinite width do not change their kernel while they train. Finite ones do, the more the longer they train.',
      'The time to stop at was chosen on the validation rows; the loss there is a little too good for new rows.',
      'This is the mean over random initial values. One network of them begins elsewhere.',
    ]),
  ],
});

const provenanceSection = defineSection<DynamicsView>({
  name: 'provenance',
  title: 'Provenance',
  build: ({ report }) => [
    ...provenanceBlocks(report, report.protocol.seed),
    details('The network as JSON, for --network', command(JSON.stringify(report.protocol.network))),
  ],
});

/** The sections of the report in reading order. */
export const dynamicsSections: readonly Section<DynamicsView>[] = [
  resultSection,
  lossSection,
  modeSection,
  dataSection,
  limitsSection,
  provenanceSection,
];
