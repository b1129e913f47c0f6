#!/bin/bash
# Makes the Debian package from a built program: packaging/deb/build.sh [PROGRAM] [FOLDER]
# LEVEL, 0 to 9, is how hard it compresses. Needs dpkg-dev. The package runs on the glibc of this machine and
# newer ones.
set -euo pipefail
program=$(realpath "${1:-target/dist/taglens}")
out=$(realpath -m "${2:-target/packages}")
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
architecture=$(dpkg --print-architecture)
maintainer="The Taglens developers <taglens@users.noreply.github.com>"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
packaging/stage.sh "$program" "$root/usr"
doc=$root/usr/share/doc/taglens
install -D -m 644 packaging/deb/copyright "$doc/copyright"
gzip -9n <resources/NOTICE.md >"$doc/NOTICE.md.gz"
gzip -9n <CHANGELOG.md >"$doc/changelog.gz"
# The date of the last commit, so that the same program makes the same package.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
printf '%s\n\n  * Release %s; changelog.gz has the changes.\n\n -- %s  %s\n' "taglens ($version-1) unstable; urgency=medium" \
    "$version" "$maintainer" "$(date -Rud "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.Debian.gz"
chmod 644 "$doc"/*

# What the program is linked with. dpkg-shlibdeps wants a source package around it.
mkdir -p "$work/debian"
printf 'Source: taglens\n\nPackage: taglens\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O -e"$root/usr/bin/taglens" 2>/dev/null |
    sed -n 's/^shlibs:Depends=//p')
# What it opens while it runs: the window's libraries and Vulkan. The command line works without them.
recommends="libx11-6, libx11-xcb1, libxcursor1, libxi6, libxrandr2, libxkbcommon0, libxkbcommon-x11-0,"
recommends+=" libwayland-client0, libwayland-cursor0, libwayland-egl1, libfontconfig1, libvulkan1,"
recommends+=" mesa-vulkan-drivers | vulkan-icd"

mkdir -p "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<END
Package: taglens
Version: $version-1
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f1)
Depends: $depends
Recommends: $recommends
Suggests: xdg-desktop-portal, fonts-noto-cjk
Section: graphics
Priority: optional
Homepage: https://github.com/taglens/taglens
Description: tags photographs with CLIP, on this machine
 Point Taglens at a folder and give it the words you care about: it tells you
 which of them each photograph shows. It runs with or without a graphics card,
 and works offline from the first start with a built-in model.
 .
 Tags become keywords in XMP sidecars, which other programs read. Photographs
 never leave the machine.
END
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)

mkdir -p "$out"
package=$out/taglens_$version-1_$architecture.deb
dpkg-deb --root-owner-group -Zxz "-z${LEVEL:-9}" --build "$root" "$package" >/dev/null
echo "$package"
