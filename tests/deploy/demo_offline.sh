#!/bin/sh
# In a world without a network: install the bundle $1 into $2, run two months of the demo, verify the release.
set -eu
sh "$1/install.sh" "$2/there"
cd "$2"
"$2/there/bin/minzheng" demo --home "$2/home" --first 2024-11 --last 2024-12
"$2/there/bin/minzheng" verify "$2/home/published/latest"
