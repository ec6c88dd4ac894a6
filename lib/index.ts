/** The catalogue of exports: what the package promises. No logic. */

export { type ActivationName, activationNames } from './activations.js';
export { type Calibration, type Coverage, calibration } from './calibration.js';
export {
  type ClassCalibration,
  type ClassCoding,
  type Classification,
  type Classifier,
  type ClassifyOptions,
  classify,
  type Label,
  type Labels,
  type ReliabilityBin,
} from './classify.js';
export { compare } from './compare/compare.js';
export type { CompareJob, CompareOptions, CompareOutcome, SplitRecord } from './compare/options.js';
export type { CompareReport } from './compare/schema.js';
export type {
  Dataset,
  DatasetPair,
  LoadOptions,
  PairOptions,
  PointOptions,
} from './data/dataset.js';
export { imagesOf, unitPixels } from './data/images.js';
export { loadDataset, loadPair } from './data/load.js';
export { loadPoints, type Points } from './data/load-points.js';
export {
  type FetchOptions,
  fetchImages,
  findImages,
  type ImageFiles,
  type ImagesOptions,
  imageFolder,
  imageSets,
} from './data/public/images.js';
export { crossSweep, gramSweep } from './depths.js';
export {
  type Dynamics,
  type DynamicsOptions,
  dynamics,
  type EarlyStopping,
  type Ensemble,
  type EnsembleKernels,
  type EnsembleOptions,
  ensemble,
  type TrainingOptions,
} from './dynamics.js';
export { type ErrorCode, type ErrorDetails, errorCodes, KernelError } from './errors.js';
export {
  type ConditionNumber,
  conditionNumber,
  type ExtremeEigenvalues,
  type ExtremesOptions,
  extremeEigenvalues,
} from './extremes.js';
export { empirical, empiricalCross, empiricalOutputs, kernelProduct } from './finite/empirical.js';
export { type HierarchyOptions, type HierarchyOrder, hierarchy, type TangentHierarchy } from './finite/hierarchy.js';
export {
  type ConvergenceOptions,
  type EmpiricalMean,
  type EmpiricalMeans,
  empiricalMean,
  type MeanOptions,
  type WidthConvergence,
  type WidthConvergences,
  type WidthError,
  widthConvergence,
} from './finite/monte-carlo.js';
export {
  type PredictAtWidthOptions,
  predictAtWidth,
  type Spread,
  type WidthPrediction,
} from './finite/predict-at-width.js';
export { loadNetwork } from './finite/read.js';
export { sample } from './finite/sample.js';
export { type BlockMovement, type Movement, type Training, type TrainOptions, train } from './finite/train.js';
export { type TruncatedFlow, type TruncatedFlowOptions, truncatedFlow } from './finite/truncated-flow.js';
export type {
  FiniteNetwork,
  ParameterBlock,
  SampleOptions,
  SaveNetworkOptions,
  SweepOptions,
} from './finite/types.js';
export { type EncodeOptions, encodeRows, type ModelColumn, type RowFormat, rowFormat } from './fitting/encode-rows.js';
export {
  type Gradient,
  type GradientOptions,
  type Gradients,
  gradient,
  type Hessian,
  type Hessians,
  hessian,
} from './gradient.js';
export { type Info, info } from './info.js';
export type { JobOptions, Progress } from './jobs.js';
export {
  type Cross,
  type Crosses,
  type Curvatures,
  compile,
  cross,
  type Derivatives,
  type Diagonal,
  type Diagonals,
  diagonal,
  type Gram,
  type GramOptions,
  type Grams,
  gram,
  type Kernel,
  type KernelName,
  kernelNames,
  type Profile,
  type ProfileOf,
  type ProfileOptions,
  type Profiles,
  profile,
  type Slopes,
} from './kernel.js';
export {
  type ActivationLayer,
  activation,
  type Bias,
  type Conv,
  type ConvOptions,
  conv,
  type Dense,
  type DenseOptions,
  dense,
  type Head,
  head,
  type InputScale,
  type Layer,
  type LayerKind,
  type Nonlinearity,
  type Padding,
  type Pool,
  pool,
  preserving,
  type Repeat,
  type Residual,
  type ResidualOptions,
  repeat,
  residual,
  type Scale,
  type Serial,
  scale,
  serial,
  type Tabulated,
  tabulated,
} from './layers.js';
export { loadModel } from './load-model.js';
export { type RidgePath, type RidgePathOptions, ridgePath } from './loo.js';
export { type Domain, lower, type Origin, type Program, type Step } from './lower.js';
export { type MultiplyOptions, multiply } from './multiply.js';
export { parseNetwork, parseNetworkText } from './parse-network.js';
export type { Piece } from './pieces.js';
export {
  type Alpha,
  type BarzilaiFamily,
  type BarzilaiOptions,
  barzilai,
  belfer,
  type CntkFamily,
  type CntkOptions,
  type Convention,
  cntk,
  huang,
  type ImageFamily,
  type LiFamily,
  type LiOptions,
  li,
  type MlpFamily,
  type MlpOptions,
  mlp,
  type Network,
  network,
  type PresetFamily,
  type PresetSpec,
  presetNames,
  type ResnetFamily,
  type ResnetName,
  type ResnetOptions,
  tirer,
  type VectorFamily,
} from './presets.js';
export {
  type CovarianceOptions,
  type JointPrediction,
  type LeaveOneOut,
  type ModelJobOptions,
  type Prediction,
  type PredictOptions,
  type RegressOptions,
  type Regressor,
  regress,
  type SaveOptions,
} from './regress.js';
export { type LooseSamples, type LooseTargets, type Repaired, type RepairOptions, repair } from './repair.js';
export {
  type Criterion,
  type SearchCandidate,
  type SearchOptions,
  type SearchResult,
  search,
  type Variations,
  vary,
} from './search.js';
export {
  catalogue,
  type Decay,
  decayExponent,
  defineMetric,
  type Metric,
  type MetricName,
  metrics,
  smoothness,
} from './smoothness/index.js';
export { type Solution, type SolveOptions, solve } from './solve.js';
export { type Spectrum, type SpectrumOptions, spectrum } from './spectrum.js';
export { type SphereOptions, type SphereSpectra, type SphereSpectrum, sphereSpectrum } from './sphere-spectrum.js';
export { studyNames } from './studies/names.js';
export { type ItemStore, runStudy, type StudyRunOptions } from './studies/run.js';
export type {
  Chart,
  Expectation,
  ItemReport,
  LineChart,
  MapChart,
  Measurement,
  StudyReport,
  StudySize,
  Verdict,
} from './studies/schema.js';
export { type Fit, type Study, type StudyOptions, study } from './study.js';
export {
  type SupportVectorMachine,
  type SvmOptions,
  type SvmPair,
  type SvmPathOptions,
  svm,
} from './svm.js';
export { type Fold, type SvmFolds, type SvmFoldsOptions, svmFolds } from './svm-folds.js';
export type { SvmSettings } from './svm-settings.js';
export { type Sweep, sweep } from './sweep.js';
export { sync } from './sync.js';
export { type TabulatedFunction, type TabulateOptions, tabulate } from './tabulate.js';
export type { Samples, Targets, Tensor } from './tensor.js';
