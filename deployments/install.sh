#!/bin/sh
# install.sh VENV: put requirements.lock and this checkout into a virtual environment.
#
# uv installs the same lock, hashes checked, about eight times as fast as pip. It does not read pip's
# configuration, so where it cannot reach an index, pip does the work.
set -eu
venv=$1
python="$venv/bin/python"
[ -z "${PIP_INDEX_URL:-}" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"
# A proxy with a certificate of its own is trusted where the machine trusts it.
export UV_SYSTEM_CERTS=1
export UV_LINK_MODE=copy UV_NO_PROGRESS=1 VIRTUAL_ENV="$venv"
quiet="--quiet --disable-pip-version-check --no-warn-script-location"

with_uv() {
  "$python" -m pip install $quiet --no-compile --no-deps --require-hashes -r requirements-uv.lock 2>/dev/null &&
    "$venv/bin/uv" pip install --quiet --no-deps --require-hashes -r requirements.lock &&
    "$venv/bin/uv" pip install --quiet --no-deps --no-build-isolation --editable .
}

with_pip() {
  "$python" -m pip install $quiet --no-compile --no-deps --require-hashes -r requirements.lock &&
    "$python" -m pip install $quiet --no-compile --no-deps --no-build-isolation --editable .
}

with_uv || { echo "uv could not install; pip does (this takes a minute or two)"; with_pip; }

# Where Python may not write beside its modules (PYTHONDONTWRITEBYTECODE, a read-only image), each start of each
# process would compile them anew: half of the time that `muster` takes to start. What does not compile is not for
# this Python, and nothing imports it.
"$python" -m compileall -qq -j 0 "$venv"/lib/python*/site-packages muster flows tasks || :
