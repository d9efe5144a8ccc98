# SPDX-License-Identifier: Apache-2.0
# The sources of pagepress_top without the engine, packages first. Included by
# rtl/CMakeLists.txt.
set(PP_RTL_DEVICE_SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/abi/pagepress_abi_pkg.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_queue_pkg.sv
  ${CMAKE_CURRENT_LIST_DIR}/common/pp_fifo.sv
  ${CMAKE_CURRENT_LIST_DIR}/common/pp_ram_fifo.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_axil_slave.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_error_log.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_global_regs.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_reset_ctrl.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_sqe_check.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_sq_fetch.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_dispatch.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_result.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_cq_writer.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_irq_moderator.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_queue_regs.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_queue.sv
  ${CMAKE_CURRENT_LIST_DIR}/dma/pp_axi_read.sv
  ${CMAKE_CURRENT_LIST_DIR}/dma/pp_axi_write.sv
  ${CMAKE_CURRENT_LIST_DIR}/dma/pp_burst_cutter.sv
  ${CMAKE_CURRENT_LIST_DIR}/dma/pp_page_reader.sv
  ${CMAKE_CURRENT_LIST_DIR}/dma/pp_page_writer.sv
  ${CMAKE_CURRENT_LIST_DIR}/pagepress_top.sv)
