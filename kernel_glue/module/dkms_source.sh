#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes the source tree of the module as DKMS wants it.
#
#   dkms_source.sh [FOLDER]        default: /usr/src/pagepress-0.1
#   dkms install pagepress/0.1
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1-/usr/src/pagepress-0.1}
mkdir -p "$folder/rtl/abi"
cp "$source"/{*.c,*.h,Kbuild,Makefile,dkms.conf} "$folder/"
cp "$source/../../rtl/abi/pagepress_abi.h" "$folder/rtl/abi/"
