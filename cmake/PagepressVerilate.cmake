# SPDX-License-Identifier: Apache-2.0
# SystemVerilog to C++ by Verilator, compiled apart from our own warning flags.
#
# pp_verilate(NAME TOP module SOURCES files... [PARAMS -GX=1 ...] [DEFINES ...] [PREFIX Vname])
#   makes a static library NAME whose header is "PREFIX.h" (default: V<TOP>).
# The code is one translation unit at -O3: on these designs clang++ -O3 runs 1.5
# times as fast as g++ (shared/facts/engine.md), and --threads is never used.
# With PP_RTL_COVERAGE every model counts which lines, branches and signal bits were seen
# (cmake/verilated_cover.h, scripts/coverage.sh rtl).
# Limitation: all sources of a design are given by name; there is no -y search.

option(PP_RTL_COVERAGE "Count lines, branches and toggles of Verilated code" OFF)
# Signals, and memories as a whole, of more bits have no toggle counts; nor has the device.
set(PP_RTL_TOGGLE_WIDTH 8 CACHE STRING "Widest signal whose bits' changes are counted")

find_program(VERILATOR_BIN verilator REQUIRED)
execute_process(COMMAND ${VERILATOR_BIN} --getenv VERILATOR_ROOT
  OUTPUT_VARIABLE VERILATOR_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

# The run time is compiled once and shared by every model.
add_library(pp_verilated_rt STATIC
  "${VERILATOR_ROOT}/include/verilated.cpp"
  "${VERILATOR_ROOT}/include/verilated_threads.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/verilated_print.cpp"
  $<$<BOOL:${PP_RTL_COVERAGE}>:${CMAKE_CURRENT_LIST_DIR}/verilated_cover.cpp>)
target_include_directories(pp_verilated_rt SYSTEM PUBLIC
  "${VERILATOR_ROOT}/include" "${VERILATOR_ROOT}/include/vltstd" "${CMAKE_CURRENT_LIST_DIR}")
target_compile_features(pp_verilated_rt PUBLIC cxx_std_20)
# What a design prints goes to stderr and can be taken by a wrapper (verilated_print.h).
target_compile_options(pp_verilated_rt PRIVATE -w -O2 -DVL_PRINTF=pp_verilated_printf
  -include "${CMAKE_CURRENT_LIST_DIR}/verilated_print.h")
# atomic: clang++ calls __atomic_is_lock_free for what g++ inlines.
target_link_libraries(pp_verilated_rt PUBLIC pp_instrumentation Threads::Threads atomic)

function(pp_verilate name)
  cmake_parse_arguments(ARG "" "TOP;PREFIX" "SOURCES;PARAMS;DEFINES" ${ARGN})
  if(NOT ARG_PREFIX)
    set(ARG_PREFIX "V${ARG_TOP}")
  endif()
  list(TRANSFORM ARG_DEFINES PREPEND "-D")
  if(ARG_TOP STREQUAL "pagepress_top")
    list(APPEND ARG_SOURCES ${PP_RTL_CHECK_SOURCES})  # both ports watched, wherever it runs
  endif()
  set(dir "${CMAKE_CURRENT_BINARY_DIR}/${name}.verilated")
  set(archive "${dir}/${ARG_PREFIX}__ALL.a")
  set(opt "-O3")
  set(flags "-std=c++20 -w")
  if(PP_NATIVE)
    string(APPEND flags " -march=native")
  endif()
  if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(opt "-O1")  # -O0 makes the RTL tests ten times as slow
  endif()
  if(PP_SANITIZE)
    string(APPEND flags " -fsanitize=${PP_SANITIZE} -fno-sanitize-recover=all")
    set(opt "-O1")
  endif()
  set(slow "-O1")
  set(cover_flags "")
  set(cover_command ${CMAKE_COMMAND} -E true)
  if(PP_RTL_COVERAGE)
    set(opt "-O1")  # many small functions: -O3 takes minutes more and gains little
    set(slow "-O0")
    # Verilator 5.006 splits processes so that a count may look at its condition after the
    # branch has changed it: taken branches would count as others.
    set(cover_flags --coverage-line -fno-split)
    if(NOT ARG_TOP STREQUAL "pagepress_top")  # toggles of a device: 80 MB of C++
      list(APPEND cover_flags --coverage-toggle --coverage-max-width ${PP_RTL_TOGGLE_WIDTH})
    endif()
    set(cover_header "${CMAKE_SOURCE_DIR}/cmake/verilated_cover.h")
    string(APPEND flags " -include ${cover_header}")
    set(cover_command find "${dir}" "(" -name "*.h" -o -name "*.cpp" ")" -exec
      sed -i "s/std::atomic<uint32_t>/pp_cover_count/g" "{}" +)
  endif()
  find_program(MAKE_BIN make REQUIRED)
  add_custom_command(
    OUTPUT "${archive}" "${dir}/${ARG_PREFIX}.h"
    COMMAND ${CMAKE_COMMAND} -E rm -rf "${dir}"
    COMMAND ${VERILATOR_BIN} --cc --top-module ${ARG_TOP} --prefix ${ARG_PREFIX} --Mdir "${dir}"
            -Wall --assert --x-assign fast --x-initial fast -O3 -I${CMAKE_SOURCE_DIR}/rtl/common
            -I${CMAKE_SOURCE_DIR}/rtl/check
            ${cover_flags} ${ARG_PARAMS} ${ARG_DEFINES} "${CMAKE_SOURCE_DIR}/rtl/lint_waivers.vlt" ${ARG_SOURCES}
    COMMAND ${cover_command}
    COMMAND ${MAKE_BIN} --no-print-directory -s -C "${dir}" -f ${ARG_PREFIX}.mk
            CXX=${CMAKE_CXX_COMPILER} AR=ar OPT_FAST=${opt} OPT_SLOW=${slow} OPT_GLOBAL=${opt}
            "CFG_CXXFLAGS_NO_UNUSED=${flags}" "CFG_CXXFLAGS_STD_NEWEST=" ${ARG_PREFIX}__ALL.a
    DEPENDS ${ARG_SOURCES} "${CMAKE_SOURCE_DIR}/rtl/lint_waivers.vlt"
            "${CMAKE_SOURCE_DIR}/rtl/common/pp_assert.svh" "${CMAKE_SOURCE_DIR}/rtl/common/pp_unit.svh"
            "${CMAKE_SOURCE_DIR}/rtl/check/pp_check.svh" ${cover_header}
    COMMENT "Verilating ${ARG_TOP} (${name})"
    VERBATIM)
  add_custom_target(${name}_gen DEPENDS "${archive}" "${dir}/${ARG_PREFIX}.h")
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_gen)
  target_include_directories(${name} SYSTEM INTERFACE "${dir}")
  target_link_libraries(${name} INTERFACE "${archive}" pp_verilated_rt)
endfunction()
