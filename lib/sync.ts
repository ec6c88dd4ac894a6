/**
 * The same verbs on the calling thread, for scripts and tests. They block the event loop, they wait for a job that is in
 * flight in this or another environment of the process, and nothing ends them early: neither a signal, which they do not
 * take, nor the termination of their worker_thread.
 */

import { type Classifier, type ClassifyOptions, classifyTask, type Labels } from './classify.js';
import type { Kernel } from './compile.js';
import { crossSweepTask, gramSweepTask } from './depths.js';
import { type Ensemble, type EnsembleKernels, type EnsembleOptions, ensembleTask } from './dynamics/ensemble.js';
import { type Dynamics, type DynamicsOptions, dynamicsTask } from './dynamics.js';
import {
  type Cross,
  crossTask,
  type Diagonal,
  diagonalTask,
  type Gram,
  type GramOptions,
  gramTask,
  type KernelName,
  type PerKernel,
  type Which,
} from './evaluate.js';
import {
  type ConditionNumber,
  conditionTask,
  type ExtremeEigenvalues,
  type ExtremesOptions,
  extremesTask,
} from './extremes.js';
import { empiricalCrossTask, empiricalTask } from './finite/empirical.js';
import { type HierarchyOptions, hierarchyTask, type TangentHierarchy } from './finite/hierarchy.js';
import { type PredictAtWidthOptions, predictAtWidthTask, type WidthPrediction } from './finite/predict-at-width.js';
import { sampleTask } from './finite/sample.js';
import { type Training, type TrainOptions, trainTask } from './finite/train.js';
import { type TruncatedFlow, type TruncatedFlowOptions, truncatedFlowTask } from './finite/truncated-flow.js';
import type { FiniteNetwork, SampleOptions, SweepOptions } from './finite/types.js';
import {
  type Gradient,
  type GradientOptions,
  type Gradients,
  gradientTask,
  type Hessian,
  type Hessians,
  hessianTask,
} from './gradient.js';
import { immediate, type JobOptions } from './jobs.js';
import { type Crosses, type Diagonals, type Grams, profile } from './kernel.js';
import { type RidgePath, type RidgePathOptions, ridgePathTask } from './loo.js';
import { type MultiplyOptions, multiplyTask } from './multiply.js';
import type { Network, PresetFamily } from './presets.js';
import { type RegressOptions, type Regressor, regressTask } from './regress.js';
import { type Solution, type SolveOptions, solveTask } from './solve.js';
import { type Spectrum, type SpectrumOptions, spectrumTask } from './spectrum.js';
import { type SphereOptions, type SphereSpectra, type SphereSpectrum, sphereSpectrumTask } from './sphere-spectrum.js';
import { type SupportVectorMachine, type SvmOptions, type SvmPathOptions, svmTask } from './svm.js';
import { type Fold, type SvmFolds, type SvmFoldsOptions, svmFoldsTask } from './svm-folds.js';
import type { Samples, Targets, Tensor } from './tensor.js';

/** Options without what only makes sense for work in the background. */
type Here<Options extends JobOptions> = Omit<Options, 'signal' | 'onProgress'>;
type HereGram = Here<GramOptions>;
type Numbers = readonly number[] | Float64Array;

function gram<K extends KernelName>(kernel: Kernel, x: Samples, which: K, options?: HereGram): Gram;
function gram<K extends KernelName>(kernel: Kernel, x: Samples, which: readonly K[], options?: HereGram): Grams<K>;
function gram(kernel: Kernel, x: Samples, which: Which, options?: HereGram): PerKernel<Gram> {
  return immediate(gram, () => gramTask(kernel, x, which, options));
}

function cross<K extends KernelName>(kernel: Kernel, x: Samples, z: Samples, which: K, options?: HereGram): Cross;
function cross<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: readonly K[],
  options?: HereGram,
): Crosses<K>;
function cross(kernel: Kernel, x: Samples, z: Samples, which: Which, options?: HereGram): PerKernel<Cross> {
  return immediate(cross, () => crossTask(kernel, x, z, which, options));
}

function diagonal<K extends KernelName>(kernel: Kernel, x: Samples, which: K, options?: Here<JobOptions>): Diagonal;
function diagonal<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  which: readonly K[],
  options?: Here<JobOptions>,
): Diagonals<K>;
function diagonal(kernel: Kernel, x: Samples, which: Which, options?: Here<JobOptions>): PerKernel<Diagonal> {
  return immediate(diagonal, () => diagonalTask(kernel, x, which, options));
}

function gradient<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: K,
  options?: Here<GradientOptions>,
): Gradient;
function gradient<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: readonly K[],
  options?: Here<GradientOptions>,
): Gradients<K>;
function gradient(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: Which,
  options?: Here<GradientOptions>,
): PerKernel<Gradient> {
  return immediate(gradient, () => gradientTask(kernel, x, z, which, options));
}

function hessian<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: K,
  options?: Here<GradientOptions>,
): Hessian;
function hessian<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: readonly K[],
  options?: Here<GradientOptions>,
): Hessians<K>;
function hessian(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: Which,
  options?: Here<GradientOptions>,
): PerKernel<Hessian> {
  return immediate(hessian, () => hessianTask(kernel, x, z, which, options));
}

function gramSweep<K extends KernelName>(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  which: K,
  options?: HereGram,
): readonly Gram[];
function gramSweep<K extends KernelName>(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  which: readonly K[],
  options?: HereGram,
): readonly Grams<K>[];
function gramSweep(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  which: Which,
  options?: HereGram,
): readonly PerKernel<Gram>[] {
  return immediate(gramSweep, () => gramSweepTask(preset, depths, x, which, options));
}

function crossSweep<K extends KernelName>(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  z: Samples,
  which: K,
  options?: HereGram,
): readonly Cross[];
function crossSweep<K extends KernelName>(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  z: Samples,
  which: readonly K[],
  options?: HereGram,
): readonly Crosses<K>[];
function crossSweep(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  z: Samples,
  which: Which,
  options?: HereGram,
): readonly PerKernel<Cross>[] {
  return immediate(crossSweep, () => crossSweepTask(preset, depths, x, z, which, options));
}

function spectrum(source: Gram, options: Here<SpectrumOptions> & { readonly vectors: true }): Required<Spectrum>;
function spectrum(source: Gram, options?: Here<SpectrumOptions>): Spectrum;
function spectrum(source: Gram, options?: Here<SpectrumOptions>): Spectrum {
  return immediate(spectrum, () => spectrumTask(source, options));
}

function extremeEigenvalues(source: Gram, options?: Here<ExtremesOptions>): ExtremeEigenvalues {
  return immediate(extremeEigenvalues, () => extremesTask(source, options));
}

function conditionNumber(source: Gram, options?: Here<ExtremesOptions>): ConditionNumber {
  return immediate(conditionNumber, () => conditionTask(source, options));
}

function solve(source: Gram, y: Targets, options?: Here<SolveOptions>): Solution {
  return immediate(solve, () => solveTask(source, y, options));
}

function sphereSpectrum<K extends KernelName>(kernel: Kernel, which: K, options: Here<SphereOptions>): SphereSpectrum;
function sphereSpectrum<K extends KernelName>(
  kernel: Kernel,
  which: readonly K[],
  options: Here<SphereOptions>,
): SphereSpectra<K>;
function sphereSpectrum(kernel: Kernel, which: Which, options: Here<SphereOptions>): PerKernel<SphereSpectrum> {
  return immediate(sphereSpectrum, () => sphereSpectrumTask(kernel, which, options));
}

function ridgePath(
  source: Gram,
  y: Targets,
  ridges: Numbers,
  options: Here<RidgePathOptions> & { readonly coefficients: true },
): Required<RidgePath>;
function ridgePath(source: Gram, y: Targets, ridges: Numbers, options?: Here<RidgePathOptions>): RidgePath;
function ridgePath(source: Gram, y: Targets, ridges: Numbers, options?: Here<RidgePathOptions>): RidgePath {
  return immediate(ridgePath, () => ridgePathTask(source, y, ridges, options));
}

function multiply(a: Tensor | Gram, b: Targets, options?: Here<MultiplyOptions>): Tensor {
  return immediate(multiply, () => multiplyTask(a, b, options));
}

function dynamics(source: Gram | Required<Spectrum>, y: Targets, options: Here<DynamicsOptions>): Dynamics {
  return immediate(dynamics, () => dynamicsTask(source, y, options));
}

function ensemble(kernels: EnsembleKernels, y: Targets, options: Here<EnsembleOptions>): Ensemble {
  return immediate(ensemble, () => ensembleTask(kernels, y, options));
}

/** The Regressor's own verbs stay asynchronous. */
function regress(kernel: Kernel, x: Samples, y: Targets, options?: Here<RegressOptions>): Regressor {
  return immediate(regress, () => regressTask(kernel, x, y, options));
}

/** The same. */
function classify(kernel: Kernel, x: Samples, labels: Labels, options?: Here<ClassifyOptions>): Classifier {
  return immediate(classify, () => classifyTask(kernel, x, labels, options));
}

/** The machine's own verbs stay asynchronous. */
function svm(gram: Gram, labels: Labels, options: Here<SvmPathOptions>): readonly SupportVectorMachine[];
function svm(gram: Gram, labels: Labels, options?: Here<SvmOptions>): SupportVectorMachine;
function svm(
  source: Gram,
  labels: Labels,
  options?: Here<SvmOptions> | Here<SvmPathOptions>,
): SupportVectorMachine | readonly SupportVectorMachine[] {
  return immediate(svm, () => svmTask(source, labels, options));
}

function svmFolds(source: Gram, labels: Labels, folds: readonly Fold[], options?: Here<SvmFoldsOptions>): SvmFolds {
  return immediate(svmFolds, () => svmFoldsTask(source, labels, folds, options));
}

/** The network's own verbs stay asynchronous. */
function sample(network: Network, options: Here<SampleOptions>): FiniteNetwork {
  return immediate(sample, () => sampleTask(network, options));
}

function empirical<K extends KernelName>(
  network: FiniteNetwork,
  x: Samples,
  which: K,
  options?: Here<SweepOptions>,
): Gram;
function empirical<K extends KernelName>(
  network: FiniteNetwork,
  x: Samples,
  which: readonly K[],
  options?: Here<SweepOptions>,
): Grams<K>;
function empirical(network: FiniteNetwork, x: Samples, which: Which, options?: Here<SweepOptions>): PerKernel<Gram> {
  return immediate(empirical, () => empiricalTask(network, x, which, options));
}

function empiricalCross<K extends KernelName>(
  network: FiniteNetwork,
  x: Samples,
  z: Samples,
  which: K,
  options?: Here<SweepOptions>,
): Cross;
function empiricalCross<K extends KernelName>(
  network: FiniteNetwork,
  x: Samples,
  z: Samples,
  which: readonly K[],
  options?: Here<SweepOptions>,
): Crosses<K>;
function empiricalCross(
  network: FiniteNetwork,
  x: Samples,
  z: Samples,
  which: Which,
  options?: Here<SweepOptions>,
): PerKernel<Cross> {
  return immediate(empiricalCross, () => empiricalCrossTask(network, x, z, which, options));
}

function train(network: FiniteNetwork, x: Samples, y: Targets, options: Here<TrainOptions>): Training {
  return immediate(train, () => trainTask(network, x, y, options));
}

function hierarchy(network: FiniteNetwork, x: Samples, options?: Here<HierarchyOptions>): TangentHierarchy {
  return immediate(hierarchy, () => hierarchyTask(network, x, options));
}

function truncatedFlow(tensors: TangentHierarchy, y: Targets, options: Here<TruncatedFlowOptions>): TruncatedFlow {
  return immediate(truncatedFlow, () => truncatedFlowTask(tensors, y, options));
}

function predictAtWidth(
  network: Network,
  x: Samples,
  y: Targets,
  test: Samples,
  options: Here<PredictAtWidthOptions>,
): WidthPrediction {
  return immediate(predictAtWidth, () => predictAtWidthTask(network, x, y, test, options));
}

export const sync = Object.freeze({
  gram,
  cross,
  diagonal,
  profile,
  gradient,
  hessian,
  gramSweep,
  crossSweep,
  spectrum,
  extremeEigenvalues,
  conditionNumber,
  solve,
  sphereSpectrum,
  ridgePath,
  multiply,
  dynamics,
  ensemble,
  regress,
  classify,
  svm,
  svmFolds,
  sample,
  empirical,
  empiricalCross,
  train,
  hierarchy,
  truncatedFlow,
  predictAtWidth,
});
