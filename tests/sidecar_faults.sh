#!/bin/sh
# Sidecars where nothing can be written: full disk, read-only file system, no permission, a folder,
# a link to outside, a hundred megabytes, hostile XML. Each must be refused with a clear word, and
# the sidecar must stay as it was.
#
#     tests/sidecar_faults.sh [PROGRAM]
#
# PROGRAM is made from examples/sidecar_edit.rs. File systems are mounted in a mount namespace of
# their own, which needs Linux and the superuser (or user namespaces).
set -u
if [ "${INSIDE:-}" != 1 ]; then
    program=${1:-}
    if [ -z "$program" ]; then
        cargo build --quiet --example sidecar_edit || exit 1
        program=${CARGO_TARGET_DIR:-target}/debug/examples/sidecar_edit
    fi
    program=$(realpath "$program")
    if [ "$(id -u)" = 0 ]; then
        INSIDE=1 exec unshare -m "$0" "$program"
    fi
    INSIDE=1 exec unshare -rm "$0" "$program"
fi
edit=$1
work=$(mktemp -d)
mkdir "$work/disk" "$work/outside"
mount -t tmpfs -o size=256k,mode=777 none "$work/disk" || exit 1
trap 'cd /; umount "$work/disk"; rm -rf "$work"' EXIT
cd "$work/disk" || exit 1
failures=0

sidecar() {
    printf '%s' "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about=''/></rdf:RDF></x:xmpmeta>"
}

# Names, dates and content; files only, because opening a pipe waits.
state() {
    find . -ls
    find . -type f -exec cksum {} +
}

# refused WORD PHOTO [COMMAND PREFIX...]: the edit fails with the word, and no file changes.
refused() {
    word=$1 photo=$2
    shift 2
    before=$(state)
    message=$("$@" "$edit" "$photo" --add dog 2>&1)
    status=$?
    after=$(state)
    if [ $status = 0 ] || [ "$before" != "$after" ] || ! echo "$message" | grep -q "$word"; then
        echo "FAILED: $word: status $status: $message"
        failures=$((failures + 1))
    else
        echo "ok: $(echo "$message" | tail -1 | cut -c1-150)"
    fi
    rm -rf ./*
}

sidecar > a.jpg.xmp; : > a.jpg
dd if=/dev/zero of=full bs=1k 2>/dev/null
refused "disk is full" a.jpg

sidecar > a.jpg.xmp; : > a.jpg
mount -o remount,ro "$work/disk"
message=$("$edit" a.jpg --add dog 2>&1) && failures=$((failures + 1))
echo "$message" | grep -q "file system is read-only" && [ "$(sidecar)" = "$(cat a.jpg.xmp)" ] \
    && echo "ok: $(echo "$message" | tail -1)" || { echo "FAILED: read-only file system: $message"; failures=$((failures + 1)); }
mount -o remount,rw "$work/disk"
rm -rf ./*

if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null && chmod 755 "$work" \
    && setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$edit" 2> /dev/null; then
    sidecar > a.jpg.xmp; : > a.jpg; chmod 755 .
    refused "denied\|read-only" a.jpg setpriv --reuid 65534 --regid 65534 --clear-groups
    : > a.jpg
    refused "permission denied" a.jpg setpriv --reuid 65534 --regid 65534 --clear-groups
    chmod 777 .; sidecar > a.jpg.xmp; chmod 444 a.jpg.xmp; : > a.jpg
    refused "read-only" a.jpg setpriv --reuid 65534 --regid 65534 --clear-groups
fi

mkdir a.jpg.xmp; : > a.jpg
refused "a folder" a.jpg

mkfifo a.jpg.xmp; : > a.jpg
refused "a pipe" a.jpg timeout 10

sidecar > "$work/outside/a.xmp"; ln -s "$work/outside/a.xmp" a.jpg.xmp; : > a.jpg
refused "outside the photo" a.jpg
[ "$(sidecar)" = "$(cat "$work/outside/a.xmp")" ] || { echo "FAILED: written through a link"; failures=$((failures + 1)); }

truncate -s 100M a.jpg.xmp; : > a.jpg
refused "104857600 bytes" a.jpg

printf '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>' > a.jpg.xmp; : > a.jpg
refused "document type" a.jpg

i=0; while [ $i -lt 5000 ]; do printf '<a>'; i=$((i + 1)); done > a.jpg.xmp; : > a.jpg
refused "nested" a.jpg

sidecar | head -c 100 > a.jpg.xmp; : > a.jpg
refused "line 1, column" a.jpg

echo "$failures failures"
[ $failures = 0 ]
