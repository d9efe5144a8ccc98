# SPDX-License-Identifier: Apache-2.0
# The engine's sources, packages first. Included by rtl/CMakeLists.txt.
set(PP_RTL_ENGINE_SOURCES
  ${CMAKE_CURRENT_LIST_DIR}/abi/pagepress_abi_pkg.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_lz_pkg.sv
  ${CMAKE_CURRENT_LIST_DIR}/common/pp_fifo.sv
  ${CMAKE_CURRENT_LIST_DIR}/common/pp_first_set.sv
  ${CMAKE_CURRENT_LIST_DIR}/common/pp_crc32c.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_page_ram.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_hash_table.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_near_match.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_lz_candidates.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_lz_follow.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_lz_resolve.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_lz_parse_table.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_lz_parser.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_lz_sequence_builder.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz/pp_match_finder.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz4/pp_lz4_sequencer.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz4/pp_lz4_encoder.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz4/pp_lz4_decode_pkg.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz4/pp_lz4_history.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz4/pp_lz4_parser.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz4/pp_lz4_decoder.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz4/pp_lz4_decode_feed.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz4/pp_lz4_decompressor.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz4/pp_lz4_verifier.sv
  ${CMAKE_CURRENT_LIST_DIR}/lz4/pp_lz4_compressor.sv)
