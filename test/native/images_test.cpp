// Networks on images against whole matrices over pairs of pixels, and against the reference values.
#include "images.hpp"

namespace resgram::core {
namespace {

using namespace trial;

const Row kErf{"erf", {1}}, kGelu{"gelu", {1}};

struct Case {
  std::string name;
  Rows rows;
  Grid grid;
};

// The largest deviation from the oracle over all emits, relative to √(k(x,x) k(z,z)).
double worst_against_oracle(const Case& one, const Images& x) {
  const auto all = image_grams(one.rows, x);
  ImageOracle oracle(one.rows, one.grid);
  const std::size_t n = x.cloud.rows;
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i; j < n; ++j) {
      const auto expected = oracle(x.cloud.row(i), x.cloud.row(j));
      for (std::size_t e = 0; e < all.size(); ++e) {
        const auto check = [&](const std::vector<double>& got, double value) {
          const double size = std::sqrt(got[i * n + i] * got[j * n + j]);
          const double error = std::fabs(got[i * n + j] - value) / size;
          if (!(error <= worst)) worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
        };
        check(all[e].nngp, expected[e].first);
        check(all[e].ntk, expected[e].second);
      }
    }
  return worst;
}

std::vector<Case> cases() {
  std::vector<Case> list;
  const Grid wide{1, 7, 2}, small{3, 4, 2}, odd{5, 3, 3}, even{4, 6, 2};
  for (const double padding : {1.0, 2.0})
    for (const Grid& grid : {wide, small, odd})
      for (const Row& head : {trace_head(), mean_head(), pixel_head(0, 2)}) {
        const std::string where = std::to_string(grid.height) + "x" + std::to_string(grid.width) + " " + head.op +
                                  (padding == 1 ? " zero" : " circular");
        list.push_back({"rescntk 1,3 " + where, rescntk(3, 1, 3, padding, 0.6, relu(), head), grid});
        list.push_back({"rescntk 3,3 " + where, rescntk(2, 3, 3, padding, 1, relu(1, 0.2), head, false), grid});
        list.push_back({"cntk " + where, cntk(3, 3, padding, relu(), head), grid});
      }
  for (const Row& head : {trace_head(), mean_head(), pixel_head(0, 0)}) {
    const Rows in{{"input", {0}}};
    list.push_back(
        {"valid " + head.op, in + conv(3, 0) + Rows{relu()} + conv(3, 0) + Rows{relu()} + read_by(head), {6, 5, 2}});
    list.push_back({"valid 1-D " + head.op,
                    in + conv(3, 0) + Rows{relu()} + conv(5, 0) + Rows{relu()} + read_by(head),
                    {1, 9, 2}});
    list.push_back({"stride 2 zero " + head.op,
                    in + conv(3, 1) + Rows{relu()} + conv(3, 1, 2) + Rows{relu()} + read_by(head), odd});
    list.push_back(
        {"stride 2 circular even " + head.op,
         in + conv(3, 2) + Rows{relu()} + conv(3, 2, 2) + Rows{relu()} + conv(3, 2) + Rows{relu()} + read_by(head),
         even});
    list.push_back(
        {"stride 2 circular odd " + head.op,
         in + conv(3, 2) + Rows{relu()} + conv(3, 2, 2) + Rows{relu()} + conv(3, 2) + Rows{relu()} + read_by(head),
         {5, 7, 2}});
    list.push_back({"stride 3 valid then circular " + head.op,
                    in + conv(3, 0, 3) + Rows{relu()} + conv(3, 2) + Rows{relu()} + read_by(head),
                    {8, 7, 2}});
    list.push_back(
        {"mixed paddings " + head.op,
         in + conv(3, 2) + Rows{relu()} + conv(3, 1) + Rows{relu()} + conv(3, 0) + Rows{relu()} + read_by(head),
         {5, 4, 2}});
    list.push_back({"filter wider than the grid " + head.op,
                    in + conv(7, 2) + Rows{relu()} + conv(9, 1) + Rows{relu()} + read_by(head),
                    {2, 3, 2}});
    list.push_back({"strided residual block " + head.op,
                    in + Rows{affine(), {"push", {}}} + conv(3, 1, 2) + Rows{relu()} + conv(3, 1) +
                        Rows{{"scale", {0.5}}, {"swap", {}}} + conv(1, 1, 2) + Rows{{"add", {}}, relu()} +
                        read_by(head),
                    {5, 6, 2}});
    list.push_back({"erf " + head.op, rescntk(2, 3, 3, 1, 0.7, kErf, head), small});
    list.push_back({"gelu " + head.op, rescntk(2, 1, 3, 2, 0.7, kGelu, head), small});
    list.push_back({"bias in the covariance " + head.op,
                    rescntk(2, 3, 1, 1, 0.7, relu(), head, true, biased(0.3, true, 1.5)), small});
    list.push_back(
        {"trained bias " + head.op, rescntk(2, 3, 1, 2, 0.7, kGelu, head, true, biased(0.3, false, 1.5)), small});
    list.push_back({"activation behind the head " + head.op, cntk(2, 3, 1, relu(), head) + Rows{}, small});
    list.back().rows.pop_back();
    list.back().rows = list.back().rows + Rows{relu(), affine(), {"emit", {}}};
  }
  const Row average{"average", {2}};
  for (const Row& head : {trace_head(), mean_head(), pixel_head(0, 0)}) {
    const Rows in{{"input", {0}}};
    const Rows first = in + conv(3, 1) + Rows{relu(), average};
    list.push_back({"pooling, even " + head.op, first + conv(3, 1) + Rows{relu()} + read_by(head), {4, 6, 2}});
    list.push_back({"pooling, odd " + head.op, first + conv(3, 2) + Rows{relu()} + read_by(head), {5, 7, 2}});
    list.push_back({"pooling, 1-D " + head.op, first + conv(3, 1) + Rows{relu()} + read_by(head), {1, 8, 2}});
    list.push_back({"pooling twice " + head.op,
                    in + conv(3, 2) + Rows{relu(), average} + conv(3, 2) + Rows{relu(), average} + conv(1, 0) +
                        Rows{kErf} + read_by(head),
                    {8, 4, 2}});
    list.push_back({"pooling by 3 behind strides " + head.op,
                    in + conv(3, 2) + Rows{relu()} + conv(3, 1, 2) + Rows{relu(), {"average", {3}}} + conv(3, 1) +
                        Rows{relu()} + read_by(head),
                    {7, 12, 2}});
    list.push_back({"pooling of valid filters, biases " + head.op,
                    in + conv(3, 0, 1, biased(0.3, true)) + Rows{relu(), average} + conv(3, 1, 1, biased(0.1, false)) +
                        Rows{relu()} + read_by(head),
                    {6, 7, 1}});
  }
  const Rows trunk = Rows{{"input", {1}}} + conv(3, 1) + Rows{relu()};
  list.push_back({"several heads",
                  trunk + Rows{{"push", {}}} + read_by(mean_head()) + Rows{{"pop", {}}, {"push", {}}} +
                      read_by(trace_head()) + Rows{{"pop", {}}} + conv(3, 0, 2) + Rows{relu()} +
                      read_by(mean_head(), biased(0.2, true)),
                  {5, 6, 2}});
  list.push_back({"heads before and behind a pooling",
                  trunk + Rows{{"push", {}}} + read_by(mean_head()) + Rows{{"pop", {}}, average} + conv(3, 1) +
                      Rows{relu()} + read_by(trace_head()),
                  {4, 6, 2}});
  return list;
}

// Rounding of the oracle: its arccosine has an error of √ε where pixels are nearly parallel, which random pixels of two
// or more channels are not; 1e-12 leaves it three digits.
constexpr double kOracle = 1e-12;

TEST(Images, AgreeWithWholeMatricesOverPairsOfPixels) {
  for (const Case& one : cases()) {
    const Images x = normal_images(3, one.grid, 11);
    EXPECT_LE(worst_against_oracle(one, x), kOracle) << one.name;
  }
}

// One channel: every two pixels are parallel or opposite, and the oracle's arccosine is exact there.
TEST(Images, OfOneChannelAgreeToo) {
  for (const Case& one : cases()) {
    Grid grid = one.grid;
    grid.channels = 1;
    Images x = normal_images(3, grid, 12);
    for (std::size_t k = 0; k < x.cloud.dimension; k += 3) x.cloud.data[k] = 0;
    // Sums of parallel pixels are parallel up to rounding, which the arccosine of the oracle turns into an angle of 1e-8;
    // means of either are no better.
    EXPECT_LE(worst_against_oracle({one.name, one.rows, grid}, x), 2e-7) << one.name;
  }
}

}  // namespace
}  // namespace resgram::core
