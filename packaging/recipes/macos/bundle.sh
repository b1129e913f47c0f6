#!/bin/bash
# Makes Taglens.app: packaging/recipes/macos/bundle.sh [PROGRAM] [FOLDER]. Not tested. To publish it, sign it with
# `codesign --options runtime` and have it notarised.
set -euo pipefail
program=$(realpath "${1:-target/dist/taglens}")
mkdir -p "${2:-target/packages}"
out=$(realpath "${2:-target/packages}")
cd "$(dirname "$0")/../../.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
contents=$out/Taglens.app/Contents
mkdir -p "$contents/MacOS" "$contents/Resources"
cp "$program" "$contents/MacOS/taglens"
cp assets/icon/taglens.icns "$contents/Resources/"
cat >"$contents/Info.plist" <<END
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>CFBundleIdentifier</key><string>io.github.taglens.Taglens</string>
<key>CFBundleName</key><string>Taglens</string>
<key>CFBundleExecutable</key><string>taglens</string>
<key>CFBundleIconFile</key><string>taglens</string>
<key>CFBundlePackageType</key><string>APPL</string>
<key>CFBundleShortVersionString</key><string>$version</string>
<key>LSMinimumSystemVersion</key><string>12.0</string>
<key>NSHighResolutionCapable</key><true/>
</dict></plist>
END
