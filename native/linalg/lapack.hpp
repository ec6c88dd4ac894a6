// The Fortran symbols of BLAS and LAPACK that this folder calls, and OpenBLAS' few C ones. Our own prototypes, because
// the libraries disagree about headers: a system OpenBLAS exports dgemm_, the registry wheel scipy_dgemm_. The build
// defines RESGRAM_BLAS_PREFIX (scipy_ or nothing).
//
// Fortran's conventions, seen from C: everything by address, matrices column-major with a leading dimension (so a
// row-major matrix reads as its transpose), and for every character argument a hidden length at the end of the list,
// a size_t in the ABI of gfortran ≥ 8. `info` < 0 is our mistake, > 0 a numerical outcome.
#pragma once

#include <cstddef>

#ifndef RESGRAM_BLAS_PREFIX
#define RESGRAM_BLAS_PREFIX
#endif
#define RESGRAM_JOIN_EXPANDED(prefix, name, suffix) prefix##name##suffix
#define RESGRAM_JOIN(prefix, name, suffix) RESGRAM_JOIN_EXPANDED(prefix, name, suffix)
#define RESGRAM_FORTRAN(name) RESGRAM_JOIN(RESGRAM_BLAS_PREFIX, name, _)
#define RESGRAM_OPENBLAS(name) RESGRAM_JOIN(RESGRAM_BLAS_PREFIX, name, )

extern "C" {

// C ← α·op(A)·op(B) + β·C, with C m × n and k the inner size.
void RESGRAM_FORTRAN(dgemm)(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
                            const double* alpha, const double* a, const int* lda, const double* b, const int* ldb,
                            const double* beta, double* c, const int* ldc, std::size_t, std::size_t);

// C ← α·A·Aᵀ + β·C (trans N, A n × k) or α·Aᵀ·A + β·C (trans T, A k × n), one triangle of C.
void RESGRAM_FORTRAN(dsyrk)(const char* uplo, const char* trans, const int* n, const int* k, const double* alpha,
                            const double* a, const int* lda, const double* beta, double* c, const int* ldc, std::size_t,
                            std::size_t);

// B ← α·op(A)⁻¹·B (side L) or α·B·op(A)⁻¹ (side R), A triangular, B m × n.
void RESGRAM_FORTRAN(dtrsm)(const char* side, const char* uplo, const char* trans, const char* diagonal, const int* m,
                            const int* n, const double* alpha, const double* a, const int* lda, double* b,
                            const int* ldb, std::size_t, std::size_t, std::size_t, std::size_t);

// y ← α·A·x + β·y for a symmetric A, of which one triangle is read; the same for C ← α·A·B + β·C (side L), C m × n.
void RESGRAM_FORTRAN(dsymv)(const char* uplo, const int* n, const double* alpha, const double* a, const int* lda,
                            const double* x, const int* incx, const double* beta, double* y, const int* incy,
                            std::size_t);
void RESGRAM_FORTRAN(dsymm)(const char* side, const char* uplo, const int* m, const int* n, const double* alpha,
                            const double* a, const int* lda, const double* b, const int* ldb, const double* beta,
                            double* c, const int* ldc, std::size_t, std::size_t);

// x ← op(A)⁻¹·x, A triangular; strsv and strsm are dtrsv and dtrsm in single precision.
void RESGRAM_FORTRAN(dtrsv)(const char* uplo, const char* trans, const char* diagonal, const int* n, const double* a,
                            const int* lda, double* x, const int* incx, std::size_t, std::size_t, std::size_t);
void RESGRAM_FORTRAN(strsv)(const char* uplo, const char* trans, const char* diagonal, const int* n, const float* a,
                            const int* lda, float* x, const int* incx, std::size_t, std::size_t, std::size_t);
void RESGRAM_FORTRAN(strsm)(const char* side, const char* uplo, const char* trans, const char* diagonal, const int* m,
                            const int* n, const float* alpha, const float* a, const int* lda, float* b, const int* ldb,
                            std::size_t, std::size_t, std::size_t, std::size_t);

// Euclidean norm without overflow or underflow on the way.
double RESGRAM_FORTRAN(dnrm2)(const int* n, const double* x, const int* incx);

// Cholesky factor in place; info > 0 is the order of the first leading minor that is not positive.
void RESGRAM_FORTRAN(dpotrf)(const char* uplo, const int* n, double* a, const int* lda, int* info, std::size_t);

// The same in single precision.
void RESGRAM_FORTRAN(spotrf)(const char* uplo, const int* n, float* a, const int* lda, int* info, std::size_t);

// Solves with that factor, in place in b (n × nrhs).
void RESGRAM_FORTRAN(dpotrs)(const char* uplo, const int* n, const int* nrhs, const double* a, const int* lda,
                             double* b, const int* ldb, int* info, std::size_t);

// A⁻¹ in place, A triangular; info > 0 is where its diagonal is 0.
void RESGRAM_FORTRAN(dtrtri)(const char* uplo, const char* diagonal, const int* n, double* a, const int* lda, int* info,
                             std::size_t, std::size_t);

// Eigenvalues of the tridiagonal (d, e), ascending in d.
void RESGRAM_FORTRAN(dsterf)(const int* n, double* d, double* e, int* info);

// Symmetric eigenproblem, divide and conquer; values ascending in w, vectors (jobz V) as columns of a.
void RESGRAM_FORTRAN(dsyevd)(const char* jobz, const char* uplo, const int* n, double* a, const int* lda, double* w,
                             double* work, const int* lwork, int* iwork, const int* liwork, int* info, std::size_t,
                             std::size_t);

// A = Q B Qᵀ with a band matrix B (kd subdiagonals, uplo L: column-major with ldab ≥ kd + 1, the diagonal first): mostly
// dgemm-bound. Of a one triangle is read and destroyed. lwork −1 asks for the size of work.
void RESGRAM_FORTRAN(dsytrd_sy2sb)(const char* uplo, const int* n, const int* kd, double* a, const int* lda, double* ab,
                                   const int* ldab, double* tau, double* work, const int* lwork, int* info,
                                   std::size_t);

// B = Q T Qᵀ with T tridiagonal (d, e), of a B that comes from there (stage1 Y), without Q (vect N). lwork and lhous −1
// ask for the sizes of work and hous.
void RESGRAM_FORTRAN(dsytrd_sb2st)(const char* stage1, const char* vect, const char* uplo, const int* n, const int* kd,
                                   double* ab, const int* ldab, double* d, double* e, double* hous, const int* lhous,
                                   double* work, const int* lwork, int* info, std::size_t, std::size_t, std::size_t);

// Relatively robust representations; range I takes the il-th to iu-th smallest. Workspace O(n).
void RESGRAM_FORTRAN(dsyevr)(const char* jobz, const char* range, const char* uplo, const int* n, double* a,
                             const int* lda, const double* vl, const double* vu, const int* il, const int* iu,
                             const double* abstol, int* m, double* w, double* z, const int* ldz, int* isuppz,
                             double* work, const int* lwork, int* iwork, const int* liwork, int* info, std::size_t,
                             std::size_t, std::size_t);

// A = Q T Qᵀ with T tridiagonal (d, e); Q as n − 1 Householder reflectors below the subdiagonal of a (uplo L) and tau.
void RESGRAM_FORTRAN(dsytrd)(const char* uplo, const int* n, double* a, const int* lda, double* d, double* e,
                             double* tau, double* work, const int* lwork, int* info, std::size_t);

// Eigenpairs of the tridiagonal (d, e) by divide and conquer (compz I); values ascending in d, vectors as columns of z.
void RESGRAM_FORTRAN(dstedc)(const char* compz, const int* n, double* d, double* e, double* z, const int* ldz,
                             double* work, const int* lwork, int* iwork, const int* liwork, int* info, std::size_t);

// The triangular factor T of a product of k reflectors, H = I − V T Vᵀ.
void RESGRAM_FORTRAN(dlarft)(const char* direct, const char* storev, const int* n, const int* k, const double* v,
                             const int* ldv, const double* tau, double* t, const int* ldt, std::size_t, std::size_t);

// C ← H·C (side L, trans N) for that H; work is ldwork × k with ldwork ≥ n.
void RESGRAM_FORTRAN(dlarfb)(const char* side, const char* trans, const char* direct, const char* storev, const int* m,
                             const int* n, const int* k, const double* v, const int* ldv, const double* t,
                             const int* ldt, double* c, const int* ldc, double* work, const int* ldwork, std::size_t,
                             std::size_t, std::size_t, std::size_t);

// A = Q R by Householder reflectors, and Q's first n columns from them.
void RESGRAM_FORTRAN(dgeqrf)(const int* m, const int* n, double* a, const int* lda, double* tau, double* work,
                             const int* lwork, int* info);
void RESGRAM_FORTRAN(dorgqr)(const int* m, const int* n, const int* k, double* a, const int* lda, const double* tau,
                             double* work, const int* lwork, int* info);

void RESGRAM_OPENBLAS(openblas_set_num_threads)(int threads);
const char* RESGRAM_OPENBLAS(openblas_get_config)();
const char* RESGRAM_OPENBLAS(openblas_get_corename)();

}  // extern "C"
