import type { DataSummary } from '../../compare/schema.js';
import {
  type Block,
  code,
  defineSection,
  type Fact,
  facts,
  heading,
  type Inline,
  list,
  name,
  number,
} from '../blocks.js';
import { chosen, integer, sentence } from '../format.js';
import type { View } from '../view.js';

export const dataSection = defineSection({
  name: 'data',
  title: 'Data and protocol',
  build: (view) => dataBlocks(view, protocolFacts(view)),
});

/** What the data are, what was found in them, and what was done with them. */
export function dataBlocks(
  { report: { data } }: { readonly report: Pick<View['report'], 'data'> },
  done: readonly Fact[],
): readonly Block<unknown>[] {
  const { notes } = data;
  return [
    facts(dataFacts(data)),
    ...(notes.length === 0 ? [] : [heading('Found in the data'), list(notes.map((note) => name(sentence(note))))]),
    heading('What was done'),
    facts(done),
  ];
}

function dataFacts(data: DataSummary): readonly Fact[] {
  const { image, classes } = data;
  const size = image === null ? '' : `, images of ${image.height} × ${image.width} × ${image.channels}`;
  return [
    {
      term: 'Data',
      value: [name(data.name), `: `, whole(data.rows), ' rows, ', whole(data.features), ` features${size}`],
    },
    { term: 'Target', value: [name(data.target), data.task === 'classify' ? ' (classes)' : ' (a number)'] },
    ...(classes === null ? [] : [{ term: 'Classes', value: classList(classes) }]),
    ...(data.holdoutRows === 0 ? [] : [{ term: 'Separate test file', value: [whole(data.holdoutRows), ' rows'] }]),
  ];
}

function classList(classes: readonly { readonly label: string; readonly count: number }[]): readonly Inline[] {
  const most = 12;
  const shown = classes.slice(0, most).flatMap(({ label, count }, i): Inline[] => {
    return [i === 0 ? '' : ', ', name(label), ' (', whole(count), ')'];
  });
  return classes.length > most ? [...shown, ` and ${integer(classes.length - most)} more`] : shown;
}

function protocolFacts({ report: { protocol, data }, error }: View): readonly Fact[] {
  const { splits } = protocol;
  return [
    {
      term: 'Kernel',
      value: `${protocol.kernel === 'ntk' ? 'Neural tangent kernel (NTK)' : 'Gaussian process kernel (NNGP)'}, ${protocol.precision}`,
    },
    {
      term: 'Networks',
      value: [
        'Convention ',
        code(protocol.convention),
        ', activation ',
        code(protocol.activation),
        ...biasWords(protocol.bias),
      ],
    },
    { term: 'Depths', value: depthWords(protocol.depths) },
    { term: 'Features', value: scalings[protocol.scaling] },
    { term: 'Ridge', value: ridgeWords(protocol.ridge, protocol.ridgeGrid) },
    {
      term: 'Splits',
      value: [
        whole(splits.count),
        ' random splits: ',
        whole(splits.trainRows),
        ' training rows, ',
        whole(splits.testRows),
        ' test rows each',
      ],
    },
    ...(protocol.allRows === data.rows
      ? []
      : [
          {
            term: 'Sampled rows',
            value: [
              'Spectra, smoothness, the depth to use and any fit for a test file come from ',
              whole(protocol.allRows),
              ' of the ',
              whole(data.rows),
              ' rows, drawn at random, classes in proportion',
            ],
          },
        ]),
    { term: 'Error', value: `${error.name[0]?.toUpperCase()}${error.name.slice(1)} on the test rows` },
    { term: 'Choice', value: sentence(protocol.selection) },
    { term: 'Curves shown at', value: ['depth ', whole(protocol.shownDepth)] },
  ];
}

export const scalings = {
  none: 'As they are',
  columns: 'Each column standardised with the mean and spread of the training rows',
  sphere: 'Each row divided by its length, so that all lie on the unit sphere',
} as const;

export function biasWords(bias: number): readonly Inline[] {
  return bias === 0 ? [', no bias'] : [', trained bias of variance ', number(bias, chosen(bias))];
}

function ridgeWords(ridge: 'loo' | number, grid: readonly number[]): readonly Inline[] {
  return ridge === 'loo' ? gridWords('Chosen by leave-one-out', grid) : fixedRidge(ridge);
}

export function fixedRidge(ridge: number): readonly Inline[] {
  return ['Fixed at ', number(ridge, chosen(ridge)), ' of the mean diagonal'];
}

/** How the ridge was chosen, and among which. */
export function gridWords(how: string, grid: readonly number[]): readonly Inline[] {
  const [first, last] = [grid[0], grid.at(-1)];
  if (first === undefined || last === undefined) return [how];
  return [
    how,
    ' among ',
    whole(grid.length),
    ' values from ',
    number(first, chosen(first)),
    ' to ',
    number(last, chosen(last)),
    ' of the mean diagonal',
  ];
}

export function depthWords(depths: readonly number[]): readonly Inline[] {
  return depths.flatMap((depth, i) => [i === 0 ? '' : ', ', whole(depth)]);
}

export function whole(value: number): Inline {
  return number(value, integer(value));
}
