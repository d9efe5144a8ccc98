# SPDX-License-Identifier: Apache-2.0
# Debian's packages that this project stands on; scripts/setup.sh installs them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

pkg_check_modules(lz4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(lzo REQUIRED IMPORTED_TARGET lzo2)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(deflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(libdpdk REQUIRED IMPORTED_TARGET libdpdk)
pkg_check_modules(systemc_pc REQUIRED IMPORTED_TARGET systemc)

# SystemC: its headers are not ours to warn about, and Debian's library exports
# only the C++17 API symbol, which C++20 code selects with SC_CPLUSPLUS.
add_library(pp_systemc INTERFACE)
target_include_directories(pp_systemc SYSTEM INTERFACE ${systemc_pc_INCLUDE_DIRS})
target_link_libraries(pp_systemc INTERFACE ${systemc_pc_LINK_LIBRARIES} Threads::Threads)
target_compile_definitions(pp_systemc INTERFACE SC_CPLUSPLUS=201703L SC_INCLUDE_DYNAMIC_PROCESSES)

# DPDK: likewise. -march=corei7 from its cflags is kept: its inline code needs it.
add_library(pp_dpdk INTERFACE)
target_include_directories(pp_dpdk SYSTEM INTERFACE ${libdpdk_INCLUDE_DIRS})
target_compile_options(pp_dpdk INTERFACE ${libdpdk_CFLAGS_OTHER})
target_link_libraries(pp_dpdk INTERFACE ${libdpdk_LINK_LIBRARIES})
# libdpdk.pc names every library of DPDK; only those in use are to be loaded.
target_link_options(pp_dpdk INTERFACE "LINKER:--as-needed")
