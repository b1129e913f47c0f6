#!/bin/bash
# Puts the files of a Linux package below a folder, such as DIR/usr: packaging/stage.sh PROGRAM DIR/usr
# The program runs once for its manual page and completions, so it has to be for this machine.
set -euo pipefail
program=$(realpath "$1")
prefix=$2
cd "$(dirname "$0")/.."
id=io.github.taglens.Taglens

install -D -m 755 "$program" "$prefix/bin/taglens"
install -D -m 644 "packaging/linux/$id.desktop" "$prefix/share/applications/$id.desktop"
install -D -m 644 "packaging/linux/$id.metainfo.xml" "$prefix/share/metainfo/$id.metainfo.xml"
for size in 16 24 32 48 64 128 256 512; do
    install -D -m 644 "assets/icon/taglens-$size.png" "$prefix/share/icons/hicolor/${size}x$size/apps/$id.png"
done
install -D -m 644 assets/icon/taglens.svg "$prefix/share/icons/hicolor/scalable/apps/$id.svg"

# These commands write a log into the data folder of the account.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
taglens() { HOME=$home XDG_DATA_HOME=$home "$program" "$@"; }
mkdir -p "$prefix/share/man/man1" "$prefix/share/bash-completion/completions" \
    "$prefix/share/zsh/vendor-completions" "$prefix/share/fish/vendor_completions.d"
taglens man | gzip -9n >"$prefix/share/man/man1/taglens.1.gz"
taglens completions bash >"$prefix/share/bash-completion/completions/taglens"
taglens completions zsh >"$prefix/share/zsh/vendor-completions/_taglens"
taglens completions fish >"$prefix/share/fish/vendor_completions.d/taglens.fish"
chmod -R u=rwX,go=rX "$prefix"
