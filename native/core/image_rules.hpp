// What makes a listing that reads images mean something, whatever their size.
#pragma once

#include <span>

#include "program.hpp"

namespace resgram::core {

// Has the listing a head, so that its inputs are images?
bool reads_images(std::span<const Row> rows);

// Steps on grids come before a head, every kernel leaves after one, branches that are added are both grids or both
// vectors, and average pooling stands between blocks. Throws Error{Code::program} naming the row.
void check_image_rows(std::span<const Row> rows);

}  // namespace resgram::core
