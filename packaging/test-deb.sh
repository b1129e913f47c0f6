#!/bin/bash
# Installs the Debian package on fresh systems, uses it and removes it again:
#   packaging/test-deb.sh PACKAGE PHOTO [SUITE…]       (by default bookworm and trixie)
# Needs root, debootstrap, and a mirror: MIRROR=URL, or else the one that apt uses here. It keeps the bare
# systems in CHROOTS (by default target/chroots). Screenshots go to target/packages.
set -euo pipefail
package=$(realpath "$1")
photo=$(realpath "$2")
shift 2
[ $# -gt 0 ] || set -- bookworm trixie
cd "$(dirname "$0")/.."
chroots=$(realpath -m "${CHROOTS:-target/chroots}")
pictures=$PWD/target/packages
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' | sed -n 's/ Debian$//p' | head -1)}
mkdir -p "$chroots" "$pictures"

failed() { echo "test-deb: $suite: $*" >&2; exit 1; }
leave() { for folder in proc dev/shm dev sys; do umount -l "$root/$folder" 2>/dev/null || true; done; }
inside() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LANG=C.UTF-8 HOME="${who:-/root}" \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" chroot "$root" "$@"
}
# All files but those of apt, dpkg and caches that every installation changes.
files() {
    (cd "$root" && find etc home opt root usr var -xdev \( -path var/lib/apt -o -path var/lib/dpkg -o -path var/cache \
        -o -path var/log -o -path home/person \) -prune -o \( -type f -o -type l \) -print) | sort
}

bare() {
    local base=$chroots/$suite.tar
    if [ ! -e "$base" ]; then
        debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$chroots/$suite.log" 2>&1 ||
            failed "debootstrap failed, see $chroots/$suite.log"
        tar -C "$root" --one-file-system -cf "$base.part" . && mv "$base.part" "$base"
    else
        mkdir -p "$root" && tar -C "$root" -xf "$base"
    fi
    cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
    cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
}

# What the person does, as the account `person`.
use_it() {
    cp "$photo" "$root/home/person/photos/photo.jpg"
    chown -R 1000:1000 "$root/home/person"
    cat >"$root/tmp/use.sh" <<'END'
set -eu
fail() { echo "$*" >&2; exit 1; }
taglens --version
taglens tag ~/photos --top 1 2>/tmp/noise | tee /tmp/tags
grep -q '"state":"accepted"' /tmp/tags || fail "no tags"
[ ! -s /tmp/noise ] || { cat /tmp/noise >&2; fail "tag complains"; }
man -P cat taglens 2>/dev/null | grep -q 'TAGLENS TAG' || fail "no manual page"
bash -c '. /usr/share/bash-completion/bash_completion; . /usr/share/bash-completion/completions/taglens
    COMP_WORDS=(taglens voc); COMP_CWORD=1; _taglens taglens voc taglens; printf "%s\n" "${COMPREPLY[@]}"' |
    grep -qx vocabulary || fail "bash does not complete"
desktop-file-validate /usr/share/applications/io.github.taglens.Taglens.desktop || fail "desktop entry"
[ -s /usr/share/icons/hicolor/256x256/apps/io.github.taglens.Taglens.png ] || fail "no icon"
XDG_RUNTIME_DIR=$(mktemp -d); export XDG_RUNTIME_DIR
Xvfb :77 -screen 0 1280x800x24 >/dev/null 2>&1 & server=$!
export DISPLAY=:77
for _ in $(seq 50); do xdotool getdisplaygeometry >/dev/null 2>&1 && break; sleep 0.2; done
taglens ~/photos 2>/tmp/window.log & window=$!
sleep "${WINDOW_SECONDS:-12}"
kill -0 $window || { cat /tmp/window.log >&2; fail "the window has ended"; }
xdotool search --name Taglens >/dev/null || fail "no window called Taglens"
scrot /tmp/window.png
# An X server without a window shows one colour.
colours=$(identify -format %k /tmp/window.png)
[ "$colours" -gt 500 ] || fail "the window is empty: $colours colours"
kill $window; wait $window 2>/dev/null || true
kill $server
taglens decide accept cat ~/photos/photo.jpg --quiet
END
    who=/home/person inside runuser -u person -- env HOME=/home/person sh /tmp/use.sh || failed "see above"
    cp "$root/tmp/window.png" "$pictures/window-$suite.png"
}

try() {
    root=$(mktemp -d "$chroots/$suite.XXXXXX")
    trap 'leave; rm -rf --one-file-system "$root"' EXIT
    bare
    # Manual pages are left out of minimal systems by dpkg's settings in some images, never here.
    inside apt-get update -qq
    inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        man-db bash-completion desktop-file-utils xvfb xdotool scrot imagemagick >/dev/null 2>&1
    inside useradd --create-home --uid 1000 person
    mkdir -p "$root/home/person/photos"
    cp "$package" "$root/tmp/taglens.deb"
    # First what the package brings with it, then the package alone, so that only its own files count.
    local wanted
    wanted=$(dpkg-deb --field "$package" Depends Recommends | sed 's/^[A-Za-z]*: //; s/|[^,]*//g; s/([^)]*)//g' | tr ',\n' '  ')
    # shellcheck disable=SC2086
    inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $wanted >/dev/null 2>&1 ||
        failed "what the package recommends cannot be installed: $wanted"
    files >"$root/tmp/before"
    inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq /tmp/taglens.deb >/dev/null 2>&1 ||
        failed "the package cannot be installed"
    use_it
    inside env DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq taglens >/dev/null 2>&1
    files >"$root/tmp/after"
    diff "$root/tmp/before" "$root/tmp/after" || failed "removing the package left or took files"
    [ -s "$root/home/person/.local/share/taglens/library.sqlite" ] || failed "the person's library is gone"
    leave
    rm -rf --one-file-system "$root"
    trap - EXIT
    echo "$suite: installed, used and removed"
}

for suite in "$@"; do
    (try)
done
