// Tables in the angle of earlier runs: a prediction for one row after another would otherwise wait for the same table.
#pragma once

#include <memory>
#include <span>

#include "zonal.hpp"

namespace resgram::core {

// What Zonal::build gives, made now or kept from an earlier run of the same steps; which of the two leaves no trace. Of all
// tables the latest stay, up to kKeptZonalBytes.
template <class Real>
std::shared_ptr<const Zonal<Real>> zonal_tables(const Program& program, std::span<const ZonalWanted> wanted,
                                                const Ticket& ticket);

inline constexpr std::size_t kKeptZonalBytes = std::size_t{4} << 20;

}  // namespace resgram::core
