#!/bin/bash
# Make the recovered database take writes. Runs as root inside the test copy; safe to run again.
set -euo pipefail
if [ "$(cat /var/lib/erp/role 2>/dev/null || true)" = primary ]; then
  echo "already primary"
  exit 0
fi
mkdir -p /var/lib/erp
echo primary > /var/lib/erp/role
echo "promoted"
