"""Lists what the program is made of, as CycloneDX 1.5: python3 packaging/sbom.py > taglens.cdx.json

It takes the crates from cargo's own list for the systems in TARGETS, without those for tests and builds.
"""

import json
import subprocess

TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-pc-windows-msvc", "aarch64-apple-darwin"]


def metadata(target):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def reached(found):
    """The packages that the program is linked with, and what each of them uses."""
    nodes = {node["id"]: node for node in found["resolve"]["nodes"]}
    uses = {}
    waiting = [found["resolve"]["root"]]
    while waiting:
        package = waiting.pop()
        if package in uses:
            continue
        normal = [d["pkg"] for d in nodes[package]["deps"] if any(k["kind"] is None for k in d["dep_kinds"])]
        uses[package] = sorted(normal)
        waiting += normal
    return uses


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, kind):
    entry = {
        "type": kind,
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
    }
    if package["license"]:
        entry["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    return entry


def main():
    packages, uses = {}, {}
    for target in TARGETS:
        found = metadata(target)
        packages |= {p["id"]: p for p in found["packages"]}
        root = found["resolve"]["root"]
        for package, used in reached(found).items():
            uses[package] = sorted(set(uses.get(package, [])) | set(used))
    others = sorted((packages[p] for p in uses if p != root), key=lambda p: (p["name"], p["version"]))
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(packages[root], "application")},
        "components": [component(p, "library") for p in others],
        "dependencies": [
            {"ref": reference(packages[p]), "dependsOn": [reference(packages[u]) for u in used]}
            for p, used in sorted(uses.items())
        ],
    }
    print(json.dumps(bom, indent=2))


if __name__ == "__main__":
    main()
