# SPDX-License-Identifier: Apache-2.0
"""python3 -m pagepress_report"""

import sys

from .cli import main

sys.exit(main())
