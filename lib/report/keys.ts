import type { Line } from './blocks.js';

export interface KeyMeaning {
  /** Of docs/equations.md, where it is derived. */
  readonly key: string;
  readonly meaning: Line;
}

/** Every key that a comparison may print, in a sentence of its own with its source where it has one. */
export const compareKeys: readonly KeyMeaning[] = [
  {
    key: 'nested',
    meaning: 'Depth and ridge are chosen inside the training rows of each split; its test rows are predicted once.',
  },
  {
    key: 'leave-one-out',
    meaning:
      'The errors of n fits that each miss one row, from a single eigendecomposition. D. M. Allen, Technometrics 16, 1974.',
  },
  {
    key: 'Nadeau03',
    meaning:
      'A paired t-test whose variance is s²(1/J + test rows/training rows) for J splits. C. Nadeau, Y. Bengio, Inference for the generalization error, Machine Learning 52, 2003.',
  },
  {
    key: 'few-splits',
    meaning:
      'An error rate moves in steps of 1/rows, so its spread counts as at least one; the signs of J differences allow no p-value below 2^(1−J).',
  },
  {
    key: 'Holm79',
    meaning:
      'The i-th smallest of m p-values times m − i + 1. S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6, 1979.',
  },
  {
    key: 'cusp-slope',
    meaning: 'κ(θ) = 1 − s₀|θ| + … for the normalised kernel κ of two inputs at angle θ; s₀ is L/2π for a ReLU MLP.',
  },
  {
    key: 'antipodal-slope',
    meaning:
      'κ′ at 180°. With the cusp slope it sets how eigenvalues on the sphere fall. A. Bietti, F. Bach, arXiv 2009.14397.',
  },
  {
    key: 'feature-modulus',
    meaning: '‖Φ(x) − Φ(z)‖² = 2s₀θ + …: how far features move with the angle between inputs.',
  },
  {
    key: 'circle-interpolant',
    meaning: 'The function of least norm through equispaced samples of one target on a circle.',
  },
  {
    key: 'derivative-jump',
    meaning: 'Each sample adds a corner to it, where the derivative jumps by 2s₀ times its coefficient.',
  },
  {
    key: 'spectral-tail',
    meaning: 'The root of its squared amplitudes above frequency 20; the target has none above 4.',
  },
  { key: 'rkhs-norm', meaning: 'cᵀKc of the fit to your data, for the kernel matrix divided by its mean diagonal.' },
  {
    key: 'holder-bound',
    meaning: 'Norm times the Hölder constant of the features: a bound on how fast the fitted function can change.',
  },
  {
    key: 'effective-dimension',
    meaning: 'Σ λᵢ/(λᵢ + ridge): directions that the fit can use. T. Zhang, Neural Computation 17, 2005.',
  },
  { key: 'decay-exponent', meaning: 'a of the least-squares line log λ = b − a log rank, from rank n/20 to n/2.' },
  { key: 'trace-tail', meaning: 'The share of the trace beyond the first tenth of the eigenvalues.' },
];

/** Those that only studies print. */
const studyKeys: readonly KeyMeaning[] = [
  {
    key: 'degeneration',
    meaning:
      'Deep MLPs: 1 − ρ falls like 9π²/2L² and the normalised tangent kernel tends to ¼. Huang et al., arXiv 2002.06262.',
  },
  {
    key: 'depth-limit',
    meaning:
      'ResNets with α = L^−γ, γ > ½: the normalised tangent kernel tends to ½(κ₁ + ρκ₀). Huang et al., arXiv 2002.06262.',
  },
  {
    key: 'double-constant',
    meaning:
      'cond A ≥ (1 + (n − 1)b)/(1 − b) for a unit diagonal and the mean b off it. Barzilai et al., arXiv 2211.14810.',
  },
  {
    key: 'effective-field',
    meaning: 'How the sensitivity of a kernel at one pixel is spread over the pixels of an input.',
  },
  {
    key: 'multi-sphere',
    meaning:
      'Eigenvalues of kernels of several unit pixels, by the frequency in one of them. Barzilai et al., arXiv 2211.14810.',
  },
  { key: 'width-slope', meaning: 'Kernels of single networks scatter around the closed form like 1/√m, m the width.' },
  { key: 'feature-holder', meaning: 'The least C with ‖Φ(x) − Φ(z)‖ ≤ C√θ at all angles θ between inputs.' },
  {
    key: 'total-variation',
    meaning: '∫|df′| around the circle, corners included; waves that are missed lower it, too.',
  },
  {
    key: 'probe-norms',
    meaning: 'Root mean squares of gradients and Hessians, of a kernel or of a fit, at points between the samples.',
  },
  {
    key: 'surface-derivatives',
    meaning: 'P∇²fP − (x·∇f)P with P = 1 − xxᵀ: the Hessian on a sphere; its trace is the Laplacian.',
  },
  {
    key: 'path-lipschitz',
    meaning: 'Largest slope, and root mean square of second differences, of a fit on straight paths between samples.',
  },
  {
    key: 'correlation-fixed-point',
    meaning:
      'Where the correlation of two inputs ends over the layers: below 1 if the map of a layer has a slope above 1 at 1. R. Tsuchida et al., 2021.',
  },
  {
    key: 'laplace-match',
    meaning: 'a exp(−c‖x − z‖) + b, fitted to a kernel over the sphere. A. Geifman et al., 2020.',
  },
  { key: 'depth-ode', meaning: 'With Lα² fixed the recursion over layers becomes a differential equation in Σα².' },
  {
    key: 'class-coding',
    meaning:
      'One column of numbers for each class: 1 − 1/C in the own class and −1/C in the others; the label is that of the largest column.',
  },
  {
    key: 'finite-network',
    meaning:
      'The network whose layers have m units or channels and weights that are independent N(0, 1), scaled as the kernel’s steps say.',
  },
  {
    key: 'hierarchy',
    meaning:
      'K⁽ʳ⁺¹⁾ is the derivative of K⁽ʳ⁾ along the gradients of f, from K⁽¹⁾ = f on: gradient flow changes K⁽ʳ⁾ at the rate −(1/n) Σ K⁽ʳ⁺¹⁾(…, β)(f_β − y_β). J. Huang, H.-T. Yau, 2020.',
  },
  {
    key: 'image-gradient',
    meaning:
      'The derivative of a kernel of images by the pixels of one, through the covariances of all pairs of pixels.',
  },
  {
    key: 'means',
    meaning:
      'Functions after an activation that is not odd have a mean besides their covariance; sums of independent functions add both.',
  },
  {
    key: 'ntk-descent',
    meaning: 'Steps of gradient descent multiply the residual along an eigendirection by 1 − ηλ/N each.',
  },
  {
    key: 'ntk-flow',
    meaning:
      'Gradient flow with a kernel that stands still: the residual along an eigendirection falls like exp(−ηλt/N).',
  },
  {
    key: 'presets',
    meaning: 'The networks of the papers with their constants and trained layers.',
  },
  {
    key: 'rank-one',
    meaning: 'Inner products of gradients layer by layer: those of signals times those of cotangents.',
  },
  {
    key: 'sphere-spectrum',
    meaning:
      'The eigenvalues λ_k of a kernel of the angle on the sphere, one for each degree k of spherical harmonics.',
  },
  {
    key: 'sub-depths',
    meaning:
      'The kernel of a ResNet as a sum over blocks: what each adds is a kernel of fewer blocks with skips and one without.',
  },
  {
    key: 'training',
    meaning: 'Training of one network by gradient flow or descent on (1/2n) Σ ‖f(x) − y‖², all data at once.',
  },
  {
    key: 'truncation',
    meaning: 'The hierarchy with its highest kernel held at its start: order 2 is the frozen tangent kernel.',
  },
  {
    key: 'zonal-derivatives',
    meaning: 'κ′ and κ″ by the angle, with their limits at equal and at opposite inputs.',
  },
  {
    key: 'ResCNTK',
    meaning:
      'The kernels of convolutional ResNets, read at one pixel, as a trace or pooled. D. Barzilai, A. Geifman, M. Galun, R. Basri, arXiv 2211.14810.',
  },
];

export const keyMeanings: readonly KeyMeaning[] = [...compareKeys, ...studyKeys];
