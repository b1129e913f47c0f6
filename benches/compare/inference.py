"""Images and texts a second through one CLIP model: Taglens, ONNX Runtime, OpenVINO.

    python3 benches/compare/inference.py [--rounds 5] [--model ViT-B-32] [--batches 1 8 32] [--plot FILE]
    python3 benches/compare/inference.py --model PE-Core-B-16 --engines "ONNX Runtime fp32" "Taglens exact"

All compute the same random weights on the same two cores with two threads; the engines take turns. The
weights are random_clip.py's; those of any other model are open_clip's (export_models.py). Prints a Markdown table of medians, each with its ratio to ONNX Runtime in 32
bits, then the cosines of the 8-bit engines to their own 32 bits. Every run is a process of its own.

With --cpu-time the rates are per second of processor time, times the cores: on a machine that others
use too they are the better guess. Needs requirements.txt and requirements-inference.txt.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median, quantiles

import environment

PEERS = {"ONNX Runtime fp32": ("ort", "fp32"), "ONNX Runtime int8": ("ort", "int8"),
         "OpenVINO fp32": ("openvino", "f32"), "OpenVINO bf16": ("openvino", "bf16"),
         "OpenVINO int8": ("openvino", "int8")}
OWN = {"Taglens exact": "exact", "Taglens fast": "fast"}
# What all others are compared with.
BASE = "ONNX Runtime fp32"
CORES = 2
# The model whose cosines are shown.
PROVED = "ViT-B-32"
# What goes into a model of random_clip.py.
CLIPS_INPUTS = {"image": 224, "context": 77, "vocabulary": 49408}


def prepare(folder, name):
    """The checkpoint and the graphs, where they are not there yet."""
    if (folder / "done").exists():
        return
    import random_clip
    if name in random_clip.MODELS:
        make(folder, random_clip.MODELS[name], name == PROVED)
    else:
        command = [sys.executable, str(environment.HERE / "export_models.py"), name, str(folder)]
        if not (folder / "inputs.json").exists():
            subprocess.run(command, check=True)
        quantise(folder, "plain", name.startswith("MobileCLIP"))
    (folder / "done").touch()


def make(folder, model, proved):
    """A model of random_clip.py."""
    import onnx
    import random_clip
    for weights, outliers in (("plain", False), ("outliers", True)):
        if outliers and not proved:
            continue
        tensors = random_clip.weights(model, 32, outliers)
        random_clip.save_checkpoint(tensors, folder / weights)
        for side, graph in (("image", random_clip.image_graph), ("text", random_clip.text_graph)):
            onnx.save(graph(tensors, model), str(folder / f"{weights}-{side}-fp32.onnx"))
        quantise(folder, weights, model.patch is None)


def quantise(folder, weights, convolutions):
    """The graphs in 8 bits; `convolutions`: the image tower is no Transformer."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    for side in ("image", "text"):
        exact, small = (str(folder / f"{weights}-{side}-{kind}.onnx") for kind in ("fp32", "int8"))
        quantize_dynamic(exact, small, weight_type=QuantType.QInt8, per_channel=True,
                         op_types_to_quantize=["MatMul", "Gemm"],
                         # Not every shape is inferred, and all of them are floats.
                         extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})
        quantise_openvino(exact, folder / f"{weights}-{side}-int8.xml", inputs(folder, side, 16),
                          convolutions and side == "image")


def quantise_openvino(exact, small, samples, convolutions):
    """Eight bits after calibration, as OpenVINO's makers advise; on what is measured, the best case."""
    import nncf
    import openvino
    kind = None if convolutions else nncf.ModelType.TRANSFORMER
    quantised = nncf.quantize(openvino.Core().read_model(exact), nncf.Dataset([x[None] for x in samples]),
                              model_type=kind, subset_size=len(samples))
    openvino.save_model(quantised, str(small), compress_to_fp16=False)


def runner(engine, kind, folder, weights, side):
    if engine == "ort":
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = CORES
        options.inter_op_num_threads = 1
        # Threads that spin while they wait would count as work in --cpu-time.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(str(folder / f"{weights}-{side}-{kind}.onnx"), options,
                                               providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        return lambda x: session.run(None, {name: x})[0]
    import openvino
    core = openvino.Core()
    file = f"{weights}-{side}-int8.xml" if kind == "int8" else f"{weights}-{side}-fp32.onnx"
    # Beside 8 bits it may choose 16 for the rest, as it does of itself.
    hint = {} if kind == "int8" else {"INFERENCE_PRECISION_HINT": kind}
    model = core.compile_model(str(folder / file), "CPU", {
        "INFERENCE_NUM_THREADS": CORES, "PERFORMANCE_HINT": "LATENCY", **hint})
    return lambda x: model(x)[model.output(0)]


def inputs(folder, side, count):
    import numpy as np
    random, file = np.random.default_rng(7), folder / "inputs.json"
    size = json.loads(file.read_text(encoding="utf-8")) if file.exists() else CLIPS_INPUTS
    if side == "image":
        return random.standard_normal((count, 3, size["image"], size["image"]), dtype=np.float32)
    ids, last = np.zeros((count, size["context"]), dtype=np.int64), size["vocabulary"] - 1
    ids[:, 0], ids[:, 1:8], ids[:, 8] = last - 1, random.integers(20, last - 1, (count, 7)), last
    return ids


def peer(engine, kind, folder, side, batch, seconds):
    """A peer's run, in a process of its own: items, seconds, seconds of processor time."""
    run, x = runner(engine, kind, folder, "plain", side), inputs(folder, side, batch)
    run(x)
    start, cpu, done = time.perf_counter(), time.process_time(), 0
    while done == 0 or time.perf_counter() - start < seconds:
        run(x)
        done += batch
    return done, time.perf_counter() - start, time.process_time() - cpu


def own(taglens, precision, folder, side, batch, seconds):
    """`device bench` does both sides for so many seconds each; it warms up by itself."""
    command = [taglens, "device", "bench", "--model", str(folder / "plain"), "--device", "cpu", "--precision", precision,
               "--batch", str(batch), "--seconds", str(seconds), "--format", "json"]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result["images_per_second" if side == "image" else "text_per_second"]


def cosines(folder):
    import numpy as np
    x = inputs(folder, "image", 16)
    for weights in ("plain", "outliers"):
        exact = runner("ort", "fp32", folder, weights, "image")(x)
        for name, (engine, kind) in PEERS.items():
            if kind in ("int8", "bf16"):
                got = runner(engine, kind, folder, weights, "image")(x)
                cosine = (got * exact).sum(axis=1) / np.linalg.norm(got, axis=1) / np.linalg.norm(exact, axis=1)
                print(f"{name}, {weights} weights: cosine to 32 bits {cosine.mean():.5f}, worst {cosine.min():.5f}")


def plot(file, model, cases, rates):
    """A group of bars for each case, each as long as its ratio to ONNX Runtime in 32 bits."""
    names = sorted({name for name, *_ in rates}, key=[*OWN, *PEERS].index)
    colours = ["#1b6ca8", "#58a6d6", "#9a9a9a", "#6e6e6e", "#c2b280", "#b08d57", "#8c6d31"]
    ratio = {(name, case): rates[name, *case] / rates[BASE, *case] for name in names for case in cases}
    height, step = 16, len(names) * 16 + 36
    # One case that is far ahead would flatten all others.
    most = max(min(value, 4) for value in ratio.values())
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{30 + step * len(cases)}" '
             'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    for i, (side, batch) in enumerate(cases):
        top = 24 + i * step
        lines.append(f'<text x="10" y="{top}" font-weight="bold">{model}, {side}s, batch {batch}</text>')
        for j, name in enumerate(names):
            y, value = top + 8 + j * height, ratio[name, (side, batch)]
            length = 430 * min(value, most) / most
            lines.append(f'<text x="150" y="{y + 11}" text-anchor="end">{name}</text>'
                         f'<rect x="156" y="{y}" width="{length:.0f}" height="{height - 3}" fill="{colours[j]}"/>'
                         f'<text x="{162 + length:.0f}" y="{y + 11}">{value:.2f}× '
                         f'({rates[name, side, batch]:.1f}/s)</text>')
    file.write_text("\n".join([*lines, "</svg>", ""]), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--model", default=PROVED)
    parser.add_argument("--engines", nargs="*", choices=[*OWN, *PEERS], default=[*OWN, *PEERS])
    parser.add_argument("--no-text", action="store_true", help="images only")
    parser.add_argument("--plot", type=Path, help="a picture of the table (SVG)")
    parser.add_argument("--batches", type=int, nargs="*", default=[1, 8, 32])
    parser.add_argument("--taglens", default=str(environment.ROOT / "target" / "release" / "taglens"))
    parser.add_argument("--work", type=Path, default=environment.WORK / "inference")
    parser.add_argument("--cpu-time", action="store_true")
    parser.add_argument("--no-environment", action="store_true", help="the packages are there already")
    parser.add_argument("--peer", nargs=4, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.engines = sorted({BASE, *chosen.engines}, key=[*PEERS, *OWN].index)
    if not chosen.no_environment:
        environment.enter("requirements.txt", "requirements-inference.txt", cores=CORES)
    environment.limit_to(CORES)
    if chosen.peer:
        engine, kind, side, batch = chosen.peer
        print(json.dumps(peer(engine, kind, chosen.work, side, int(batch), chosen.seconds)))
        return
    if chosen.model not in chosen.work.name:
        chosen.work = chosen.work / chosen.model
    chosen.work.mkdir(parents=True, exist_ok=True)
    prepare(chosen.work, chosen.model)
    cases = [("image", batch) for batch in chosen.batches] + [("text", 32)] * (not chosen.no_text)
    rates = {}
    for _ in range(chosen.rounds):
        for side, batch in cases:
            for name, (engine, kind) in PEERS.items():
                if name not in chosen.engines:
                    continue
                command = [sys.executable, __file__, "--no-environment", "--work", str(chosen.work), "--seconds",
                           str(chosen.seconds), "--peer", engine, kind, side, str(batch)]
                out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                done, wall, cpu = json.loads(out.splitlines()[-1])
                rate = done / cpu * CORES if chosen.cpu_time else done / wall
                rates.setdefault((name, side, batch), []).append(rate)
            for name, precision in OWN.items():
                if name not in chosen.engines:
                    continue
                before = os.times()
                rate = own(chosen.taglens, precision, chosen.work, side, batch, chosen.seconds)
                if chosen.cpu_time:
                    # Start-up and the other side are in it: the wall's rate, by how much of the two
                    # cores the process had.
                    after = os.times()
                    used = (after.children_user + after.children_system - before.children_user
                            - before.children_system) / (after.elapsed - before.elapsed)
                    rate *= CORES / used
                rates.setdefault((name, side, batch), []).append(rate)
    print("| engine | " + " | ".join(f"{side}s/s, batch {batch}" for side, batch in cases) + " |")
    print("|---|" + "---|" * len(cases))
    for name in [*OWN, *PEERS]:
        if name not in chosen.engines:
            continue
        cells = []
        for case in cases:
            values = rates[name, *case]
            # Engines that are measured in one round see the same machine: ratios are taken there.
            ratios = [a / b for a, b in zip(values, rates[BASE, *case])]
            spread = f", {quantiles(ratios)[0]:.2f}–{quantiles(ratios)[2]:.2f}" if len(ratios) > 4 and name != BASE else ""
            cells.append(f"{median(values):.1f} ({median(ratios):.2f}×{spread})")
        print(f"| {name} | " + " | ".join(cells) + " |")
    if chosen.plot:
        plot(chosen.plot, chosen.model, cases, {key: median(values) for key, values in rates.items()})
    if chosen.model == PROVED:
        cosines(chosen.work)


if __name__ == "__main__":
    main()
