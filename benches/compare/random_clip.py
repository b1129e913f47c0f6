"""CLIP models of random weights, as checkpoints in OpenCLIP's layout and as ONNX graphs.

Speed does not depend on what the weights are, so nothing has to be downloaded, and the graphs are
simple enough to be written down: no PyTorch is needed. `outliers` multiplies the gain of a few
channels of every layer norm by 30, as trained Transformers have it: it is what 8 bits fail on.
"""

import json
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

SIZE, CONTEXT, VOCABULARY, TEXT_LAYERS = 224, 77, 49408, 12
OUTLIERS = 4


@dataclass(frozen=True)
class Model:
    """`layers` is a number for a ViT, and blocks by stage for a ModifiedResNet, which has no patch."""
    width: int
    layers: int | tuple
    heads: int
    patch: int | None
    dimension: int
    text_width: int
    text_heads: int


MODELS = {
    "ViT-B-32": Model(768, 12, 12, 32, 512, 512, 8),
    "ViT-B-16": Model(768, 12, 12, 16, 512, 512, 8),
    "ViT-L-14": Model(1024, 24, 16, 14, 768, 768, 12),
    "RN50": Model(64, (3, 4, 6, 3), 32, None, 1024, 512, 8),
}


def blocks(tensors, random, prefix, width, layers, outliers):
    def normal(*shape, std):
        return random.standard_normal(shape, dtype=np.float32) * np.float32(std)

    def norm(name):
        gain = 1 + normal(width, std=0.05)
        if outliers:
            gain[random.choice(width, OUTLIERS, replace=False)] *= 30
        tensors[name + ".weight"], tensors[name + ".bias"] = gain, normal(width, std=0.05)

    for i in range(layers):
        at = f"{prefix}transformer.resblocks.{i}."
        norm(at + "ln_1")
        norm(at + "ln_2")
        out = width ** -0.5 * (2 * layers) ** -0.5
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


def weights(model, seed, outliers=False):
    random = np.random.default_rng(seed)

    def normal(*shape, std):
        return random.standard_normal(shape, dtype=np.float32) * np.float32(std)

    t = {"logit_scale": np.array(4.6052, dtype=np.float32),
         "token_embedding.weight": normal(VOCABULARY, model.text_width, std=0.02),
         "positional_embedding": normal(CONTEXT, model.text_width, std=0.01),
         "text_projection": normal(model.text_width, model.dimension, std=model.text_width ** -0.5)}
    if model.patch is None:
        resnet(t, normal, model)
    else:
        scale = model.width ** -0.5
        patch, tokens = model.patch, (SIZE // model.patch) ** 2 + 1
        t |= {"visual.conv1.weight": normal(model.width, 3, patch, patch, std=(3 * patch * patch) ** -0.5),
              "visual.class_embedding": normal(model.width, std=scale),
              "visual.positional_embedding": normal(tokens, model.width, std=scale),
              "visual.proj": normal(model.width, model.dimension, std=scale)}
        blocks(t, random, "visual.", model.width, model.layers, outliers)
    blocks(t, random, "", model.text_width, TEXT_LAYERS, outliers)
    return t


def bottlenecks(model):
    """Name, channels in, planes and stride of each block."""
    inputs = model.width
    for stage, count in enumerate(model.layers):
        planes = model.width << stage
        for i in range(count):
            yield f"visual.layer{stage + 1}.{i}", inputs, planes, 2 if stage > 0 and i == 0 else 1
            inputs = 4 * planes


def resnet(t, normal, model):
    def conv(name, norm, inputs, outputs, kernel):
        t[f"{name}.weight"] = normal(outputs, inputs, kernel, kernel, std=(2 / (inputs * kernel ** 2)) ** 0.5)
        t[f"{norm}.weight"] = 1 + normal(outputs, std=0.05)
        for part in ("bias", "running_mean"):
            t[f"{norm}.{part}"] = normal(outputs, std=0.05)
        t[f"{norm}.running_var"] = 1 + np.abs(normal(outputs, std=0.05))

    half = model.width // 2
    for i, (inputs, outputs) in enumerate(((3, half), (half, half), (half, model.width)), 1):
        conv(f"visual.conv{i}", f"visual.bn{i}", inputs, outputs, 3)
    for name, inputs, planes, stride in bottlenecks(model):
        conv(f"{name}.conv1", f"{name}.bn1", inputs, planes, 1)
        conv(f"{name}.conv2", f"{name}.bn2", planes, planes, 3)
        conv(f"{name}.conv3", f"{name}.bn3", planes, 4 * planes, 1)
        # Added up block after block, features would grow without end.
        t[f"{name}.bn3.weight"] *= np.float32(0.3)
        if inputs != 4 * planes:
            conv(f"{name}.downsample.0", f"{name}.downsample.1", inputs, 4 * planes, 1)
    width = 32 * model.width
    t["visual.attnpool.positional_embedding"] = normal((SIZE // 32) ** 2 + 1, width, std=width ** -0.5)
    for part in "qkvc":
        outputs = model.dimension if part == "c" else width
        t[f"visual.attnpool.{part}_proj.weight"] = normal(outputs, width, std=width ** -0.5)
        t[f"visual.attnpool.{part}_proj.bias"] = normal(outputs, std=0.02)


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

    def conv(self, x, name, norm, **attributes):
        x = self.node("Conv", x, self.constant(self.tensors[f"{name}.weight"]), **attributes)
        parts = (self.constant(self.tensors[f"{norm}.{part}"])
                 for part in ("weight", "bias", "running_mean", "running_var"))
        return self.node("BatchNormalization", x, *parts, epsilon=1e-5)

    def model(self, kind, shape, name, result, dimension):
        result = self.node("LpNormalization", result, axis=-1, p=2)
        self.nodes.append(helper.make_node("Identity", [result], ["embedding"]))
        graph = helper.make_graph(self.nodes, "clip", [helper.make_tensor_value_info(name, kind, shape)],
                                  [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", dimension])],
                                  list(self.constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def image_graph(tensors, model):
    g = Graph(tensors)
    x = resnet_features(g, model) if model.patch is None else vit_features(g, model)
    return g.model(TensorProto.FLOAT, ["batch", 3, SIZE, SIZE], "pixels", x, model.dimension)


def vit_features(g, model):
    tensors, width = g.tensors, model.width
    patches = g.node("Conv", "pixels", g.constant(tensors["visual.conv1.weight"]), strides=[model.patch] * 2)
    x = g.node("Transpose", g.node("Reshape", patches, g.ints(0, width, -1)), perm=[0, 2, 1])
    batch = g.node("Slice", g.node("Shape", "pixels"), g.ints(0), g.ints(1))
    shape = g.node("Concat", batch, g.ints(1, width), axis=0)
    x = g.node("Concat", g.node("Expand", g.constant(tensors["visual.class_embedding"]), shape), x, axis=1)
    x = g.norm(g.node("Add", x, g.constant(tensors["visual.positional_embedding"])), "visual.ln_pre")
    for i in range(model.layers):
        x = g.block(x, f"visual.transformer.resblocks.{i}", width, model.heads, None)
    x = g.norm(g.node("Gather", x, g.constant(np.array(0)), axis=1), "visual.ln_post")
    return g.node("MatMul", x, g.constant(tensors["visual.proj"]))


def resnet_features(g, model):
    def pool(x, size):
        return g.node("AveragePool", x, kernel_shape=[size] * 2, strides=[size] * 2)

    x = "pixels"
    for i, stride in ((1, 2), (2, 1), (3, 1)):
        x = g.conv(x, f"visual.conv{i}", f"visual.bn{i}", strides=[stride] * 2, pads=[1] * 4)
        x = g.node("Relu", x)
    x = pool(x, 2)
    for name, inputs, planes, stride in bottlenecks(model):
        y = g.node("Relu", g.conv(x, f"{name}.conv1", f"{name}.bn1"))
        y = g.node("Relu", g.conv(y, f"{name}.conv2", f"{name}.bn2", pads=[1] * 4))
        y = g.conv(pool(y, stride) if stride > 1 else y, f"{name}.conv3", f"{name}.bn3")
        if inputs != 4 * planes:
            x = g.conv(pool(x, stride) if stride > 1 else x, f"{name}.downsample.0", f"{name}.downsample.1")
        x = g.node("Relu", g.node("Add", x, y))
    width, heads = 32 * model.width, model.heads
    x = g.node("Transpose", g.node("Reshape", x, g.ints(0, width, -1)), perm=[0, 2, 1])
    x = g.node("Concat", g.node("ReduceMean", x, axes=[1], keepdims=1), x, axis=1)
    x = g.node("Add", x, g.constant(g.tensors["visual.attnpool.positional_embedding"]))

    def project(x, part):
        x = g.linear(x, f"visual.attnpool.{part}_proj")
        return g.node("Transpose", g.node("Reshape", x, g.ints(0, -1, heads, width // heads)), perm=[0, 2, 1, 3])

    mean = g.node("Slice", x, g.ints(0), g.ints(1), g.ints(1))
    q = g.node("Mul", project(mean, "q"), g.constant(np.float32((width // heads) ** -0.5)))
    logits = g.node("MatMul", q, g.node("Transpose", project(x, "k"), perm=[0, 1, 3, 2]))
    x = g.node("MatMul", g.node("Softmax", logits, axis=-1), project(x, "v"))
    return g.linear(g.node("Reshape", x, g.ints(0, -1)), "visual.attnpool.c_proj")


def text_graph(tensors, model):
    """Takes whole contexts, as every exported CLIP does."""
    g = Graph(tensors)
    x = g.node("Gather", g.constant(tensors["token_embedding.weight"]), "ids", axis=0)
    x = g.node("Add", x, g.constant(tensors["positional_embedding"]))
    mask = g.constant(np.triu(np.full((CONTEXT, CONTEXT), -np.inf, dtype=np.float32), 1))
    for i in range(TEXT_LAYERS):
        x = g.block(x, f"transformer.resblocks.{i}", model.text_width, model.text_heads, mask)
    x = g.norm(x, "ln_final")
    end = g.node("Unsqueeze", g.node("ArgMax", "ids", axis=1, keepdims=0), g.ints(1))
    x = g.node("GatherND", x, end, batch_dims=1)
    x = g.node("MatMul", x, g.constant(tensors["text_projection"]))
    return g.model(TensorProto.INT64, ["batch", CONTEXT], "ids", x, model.dimension)
