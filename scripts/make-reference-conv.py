"""Writes test/golden/conv.json: convolutional kernels in multiprecision, from all P x P pairs of pixels.

    python3 scripts/make-reference-conv.py > test/golden/conv.json        (needs gmpy2 and numpy; a minute)

What reference.json has not: strides, 'valid' filters, average pooling, biases, erf, GELU, leaky ReLU, grids with odd and
unequal sides, almost equal images, pixels that are zero, alpha = 0. A row is a network (layers, or a preset and the
layers it stands for here), two images and both kernels at (x, x), (x, z), (z, z), for each of three heads.
"""
import json
import multiprocessing
import random
import sys

from gmpy2 import mpfr, sqrt

from reference_phi import ACTIVATIONS
from reference_network import head, run

HEADS = ("pixel", "trace", "pool")


def image(seed, grid, channels=2):
    """Sixteenths between -2 and 2, none of them 0."""
    rng = random.Random(seed)
    pixels = 1
    for n in grid:
        pixels *= n
    return [[rng.choice([-1, 1]) * rng.randint(1, 32) / 16 for _ in range(channels)] for _ in range(pixels)]


def grids():
    out = {}
    for name, grid in (("line7", (7,)), ("line6", (6,)), ("plane5x4", (5, 4)), ("plane6x4", (6, 4)), ("line3", (3,)), ("plane2x2", (2, 2))):
        a, b = image(f"{name} a", grid), image(f"{name} b", grid)
        near = [[v + 1e-9 * (1 if (i + c) % 2 else -1) for c, v in enumerate(pixel)] for i, pixel in enumerate(a)]
        holes = [[0.0] * len(pixel) if i in (0, 3, len(b) - 1) else pixel for i, pixel in enumerate(b)]
        out[name] = {"grid": grid, "a": a, "b": b, "near": near, "holes": holes}
    return out


IMAGES = grids()


def phi(name, scale=1, **params):
    return {"kind": "activation", "name": name, "scale": scale, "params": params}


def root2():
    """The double nearest to the square root of 2, which the preset multiplies ReLU with."""
    return float(sqrt(mpfr(2)))


RELU = phi("relu", root2())
NORMAL = {"var": 0.25, "init": "normal", "trainable": True}
FROZEN = {"var": 0.25, "init": "normal", "trainable": False}
ZERO = {"var": 0.25, "init": "zero", "trainable": True}


def conv(size, **more):
    return {"kind": "conv", "size": size, "stride": 1, "padding": "same", "weightVar": 1, "trainable": True, "bias": None, **more}


def dense(**more):
    return {"kind": "dense", "weightVar": 1, "trainable": True, "bias": None, **more}


def serial(*layers):
    return {"kind": "serial", "layers": list(layers)}


def residual(body, alpha, shortcut="identity"):
    return {"kind": "residual", "body": body, "shortcut": shortcut, "bodyScale": alpha, "shortcutScale": 1}


def barzilai(depth=3, alpha=0.5, inner=1, outer=3, padding="circular", act=RELU, bias=None, frozen=False):
    """f0 = V0 x per pixel, f_l = f_{l-1} + alpha V phi(W f_{l-1}); frozen ends keep a normal bias untrained, no other."""
    ends = {"trainable": not frozen, "bias": bias}
    if frozen and bias is not None:
        ends["bias"] = {**bias, "trainable": False} if bias["init"] == "normal" else None
    spec = {"preset": "barzilai", "depth": depth, "alpha": alpha, "innerSize": inner, "outerSize": outer}
    spec |= {"padding": padding, "activation": act, "bias": bias, "frozenEnds": frozen}
    body = serial(conv(inner, padding=padding, bias=bias), act, conv(outer, padding=padding, bias=bias))
    trunk = [conv(1, inputScale="1/d", **ends)] + [residual(body, alpha)] * depth
    return spec, trunk, dense(**ends)


def cntk(depth=3, size=3, padding="circular", act=RELU, bias=None, weight=1):
    spec = {"preset": "cntk", "depth": depth, "size": size, "padding": padding, "activation": act, "bias": bias}
    spec |= {"weightVar": weight}
    layer = conv(size, padding=padding, bias=bias, weightVar=weight)
    trunk = []
    for l in range(depth):
        trunk += [{**layer, "inputScale": "1/d"} if l == 0 else layer, act]
    return spec, trunk, dense(bias=bias, weightVar=weight)


def layers(*trunk, last=None):
    return None, list(trunk), last or dense()


LEAKY, ERF, GELU = phi("leakyRelu", 1.25, slope=0.125), phi("erf"), phi("gelu", 1.5)

ANY = {
    "barzilai": barzilai(),
    "barzilai alpha 1": barzilai(alpha=1),
    "barzilai alpha 0": barzilai(alpha=0),
    "barzilai frozen": barzilai(frozen=True),
    "barzilai inner 3 same": barzilai(inner=3, padding="same"),
    "barzilai inner 3 outer 1": barzilai(inner=3, outer=1),
    "barzilai normal bias": barzilai(bias=NORMAL, padding="same"),
    "barzilai normal bias frozen": barzilai(bias=NORMAL, frozen=True),
    "barzilai zero bias": barzilai(bias=ZERO),
    "barzilai leaky": barzilai(act=LEAKY),
    "barzilai erf": barzilai(act=ERF, padding="same"),
    "barzilai gelu": barzilai(act=GELU),
    "cntk": cntk(),
    "cntk same": cntk(padding="same"),
    "cntk size 5": cntk(size=5, padding="same"),
    "cntk erf bias": cntk(act=ERF, bias=NORMAL, weight=1.5),
    "cntk gelu": cntk(act=GELU, padding="same"),
    "cntk leaky zero bias": cntk(act=LEAKY, bias=ZERO),
    "valid": layers(conv(3, padding="valid", inputScale="1/d"), RELU, conv(1), GELU),
    "stride 2 same": layers(conv(3, stride=2, inputScale="1"), RELU, conv(3), RELU, conv(3, bias=NORMAL), ERF),
    "stride 2 circular": layers(conv(3, padding="circular", inputScale="1/d"), RELU, conv(3, stride=2, padding="circular"), RELU),
    "stride 2 valid": layers(conv(3, stride=2, padding="valid", inputScale="1/d", bias=FROZEN), RELU, conv(1, weightVar=2), RELU),
    "stride 2 residual": layers(
        conv(1, inputScale="1/d"),
        residual(serial(conv(3, stride=2), RELU, conv(3, bias=ZERO)), 0.75, conv(1, stride=2)),
        residual(serial(conv(3), RELU, conv(3)), 0.75),
    ),
}
# Sides that pooling divides.
POOLED = {
    "pool after": layers(conv(3, inputScale="1/d"), RELU, conv(3), RELU, {"kind": "pool", "size": 2}),
    "pool inside": layers(
        conv(3, padding="circular", inputScale="1/d"), RELU, {"kind": "pool", "size": 2}, conv(3, padding="circular", bias=NORMAL), GELU
    ),
    "pool residual": layers(
        conv(1, inputScale="1/d"),
        residual(serial(conv(1), RELU, conv(3)), 0.5),
        {"kind": "pool", "size": 2},
        residual(serial(conv(1), ERF, conv(3)), 0.5),
    ),
}
PAIRS = ("a b", "a near", "a holes")
# The activations that are integrated, on small signals and images.
REST = {}
for _name in ("abs", "elu", "tanh", "softplus", "silu", "sine", "sign", "hardTanh", "bumpy"):
    REST[f"barzilai {_name}"] = barzilai(2, act=ACTIVATIONS[_name].layer)
    REST[f"cntk {_name}"] = cntk(2, act=ACTIVATIONS[_name].layer)


def written(value):
    return "0" if value == 0 else "{0:.29e}".format(value)


def states(trunk, x, z):
    state = None
    for layer in trunk:
        state = run(layer, state, x, z)
    return state


def rows(task):
    grid, name, (spec, trunk, last), pair = task
    left, right = ((IMAGES[grid]["grid"], IMAGES[grid][one]) for one in pair.split())
    ends = [states(trunk, x, z) for x, z in ((left, left), (left, right), (right, right))]
    far = [n - 1 for n in ends[0].grid]
    out = []
    for read in HEADS:
        reader = {"kind": "head", "read": read, **({"at": far} if read == "pixel" else {})}
        values = []
        for end in ends:
            last_state = run(last, head(reader, end), None, None)
            values.append((last_state.xz[0][0], last_state.tangent[0][0]))
        if spec is None:
            network = serial(*trunk, reader, last)
        else:
            network = {**spec, "head": read, **({"at": far} if read == "pixel" else {})}
        out.append(
            {"name": name, "grid": grid, "pair": pair, "network": network}
            | {"nngp": [written(k) for k, _ in values]}
            | {"ntk": [None if "sign" in name else written(t) for _, t in values]}
        )
    return out


def main():
    tasks = [(grid, name, net, pair) for grid in ("line7", "plane5x4") for name, net in ANY.items() for pair in PAIRS]
    tasks += [(grid, name, net, pair) for grid in ("line6", "plane6x4") for name, net in POOLED.items() for pair in PAIRS]
    tasks += [(grid, name, net, "a b") for grid in ("line3", "plane2x2") for name, net in REST.items()]
    with multiprocessing.Pool(2) as workers:
        out = []
        for done in workers.imap(rows, tasks, chunksize=4):
            out += done
            print(len(out), done[0]["grid"], done[0]["name"], file=sys.stderr, flush=True)
    note = (
        "30-digit values made by scripts/make-reference-conv.py: nngp and ntk at (x, x), (x, z), (z, z). Images are lists "
        "of pixels, row by row, a pixel a list of channels; numbers are doubles taken exactly."
    )
    print('{\n"note": ' + json.dumps(note) + ',\n"images": {')
    print(",\n".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in IMAGES.items()))
    print('},\n"kernels": [')
    print(",\n".join(json.dumps(row) for row in out))
    print("]\n}")


if __name__ == "__main__":
    main()
