# SPDX-License-Identifier: Apache-2.0
# The sources of pagepress_top without the engines, packages first. Included by
# rtl/CMakeLists.txt.
set(PP_RTL_DEVICE_SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/abi/pagepress_abi_pkg.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_lz_pkg.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_queue_pkg.sv
  ${CMAKE_CURRENT_LIST_DIR}/common/pp_fifo.sv
  ${CMAKE_CURRENT_LIST_DIR}/common/pp_ram_fifo.sv
  ${CMAKE_CURRENT_LIST_DIR}/common/pp_arbiter.sv
  ${CMAKE_CURRENT_LIST_DIR}/common/pp_byte_queue.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_axil_slave.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_error_log.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_inject.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_global_regs.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_event_counts.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_counter_ram.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_counter_select.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_counters.sv
  ${CMAKE_CURRENT_LIST_DIR}/regs/pp_reset_ctrl.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_sqe_check.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_sq_fetch.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_queue_regs.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_queues.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_scheduler.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_unit_table.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_cq_writer.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_core.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_irq_moderator.sv
  ${CMAKE_CURRENT_LIST_DIR}/queue/pp_interrupts.sv
  ${CMAKE_CURRENT_LIST_DIR}/dma/pp_axi_read.sv
  ${CMAKE_CURRENT_LIST_DIR}/dma/pp_axi_write.sv
  ${CMAKE_CURRENT_LIST_DIR}/dma/pp_burst_cutter.sv
  ${CMAKE_CURRENT_LIST_DIR}/dma/pp_unit_reader.sv
  ${CMAKE_CURRENT_LIST_DIR}/dma/pp_unit_writer.sv
  ${CMAKE_CURRENT_LIST_DIR}/channel/pp_channel.sv
  ${CMAKE_CURRENT_LIST_DIR}/pagepress_top.sv)
