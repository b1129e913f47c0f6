#!/bin/bash
# Makes the handbook's pictures from the real window: docs/pictures.sh [PROGRAM]
# Needs Xvfb, xdotool, scrot, ImageMagick and a Vulkan driver (mesa-vulkan-drivers will do). The photos are the
# samples that come with the program.
set -euo pipefail
program=$(realpath "${1:-target/debug/taglens}")
cd "$(dirname "$0")/.."
out=$PWD/docs/pictures
mkdir -p "$out"
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT

# The handbook is in English, whatever the language of this machine.
export LC_ALL=C.UTF-8
export HOME=$work XDG_DATA_HOME=$work/data XDG_RUNTIME_DIR=$work/run DISPLAY=:${DISPLAY_NUMBER:-83}
mkdir -p -m 700 "$work/Pictures" "$XDG_RUNTIME_DIR"
cp assets/samples/*.jpg "$work/Pictures"
"$program" index "$work/Pictures" --quiet >"$work/log" || { cat "$work/log"; exit 1; }

Xvfb "$DISPLAY" -screen 0 1280x800x24 >/dev/null 2>&1 &
for _ in $(seq 50); do xdotool getdisplaygeometry >/dev/null 2>&1 && break; sleep 0.2; done
"$program" >"$work/log" 2>&1 &
window=$(timeout 60 xdotool search --sync --onlyvisible --name '^Taglens$' | head -1)
xdotool windowmove "$window" 0 0 windowsize "$window" 1280 800 windowfocus "$window"
sleep 8

picture() { scrot --overwrite "$out/$1.png"; }
press() { xdotool key --delay 100 "$@"; sleep 3; }
click() { xdotool mousemove "$1" "$2" click 1; sleep 3; }

click 350 190 # a photo, for the inspector
picture photos
press ctrl+2
picture review
press ctrl+3
click 55 646 # a label
picture labels
press ctrl+e
picture export
press ctrl+comma
picture settings
press ctrl+1
press ctrl+shift+p
picture commands

# The moving picture of README.md: from photos to sidecars.
frames=0
frame() {
    frames=$((frames + 1))
    scrot --overwrite "$work/frame-$(printf %02d "$frames").png"
}
press Escape
click 350 190
frame
click 850 190
press a # accepts what is suggested
frame
click 350 190
press t
xdotool type --delay 60 whiskers
sleep 2
frame
press Return Escape
frame
press ctrl+f
xdotool type --delay 60 'a cup of coffee'
press Return
frame
press Escape ctrl+2
frame
press ctrl+e
frame
convert -delay 180 -loop 0 "$work"/frame-*.png -resize 860x -dither FloydSteinberg -colors 96 \
    -layers OptimizeTransparency "$out/first-hour.gif"
