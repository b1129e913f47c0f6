"""The two ways of embedding a folder that Taglens is measured beside; started by end_to_end.py.

    engines.py pillow-fp32 MODEL.onnx FOLDER
        rclip's way: photos in batches of 8, decoded whole by Pillow one after the other, scaled
        as CLIP's own transform does it, then the batch through ONNX Runtime in 32 bits.
    engines.py pillow-fp32-pool MODEL.onnx FOLDER
        The same with two decoding threads.
    engines.py draft-int8 MODEL.onnx FOLDER
        The quickest that Python can do without further libraries: two threads decode with
        Pillow's draft mode (libjpeg scales while it decodes) to at least twice the model's input,
        then the batch goes through the quantised model.
    engines.py draft-openvino MODEL.xml FOLDER
        The same with OpenVINO's quantised model.

Decoding and inference take turns, each with all the cores: with two of them that is quicker than
letting four threads fight over two cores. Prints one JSON object: photos, dimension, and a sum
over the embeddings that shows they were computed.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

BATCH = 8
THREADS = 2
SIZE = 224
DRAFT = 2 * SIZE
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], dtype=np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], dtype=np.float32)
PICTURES = {".jpg", ".jpeg", ".jpe", ".jfif", ".png"}


def files_below(folder):
    return sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in PICTURES)


def square(path, draft=False):
    """What CLIP's transform makes of a photo: shorter side to 224, bicubic, the middle."""
    with Image.open(path) as image:
        if draft:
            image.draft("RGB", (DRAFT, DRAFT))
        image = ImageOps.exif_transpose(image).convert("RGB")
    width, height = image.size
    scaled = (SIZE, SIZE * height // width) if width <= height else (SIZE * width // height, SIZE)
    image = image.resize(scaled, Image.Resampling.BICUBIC)
    left, top = round((scaled[0] - SIZE) / 2), round((scaled[1] - SIZE) / 2)
    return np.asarray(image.crop((left, top, left + SIZE, top + SIZE)))


def drafted(path):
    return square(path, draft=True)


def normalised(squares):
    pixels = np.stack(squares).astype(np.float32) / 255
    return np.ascontiguousarray(((pixels - MEAN) / STD).transpose(0, 3, 1, 2))


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def openvino_model(path):
    import openvino
    model = openvino.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY"})
    return lambda x: model(x)[model.output(0)]


def embeddings(model, files, decode, map_over=map):
    """One row a file, in order; batches as rclip makes them."""
    if model.endswith(".xml"):
        run = openvino_model(model)
    else:
        started = session(model)
        run = lambda x: started.run(None, {"pixels": x})[0]
    rows = []
    for start in range(0, len(files), BATCH):
        squares = list(map_over(decode, files[start:start + BATCH]))
        rows.append(run(normalised(squares)))
    return np.concatenate(rows) if rows else np.zeros((0, 0), dtype=np.float32)


def main():
    way, model, folder = sys.argv[1:]
    files = files_below(folder)
    with ThreadPoolExecutor(THREADS) as pool:
        if way == "pillow-fp32":
            result = embeddings(model, files, square)
        elif way == "pillow-fp32-pool":
            result = embeddings(model, files, square, pool.map)
        elif way in ("draft-int8", "draft-openvino"):
            result = embeddings(model, files, drafted, pool.map)
        else:
            sys.exit(__doc__)
    print(json.dumps({"photos": len(result), "dimension": result.shape[1], "sum": float(result.sum())}))


if __name__ == "__main__":
    main()
