# SPDX-License-Identifier: Apache-2.0
# The protocol checkers that pp_verilate() adds to every pagepress_top: simulation only.
# Included by rtl/CMakeLists.txt.
set(PP_RTL_CHECK_SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/check/pp_axi_checker.sv
  ${CMAKE_CURRENT_LIST_DIR}/check/pp_axil_checker.sv
  ${CMAKE_CURRENT_LIST_DIR}/check/pp_bind.sv)
