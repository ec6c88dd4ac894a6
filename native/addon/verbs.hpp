// The verbs that JavaScript sees, by what they need from below.
#pragma once

#include <napi.h>

namespace resgram::addon {

// gram, cross, diagonal, profile, imageWork, workspaceBytes: programs over points.
void define_kernel_verbs(Napi::Env env, Napi::Object exports);

// derive, profileDerivatives: kernels differentiated.
void define_derivative_verbs(Napi::Env env, Napi::Object exports);

// Eigenvalues on the sphere.
void define_sphere_verbs(Napi::Env env, Napi::Object exports);

// eigen, extremes, factor, solve, solveDefinite, ridgePath, multiply: dense algebra on what the former made.
void define_algebra_verbs(Napi::Env env, Napi::Object exports);

// border, inverseDiagonal, logDeterminant, posteriorCovariance, heldOutPath: what Gaussian processes ask of a factor.
void define_gaussian_verbs(Napi::Env env, Napi::Object exports);

// prepare, preparedBytes, predict: what fitted models say about new rows.
void define_predict_verbs(Napi::Env env, Napi::Object exports);

// multiplyTransposed, filterModes, ensembleCovariance, reducedCovariance: training in function space.
void define_dynamics_verbs(Napi::Env env, Napi::Object exports);

// ridgePaths: many small problems side by side.
void define_batch_verbs(Napi::Env env, Napi::Object exports);

// svmTrain, svmFolds, svmDecide: support vector machines on a kernel matrix.
void define_svm_verbs(Napi::Env env, Napi::Object exports);

// finiteLayout, finiteSample, finiteForward, finitePush, finitePull, finiteKernels, finiteKernelProduct,
// finiteKernelBytes: networks of finite width.
void define_finite_verbs(Napi::Env env, Napi::Object exports);

// finiteTrain, finiteHierarchy, finiteTruncated and what they take: networks of finite width that move.
void define_train_verbs(Napi::Env env, Napi::Object exports);

}  // namespace resgram::addon
