# Target resgram: the Node addon. Headers come from npm packages (node-api-headers, node-addon-api), never from the net.
if(DEFINED CMAKE_JS_INC AND CMAKE_JS_INC)
  set(node_includes ${CMAKE_JS_INC})
else()
  find_program(NODE_EXECUTABLE NAMES node REQUIRED)
  execute_process(
    COMMAND "${NODE_EXECUTABLE}" -p
            "[require('node-api-headers').include_dir, require('node-addon-api').include_dir].join(';')"
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
    OUTPUT_VARIABLE node_includes
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()

add_library(resgram SHARED ${addon_sources} ${CMAKE_JS_SRC})
target_link_libraries(resgram PRIVATE resgram_core ${CMAKE_JS_LIB})
target_include_directories(resgram SYSTEM PRIVATE ${node_includes})
# A promise that settles while its environment is being torn down must not take the process with it.
target_compile_definitions(resgram PRIVATE NAPI_VERSION=9 NAPI_CPP_EXCEPTIONS
                                           NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS)
if(NOT CMAKE_LIBRARY_OUTPUT_DIRECTORY)
  set_target_properties(resgram PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/$<CONFIG>")
endif()

# OpenBLAS is found beside the addon, wherever the folder is moved.
set(origin "$ORIGIN")
if(APPLE)
  set(origin "@loader_path")
  target_link_options(resgram PRIVATE "SHELL:-undefined dynamic_lookup")
else()
  # A missing symbol is found when the addon is loaded, which is an error with a message, and not at its first use,
  # which ends the process.
  target_link_options(resgram PRIVATE "LINKER:-z,now")
endif()
set_target_properties(resgram PROPERTIES PREFIX "" SUFFIX ".node" BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${origin}")
if(openblas_source STREQUAL "wheel")
  add_custom_command(
    TARGET resgram
    POST_BUILD
    COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${openblas_library}" "$<TARGET_FILE_DIR:resgram>")
endif()
