import { defineSection, list } from '../blocks.js';

export const limitsSection = defineSection({
  name: 'limits',
  title: 'Honest limits',
  build: ({ report: { protocol, data } }) => [
    list([
      'Kernels are the limit of infinite width. A finite network that learns features can do better, and can rank architectures differently.',
      'One kind of network on flat vectors was compared: no convolutions, no normalisation layers, no dropout, one activation.',
      ...(data.kind === 'images'
        ? ['Images were treated as vectors: shuffling all pixels in the same way would give the same report.']
        : []),
      `Splits are drawn from one data set. ${protocol.splits.count} of them say how the error varies with the draw of rows, not how it would on data from elsewhere.`,
      'Smoothness describes kernels and interpolants. It explains differences in test error at best in part.',
      'Depth and alpha were searched on the grid given above; between its points nothing was tried.',
    ]),
  ],
});
