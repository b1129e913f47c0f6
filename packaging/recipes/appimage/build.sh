#!/bin/bash
# Makes an AppImage: packaging/recipes/appimage/build.sh [PROGRAM] [FOLDER]. Needs appimagetool. Not tested.
set -euo pipefail
program=$(realpath "${1:-target/dist/taglens}")
out=$(realpath -m "${2:-target/packages}")
cd "$(dirname "$0")/../../.."
id=io.github.taglens.Taglens
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packaging/stage.sh "$program" "$work/AppDir/usr"
ln -s usr/bin/taglens "$work/AppDir/AppRun"
ln -s "usr/share/applications/$id.desktop" "$work/AppDir/$id.desktop"
cp assets/icon/taglens-256.png "$work/AppDir/$id.png"
mkdir -p "$out"
# Graphics drivers and the C library are the system's.
appimagetool "$work/AppDir" "$out/Taglens-$(uname -m).AppImage"
