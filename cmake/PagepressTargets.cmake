# SPDX-License-Identifier: Apache-2.0
# Compiler flags and the functions that every layer declares its targets with.

set(PP_SANITIZE "" CACHE STRING "Sanitizer to build with: address, undefined, thread or empty")
option(PP_COVERAGE "Instrument for llvm-cov line coverage" OFF)

option(PP_NATIVE "Use all instructions of this machine where speed matters" ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# What all C++ of this project is compiled with. Verilated code is not ours and
# gets only pp_instrumentation (see PagepressVerilate.cmake).
add_library(pp_instrumentation INTERFACE)
if(PP_SANITIZE)
  target_compile_options(pp_instrumentation INTERFACE
    -fsanitize=${PP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(pp_instrumentation INTERFACE -fsanitize=${PP_SANITIZE})
endif()
if(PP_COVERAGE)
  target_compile_options(pp_instrumentation INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(pp_instrumentation INTERFACE -fprofile-instr-generate)
endif()

add_library(pp_flags INTERFACE)
target_compile_features(pp_flags INTERFACE cxx_std_20)
target_compile_options(pp_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror)
target_link_libraries(pp_flags INTERFACE pp_instrumentation)
# Includes are written from the top of the tree ("model/codec/codec.hpp"), so that
# a layer that looks up shows in its include lines.
target_include_directories(pp_flags INTERFACE "${CMAKE_SOURCE_DIR}")

# For what is run most. Classes of vectors must not cross from such a source to another one: the
# ABI differs.
add_library(pp_native INTERFACE)
if(PP_NATIVE)
  target_compile_options(pp_native INTERFACE -march=native)
endif()

# pp_add_library(NAME SOURCES... [LINK LIBS...])
function(pp_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC pp_flags ${ARG_LINK})
endfunction()

# pp_add_executable(NAME SOURCES... [LINK LIBS...])
function(pp_add_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE pp_flags ${ARG_LINK})
endfunction()

add_custom_target(rtl_tests)  # every binary that a test with the label rtl runs
add_custom_target(race_tests)  # likewise of the label races

# pp_add_test(NAME LABEL label SOURCES ... [LINK ...] [ARGS ...] [TIMEOUT s] [MAIN] [RACES])
# A googletest binary that runs as one CTest test. LABEL is one of unit, rtl,
# model, driver, system, guest, fuzz (design.md section 9). MAIN: the sources
# bring their own main() (sc_main, EAL set-up). RACES: has threads, so that scripts/races.sh runs
# it under ThreadSanitizer.
function(pp_add_test name)
  cmake_parse_arguments(ARG "MAIN;RACES" "LABEL;TIMEOUT" "SOURCES;LINK;ARGS" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  if(ARG_MAIN)
    set(gtest GTest::gtest GTest::gmock)
  else()
    set(gtest GTest::gtest_main GTest::gmock)
  endif()
  target_link_libraries(${name} PRIVATE pp_flags ${ARG_LINK} ${gtest})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(PP_SANITIZE OR PP_COVERAGE OR PP_RTL_COVERAGE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 5")  # instrumented or not optimised
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT})
  if(ARG_LABEL STREQUAL "rtl")
    add_dependencies(rtl_tests ${name})
  endif()
  if(ARG_RACES)
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL};races")
    add_dependencies(race_tests ${name})
  endif()
endfunction()
