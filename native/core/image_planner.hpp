// Makes an ImagePlan from a program and the size of its images: first the executed steps with their shapes, then the
// lines that they take, then the places of their factors.
#pragma once

#include <string>
#include <vector>

#include "image_plan.hpp"

namespace resgram::core {

class ImagePlanner {
 public:
  ImagePlanner(const Program& program, ImagePlan& plan) : program_(program), plan_(plan) {}
  void make();

 private:
  // What is known of a state on the way through the program.
  struct Flow {
    Extent grid;
    double gain = 1;
    int activations = 0;    // since t was last brought to units of its own
    bool mean_free = true;  // its functions have mean zero over the weights, so that branches may be added
  };

  void unroll();
  void take(ImageStep& step);
  void affine(ImageStep& step);
  void add(ImageStep& step);
  void patch(ImageStep& step);
  void average(ImageStep& step);
  void head(ImageStep& step);
  [[noreturn]] void refuse(const Step& step, const std::string& why) const;
  [[nodiscard]] bool flat() const { return plan_.grid_.height == 1; }  // a grid of one dimension

  const Program& program_;
  ImagePlan& plan_;
  Flow flow_;
  std::vector<Flow> saved_;
  bool in_tail_ = false;
  std::size_t tail_depth_ = 0;
  std::size_t emits_ = 0;
};

// The second half: levels, and how displacements go through their steps.                                       [image-lines]
class ImageLines {
 public:
  ImageLines(const Program& program, ImagePlan& plan) : program_(program), plan_(plan) {}
  void lay();

 private:
  struct Flow {
    Axes<bool> wraps{true, true};
    Axes<int> stride{1, 1};
    bool operator==(const Flow&) const = default;
  };

  void split();
  bool mended();
  void join(std::size_t joint, const ImageStep& circular);
  void run_level(Level& level);
  void place(ImageStep& step);

  const Program& program_;
  ImagePlan& plan_;
};

}  // namespace resgram::core
