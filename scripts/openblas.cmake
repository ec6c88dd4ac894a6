# Target resgram_openblas: BLAS and LAPACK through their Fortran symbols. The registry wheel (scripts/setup.mjs unpacks
# it into .deps/openblas) prefixes them with scipy_; a system library does not. RESGRAM_BLAS_PREFIX tells the sources.
set(RESGRAM_OPENBLAS_WHEEL "${CMAKE_SOURCE_DIR}/.deps/openblas" CACHE PATH "where the wheel is unpacked")
file(GLOB wheel_library "${RESGRAM_OPENBLAS_WHEEL}/lib/libscipy_openblas.so"
     "${RESGRAM_OPENBLAS_WHEEL}/lib/libscipy_openblas.dylib")

set(openblas_source "${RESGRAM_OPENBLAS}")
if(openblas_source STREQUAL "auto")
  if(wheel_library)
    set(openblas_source wheel)
  else()
    set(openblas_source system)
  endif()
endif()

unset(system_library CACHE)
if(openblas_source STREQUAL "wheel")
  if(NOT wheel_library)
    message(FATAL_ERROR "no OpenBLAS wheel in .deps/openblas: run 'node scripts/setup.mjs', "
                        "or pass -DRESGRAM_OPENBLAS=system")
  endif()
  set(openblas_library "${wheel_library}")
  set(openblas_prefix "scipy_")
elseif(openblas_source STREQUAL "system")
  # Fedora's libopenblas is the serial build and libopenblasp the threaded one; Homebrew keeps its own out of the way.
  find_library(system_library NAMES openblasp openblas HINTS
               /opt/homebrew/opt/openblas/lib /usr/local/opt/openblas/lib)
  if(NOT system_library)
    message(FATAL_ERROR "no system OpenBLAS found: install libopenblas-dev (Debian, Ubuntu), openblas-devel (Fedora), "
                        "openblas-dev (Alpine) or openblas (Arch, Homebrew), or run 'node scripts/setup.mjs'")
  endif()
  set(openblas_library "${system_library}")
  set(openblas_prefix "")
else()
  message(FATAL_ERROR "RESGRAM_OPENBLAS: expected wheel, system or auto, got '${RESGRAM_OPENBLAS}'")
endif()

# Some distributions build OpenBLAS without LAPACK; better told here than as forty undefined symbols.
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_LIBRARIES "${openblas_library}" Threads::Threads)
set(CMAKE_REQUIRED_QUIET ON)
string(MAKE_C_IDENTIFIER "RESGRAM_LINKS_${openblas_library}" links)
check_cxx_source_compiles("
  extern \"C\" void ${openblas_prefix}dgemm_();
  extern \"C\" void ${openblas_prefix}dsyevd_2stage_();
  int main() { ${openblas_prefix}dgemm_(); ${openblas_prefix}dsyevd_2stage_(); }" ${links})
unset(CMAKE_REQUIRED_LIBRARIES)
unset(CMAKE_REQUIRED_QUIET)
if(NOT ${links})
  unset(${links} CACHE)
  message(FATAL_ERROR "${openblas_library}: cannot be linked, or has no LAPACK 3.7; try another OpenBLAS")
endif()

message(STATUS "OpenBLAS: ${openblas_library} (${openblas_source})")
add_library(resgram_openblas INTERFACE)
target_link_libraries(resgram_openblas INTERFACE "${openblas_library}")
if(openblas_prefix)
  target_compile_definitions(resgram_openblas INTERFACE RESGRAM_BLAS_PREFIX=${openblas_prefix})
endif()
set(RESGRAM_OPENBLAS_USED "${openblas_source}" CACHE INTERNAL "which OpenBLAS this build links")
