import { type Block, code, defineSection, type Fact, facts, heading, key, paragraph } from '../blocks.js';
import { compareKeys, type KeyMeaning } from '../keys.js';

const glossary: readonly Fact[] = [
  {
    term: 'MLP, ResNet',
    value:
      'Fully connected networks of infinite width, without and with skip connections. Depth L counts hidden layers of the MLP and blocks of the ResNet.',
  },
  {
    term: 'α',
    value:
      'The factor before the branch of each residual block. Near 0 a block does nothing; at 1 a deep ResNet behaves much like an MLP. α = 1/L and 1/√L shrink it as depth grows.',
  },
  {
    term: 'NTK, NNGP',
    value:
      'The neural tangent kernel describes a wide network trained by gradient descent to the end; the NNGP kernel describes one of which only the last layer is trained, or a Gaussian process prior.',
  },
  {
    term: 'Test error',
    value:
      'Error on rows that took no part in training nor in choosing depth and ridge. The mean over splits is the best guess; the standard deviation says how far a single split strays.',
  },
  {
    term: 'Ridge',
    value: [
      'A penalty that keeps a fit from chasing noise, chosen by leave-one-out on the training rows. ',
      key('leave-one-out'),
    ],
  },
  {
    term: 'Cusp slope',
    value: [
      'How steeply the kernel falls from its peak. 0 means a rounded peak. For an MLP it grows with every layer. ',
      key('cusp-slope'),
    ],
  },
  {
    term: 'Condition number',
    value:
      'Largest over smallest eigenvalue of the Gram matrix. Gradient descent needs about that many steps to fit the hardest direction.',
  },
  {
    term: 'Decay exponent',
    value: [
      'a in λ ~ rank⁻ᵃ, fitted over the middle ranks. Larger means a stronger preference for smooth functions. ',
      key('decay-exponent'),
    ],
  },
  {
    term: 'Tie',
    value: [
      'The test over the splits cannot tell two networks apart at the 5 % level. It does not show that they are equal. ',
      key('Nadeau03'),
    ],
  },
];

export const readingSection = defineSection({
  name: 'reading',
  title: 'How to read the numbers',
  build: () => [facts(glossary), heading('The keys in brackets'), ...keyBlocks(compareKeys)],
});

/** Where the keys of a page lead. */
export function keyBlocks(keys: readonly KeyMeaning[]): readonly Block<unknown>[] {
  return [
    paragraph('Each names a section of ', code('docs/equations.md'), ' of the project, which derives it.'),
    facts(keys.map(({ key: term, meaning }) => ({ term, key: term, value: meaning }))),
  ];
}
