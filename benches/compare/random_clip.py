"""A ViT-B/32 of random weights, as a checkpoint in OpenCLIP's layout and as ONNX graphs.

Speed does not depend on what the weights are, so nothing has to be downloaded, and the graphs are
simple enough to be written down: no PyTorch is needed. `outliers` multiplies the gain of a few
channels of every layer norm by 30, as trained Transformers have it: it is what 8 bits fail on.
"""

import json

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

WIDTH, LAYERS, HEADS, PATCH, SIZE, DIMENSION = 768, 12, 12, 32, 224, 512
TEXT_WIDTH, TEXT_HEADS, CONTEXT, VOCABULARY = 512, 8, 77, 49408
OUTLIERS = 4


def blocks(tensors, random, prefix, width, outliers):
    def normal(*shape, std):
        return random.standard_normal(shape, dtype=np.float32) * np.float32(std)

    def norm(name):
        gain = 1 + normal(width, std=0.05)
        if outliers:
            gain[random.choice(width, OUTLIERS, replace=False)] *= 30
        tensors[name + ".weight"], tensors[name + ".bias"] = gain, normal(width, std=0.05)

    for i in range(LAYERS):
        at = f"{prefix}transformer.resblocks.{i}."
        norm(at + "ln_1")
        norm(at + "ln_2")
        out = width ** -0.5 * (2 * LAYERS) ** -0.5
        for name, shape, std in (("attn.in_proj_", (3 * width, width), width ** -0.5),
                                 ("attn.out_proj.", (width, width), out),
                                 ("mlp.c_fc.", (4 * width, width), (2 * width) ** -0.5),
                                 ("mlp.c_proj.", (width, 4 * width), out)):
            tensors[at + name + "weight"] = normal(*shape, std=std)
            tensors[at + name + "bias"] = normal(shape[0], std=0.02)
    norm_names = ("ln_pre", "ln_post") if prefix else ("ln_final",)
    for name in norm_names:
        tensors[f"{prefix}{name}.weight"] = 1 + normal(width, std=0.05)
        tensors[f"{prefix}{name}.bias"] = normal(width, std=0.05)


def weights(seed, outliers=False):
    random = np.random.default_rng(seed)

    def normal(*shape, std):
        return random.standard_normal(shape, dtype=np.float32) * np.float32(std)

    scale = WIDTH ** -0.5
    t = {"logit_scale": np.array(4.6052, dtype=np.float32),
         "visual.conv1.weight": normal(WIDTH, 3, PATCH, PATCH, std=(3 * PATCH * PATCH) ** -0.5),
         "visual.class_embedding": normal(WIDTH, std=scale),
         "visual.positional_embedding": normal((SIZE // PATCH) ** 2 + 1, WIDTH, std=scale),
         "visual.proj": normal(WIDTH, DIMENSION, std=scale),
         "token_embedding.weight": normal(VOCABULARY, TEXT_WIDTH, std=0.02),
         "positional_embedding": normal(CONTEXT, TEXT_WIDTH, std=0.01),
         "text_projection": normal(TEXT_WIDTH, DIMENSION, std=TEXT_WIDTH ** -0.5)}
    blocks(t, random, "visual.", WIDTH, outliers)
    blocks(t, random, "", TEXT_WIDTH, outliers)
    return t


def save_checkpoint(tensors, folder):
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "open_clip_model.safetensors")
    config = {"model_cfg": {"quick_gelu": True}}
    (folder / "open_clip_config.json").write_text(json.dumps(config) + "\n", encoding="utf-8")


class Graph:
    """Writes a graph down, node by node; every method returns the name of its result."""

    def __init__(self, tensors):
        self.tensors, self.nodes, self.constants, self.count = tensors, [], {}, 0

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants[name] = numpy_helper.from_array(np.array(value, order="C"), name)
        return name

    def ints(self, *values):
        return self.constant(np.array(values, dtype=np.int64))

    def node(self, kind, *inputs, **attributes):
        self.count += 1
        self.nodes.append(helper.make_node(kind, inputs, [f"n{self.count}"], **attributes))
        return f"n{self.count}"

    def linear(self, x, name, dot="."):
        product = self.node("MatMul", x, self.constant(self.tensors[f"{name}{dot}weight"].T))
        return self.node("Add", product, self.constant(self.tensors[f"{name}{dot}bias"]))

    def norm(self, x, name):
        gain, bias = (self.constant(self.tensors[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.node("LayerNormalization", x, gain, bias, axis=-1, epsilon=1e-5)

    def block(self, x, name, width, heads, mask):
        depth = width // heads
        qkv = self.linear(self.norm(x, name + ".ln_1"), name + ".attn.in_proj", "_")
        shape = self.ints(0, 0, 3, heads, depth)
        qkv = self.node("Transpose", self.node("Reshape", qkv, shape), perm=[2, 0, 3, 1, 4])
        q, k, v = (self.node("Gather", qkv, self.constant(np.array(i)), axis=0) for i in range(3))
        q = self.node("Mul", q, self.constant(np.float32(depth ** -0.5)))
        logits = self.node("MatMul", q, self.node("Transpose", k, perm=[0, 1, 3, 2]))
        if mask:
            logits = self.node("Add", logits, mask)
        answers = self.node("MatMul", self.node("Softmax", logits, axis=-1), v)
        answers = self.node("Reshape", self.node("Transpose", answers, perm=[0, 2, 1, 3]), self.ints(0, 0, width))
        x = self.node("Add", x, self.linear(answers, name + ".attn.out_proj"))
        hidden = self.linear(self.norm(x, name + ".ln_2"), name + ".mlp.c_fc")
        gate = self.node("Sigmoid", self.node("Mul", hidden, self.constant(np.float32(1.702))))
        return self.node("Add", x, self.linear(self.node("Mul", hidden, gate), name + ".mlp.c_proj"))

    def model(self, kind, shape, name, result):
        result = self.node("LpNormalization", result, axis=-1, p=2)
        self.nodes.append(helper.make_node("Identity", [result], ["embedding"]))
        graph = helper.make_graph(self.nodes, "clip", [helper.make_tensor_value_info(name, kind, shape)],
                                  [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", DIMENSION])],
                                  list(self.constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def image_graph(tensors):
    g = Graph(tensors)
    patches = g.node("Conv", "pixels", g.constant(tensors["visual.conv1.weight"]), strides=[PATCH, PATCH])
    x = g.node("Transpose", g.node("Reshape", patches, g.ints(0, WIDTH, -1)), perm=[0, 2, 1])
    batch = g.node("Slice", g.node("Shape", "pixels"), g.ints(0), g.ints(1))
    shape = g.node("Concat", batch, g.ints(1, WIDTH), axis=0)
    x = g.node("Concat", g.node("Expand", g.constant(tensors["visual.class_embedding"]), shape), x, axis=1)
    x = g.norm(g.node("Add", x, g.constant(tensors["visual.positional_embedding"])), "visual.ln_pre")
    for i in range(LAYERS):
        x = g.block(x, f"visual.transformer.resblocks.{i}", WIDTH, HEADS, None)
    x = g.norm(g.node("Gather", x, g.constant(np.array(0)), axis=1), "visual.ln_post")
    x = g.node("MatMul", x, g.constant(tensors["visual.proj"]))
    return g.model(TensorProto.FLOAT, ["batch", 3, SIZE, SIZE], "pixels", x)


def text_graph(tensors):
    """Takes whole contexts, as every exported CLIP does."""
    g = Graph(tensors)
    x = g.node("Gather", g.constant(tensors["token_embedding.weight"]), "ids", axis=0)
    x = g.node("Add", x, g.constant(tensors["positional_embedding"]))
    mask = g.constant(np.triu(np.full((CONTEXT, CONTEXT), -np.inf, dtype=np.float32), 1))
    for i in range(LAYERS):
        x = g.block(x, f"transformer.resblocks.{i}", TEXT_WIDTH, TEXT_HEADS, mask)
    x = g.norm(x, "ln_final")
    end = g.node("Unsqueeze", g.node("ArgMax", "ids", axis=1, keepdims=0), g.ints(1))
    x = g.node("GatherND", x, end, batch_dims=1)
    x = g.node("MatMul", x, g.constant(tensors["text_projection"]))
    return g.model(TensorProto.INT64, ["batch", CONTEXT], "ids", x)
