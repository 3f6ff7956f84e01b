#!/bin/sh
# Makes .venv from uv.lock where only Python and a POSIX shell are given. `make` runs it when the lock has changed.
set -eu
cd "$(dirname "$0")/.."

# The oldest uv that was seen to accept uv.lock with --locked.
minimum_uv=0.8.0
python_wanted=${PYTHON:-python3}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/covenant

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

find_python() {
    for candidate in "$python_wanted" python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    found=$("$python_wanted" -c 'import platform; print(platform.python_version())' 2>/dev/null) || found=missing
    fail "Python 3.11 or newer is needed and $python_wanted is $found. Install one, or name it: PYTHON=/path/to/python3 make setup"
}

new_enough() {
    "$python" -c '
import re, sys
have, need = (tuple(map(int, re.search(r"\d+\.\d+\.\d+", text)[0].split("."))) for text in sys.argv[1:])
sys.exit(have < need)' "$1" "$minimum_uv" 2>/dev/null
}

# Puts the pinned uv into the user's cache, checked against the checksums in tools/uv.txt.
install_uv() {
    pinned=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' tools/uv.txt)
    home=$cache/uv-$pinned
    uv=$home/bin/uv
    if "$uv" --version >/dev/null 2>&1; then
        return
    fi
    printf 'Installing uv %s into %s\n' "$pinned" "$home" >&2
    mkdir -p "$cache" || fail "$cache can't be written; XDG_CACHE_HOME can name another folder than $(dirname "$cache")"
    staging=$(mktemp -d "$cache/.uv-XXXXXX")
    trap 'rm -rf "$staging"' EXIT
    trap 'exit 130' INT TERM
    if "$python" -m venv "$staging/venv" >/dev/null 2>&1; then
        installer=$staging/venv/bin/python
    elif "$python" -m pip --version >/dev/null 2>&1; then
        installer=$python
    else
        fail "$python has neither venv nor pip. Debian and Ubuntu have them in the package python3-venv; or install uv $minimum_uv or newer"
    fi
    "$installer" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
        --target "$staging/uv" --requirement tools/uv.txt || fail "uv $pinned can't be installed, see above"
    rm -rf "$home"
    mv "$staging/uv" "$home"
}

python=$(find_python)
uv=$(command -v uv) || uv=
if [ -z "$uv" ] || ! new_enough "$("$uv" --version 2>/dev/null)"; then
    install_uv
fi
# On a terminal uv shows how far it is; elsewhere it would list every package.
[ -t 2 ] && quiet= || quiet=--quiet
printf 'Installing the Python packages that uv.lock pins into .venv\n' >&2
"$uv" sync --locked --no-python-downloads --python "$python" ${quiet:+"$quiet"}

# The engine's build fetches Go with uv, and looks for it beside Python.
case $uv in
"$PWD"/.venv/*) ;;
*) ln -sf "$uv" .venv/bin/uv ;;
esac
