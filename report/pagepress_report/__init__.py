# SPDX-License-Identifier: Apache-2.0
"""pagepress_report: results.json in, one self-contained HTML page out.

docs/results.md defines the input. Nothing here measures or invents a figure: what
the page says is in the file, or is arithmetic on it that the page explains.
"""
