# SPDX-License-Identifier: Apache-2.0
"""The one exception that the command line turns into a message and exit code 1."""


class ReportError(Exception):
    """Bad input or output. str() is complete: it names the file or the key."""
