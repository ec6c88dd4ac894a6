// Programs run over points: Gram matrices, cross matrices and profiles over the angle.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "program.hpp"
#include "ticket.hpp"

namespace resgram::core {

// How a row is an image: pixels row by row, the channels of a pixel side by side. Height 0: rows are vectors. A grid of
// height 1 has one dimension.
struct Grid {
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t channels = 0;
};

// Row-major points, finite by the time they come here.
struct Points {
  std::span<const double> data;
  std::size_t rows = 0;
  std::size_t dimension = 0;
  Grid grid{};
};

// Where one emitted kernel goes. A null pointer means: not wanted; `ntk` must be null without Program::tangent(). After the run the kernel is
// values · exp(log_scale); log_scale is 0 unless raw numbers would leave the range of Real.
template <class Real>
struct Sink {
  Real* nngp = nullptr;
  Real* ntk = nullptr;
  double nngp_log_scale = 0;
  double ntk_log_scale = 0;
  bool finite = false;  // after the run: every value was seen to be finite on its way out
};

// How pairs of vectors are evaluated. `automatic` tabulates kernels of homogeneous networks where there are pairs enough;
// `table` always (Error{Code::argument} where there is none), `steps` never: for checks.                                                     [zonal]
enum class Path { automatic, steps, table };

struct Tuning {
  int threads = 1;             // at most four per available CPU are used
  std::size_t strip_rows = 0;  // rows of pairs per tile; 0 means the default. Results never depend on it.
  std::size_t band_rows = 0;   // rows of a side packed at a time; 0 means as many as 24 MiB hold. No effect on results
  double max_hours =
      std::numeric_limits<double>::infinity();  // for pairs that are integrated one by one; beyond: refused
  bool direct_duals = false;  // kernels without a closed form by quadrature for each pair, not from tables; for checks
  bool single_steps = false;  // images: each step by itself, not fused into passes; for checks
  Path path = Path::automatic;
  double pairs = 0;  // of the matrix that this is a piece of, so that all pieces go the same way; 0: of this one
};

// rows × rows, both triangles written, bitwise symmetric. One sink per emit. Returns the path that was taken. Throws
// Error, Cancelled.
template <class Real>
Path gram(const Program& program, const Points& x, std::span<Sink<Real>> sinks, const Tuning& tuning, Ticket& ticket);

// x.rows × z.rows, row-major.
template <class Real>
Path cross(const Program& program, const Points& x, const Points& z, std::span<Sink<Real>> sinks, const Tuning& tuning,
           Ticket& ticket);

// Kernels of pairs of unit vectors at the given angles (radians, in [0, π]); each sink holds angles.size() values.
// `dimension` matters only where the input step divides by it.
void profile(const Program& program, std::span<const double> angles, std::size_t dimension,
             std::span<Sink<double>> sinks);

// The values k(x, x) alone: sinks hold x.rows values. Throws Error, Cancelled.
void diagonal(const Program& program, const Points& x, std::span<Sink<double>> sinks, const Ticket& ticket = Ticket{});

// Bytes that gram/cross need beside inputs and outputs (tiles of all threads, normalised points, packed panels).
std::size_t workspace_bytes(const Program& program, std::size_t rows, std::size_t columns, std::size_t dimension,
                            std::size_t bytes_per_value, const Tuning& tuning, const Grid& grid = {});

// Pairs of pixels times steps that a matrix of images takes (a Gram matrix half of it): what to multiply with the time of
// one such step, about 1 to 2 ns in float64, to see whether a job takes minutes or months. Throws Error.
double image_work(const Program& program, std::size_t rows, std::size_t columns, const Grid& grid);

// More threads than this wait for each other, and each brings scratch memory. A few per CPU are no harm: a container's
// quota is rounded down, and tests want several on any machine.
int usable_threads(int threads);

// The instruction set the vector steps run on: "avx512", "avx2", "neon" or "baseline".
// RESGRAM_SIMD forces a lesser one; Error{argument} if that names none, here and wherever the steps are run.
const char* simd_path();

}  // namespace resgram::core
