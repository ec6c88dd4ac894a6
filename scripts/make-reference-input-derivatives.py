"""Writes test/golden/input-derivatives.json: derivatives by an input of what make-reference-gradients.py has no closed forms for.

    python3 scripts/make-reference-input-derivatives.py > test/golden/input-derivatives.json

(needs gmpy2 and numpy; some minutes). Gradients and Hessians of networks on vectors with ELU, tanh, softplus, SiLU and
a phi
with kinks, and gradients of networks on images. The kernels are those of reference_network.py, by definition and to 30
digits, and their derivatives are differences of seven points along lines, whose error is about h^6 with h = 1e-4. Inputs
are the doubles that JSON shows, taken exactly.
"""
import json
import multiprocessing
import sys

import gmpy2
from gmpy2 import mpfr

from reference_network import kernels

STEP = mpfr(1) / 8192  # exact, so that points of different lines coincide
FIRST = {1: mpfr(3) / 4, 2: mpfr(-3) / 20, 3: mpfr(1) / 60}
SECOND = {0: mpfr(-49) / 18, 1: mpfr(3) / 2, 2: mpfr(-3) / 20, 3: mpfr(1) / 90}

BIAS = {"var": 0.25, "init": "normal", "trainable": True}


def dense(**more):
    return {"kind": "dense", "weightVar": 1, "trainable": True, "bias": None, **more}


def conv(size, **more):
    """The first one says how the data enter; see `entered`."""
    own = {"size": size, "padding": "circular", "stride": 1, "weightVar": 1, "trainable": True, "bias": None}
    return {"kind": "conv", **own, **more}


def entered(network):
    first, *rest = network["layers"]
    return serial({**first, "inputScale": "1"}, *rest)


def serial(*layers):
    return {"kind": "serial", "layers": list(layers)}


def phi(name, scale=1, **params):
    return {"kind": "activation", "name": name, "scale": scale, "params": params}


def head(read, **more):
    return {"kind": "head", "read": read, **more}


HARD = {
    "kind": "tabulated",
    "scale": 1,
    "pieces": [
        {"from": -2, "to": -1, "coefficients": [-1]},
        {"from": -1, "to": 0.5, "coefficients": [-0.25, 0.75]},
        {"from": 0.5, "to": 2, "coefficients": [0.5]},
    ],
}


def mlp(layer, bias=None):
    hidden = dense(bias=bias)
    return serial(hidden, layer, hidden, phi("erf", 1.5), hidden)


VECTORS = {
    "tanh": mlp(phi("tanh", 1.25)),
    "softplus": mlp(phi("softplus")),
    "SiLU with biases": mlp(phi("silu", 1.5), BIAS),
    "ELU": mlp(phi("elu")),
    "a clipped line with biases": mlp(HARD, BIAS),
}
PAIRS = {"in space": ([0.75, -0.5, 1.25], [1.0, 0.3, -0.2])}


def res(body, **more):
    return {"kind": "residual", "body": body, "shortcut": "identity", "bodyScale": 0.5, "shortcutScale": 1, **more}


RELU = phi("relu", 1.5)
LINE = [[[0.5, -1.25], [0.75, 0.5], [-0.25, 1.0], [1.5, 0.125]], [[0.25, 0.5], [-0.5, 1.25], [1.0, 0.75], [0.5, -0.75]]]
SQUARE = [
    [[[0.5, -0.25], [1.0, 0.75]], [[-0.5, 0.25], [0.125, 1.5]]],
    [[[0.25, 0.5], [-0.75, 1.0]], [[1.25, -0.5], [0.5, 0.375]]],
]
IMAGES = {
    "plain, trace": (serial(conv(3), RELU, conv(3), RELU, head("trace"), dense()), LINE),
    "plain, pool": (serial(conv(3), RELU, conv(3), RELU, head("pool"), dense()), LINE),
    "same padding, pixel": (
        serial(conv(3, padding="same"), RELU, conv(3, padding="same"), RELU, head("pixel", at=[1]), dense()),
        LINE,
    ),
    "valid, stride": (
        serial(conv(3, padding="valid"), phi("erf", 1.5), conv(1, stride=2, padding="same"), RELU, head("trace"), dense()),
        LINE,
    ),
    "residual, biases": (
        serial(conv(1, bias=BIAS), res(serial(conv(1, bias=BIAS), RELU, conv(3, bias=BIAS))), head("pool"), dense()),
        LINE,
    ),
    "GELU, average pooling": (
        serial(conv(3), phi("gelu", 1.5), {"kind": "pool", "size": 2}, conv(1), RELU, head("pool"), dense()),
        LINE,
    ),
    "dense layers behind the head": (
        serial(conv(3), RELU, head("pool"), dense(bias=BIAS), phi("sine"), dense()),
        LINE,
    ),
    "squares": (serial(conv(3, padding="same"), RELU, conv(3), phi("sine"), head("trace"), dense()), SQUARE),
    "ELU, pixel": (
        serial(conv(3), phi("elu"), head("pixel", at=[0]), dense()),
        [line[:3] for line in LINE],
    ),
}


def along(f, direction, second):
    """First and second derivative at 0 of f(h * direction), pairs of numbers."""
    at = {k: f([k * STEP * d for d in direction]) for k in range(-3, 4) if k or second}
    first = [sum(w * (at[k][i] - at[-k][i]) for k, w in FIRST.items()) / STEP for i in (0, 1)]
    if not second:
        return first, None
    both = lambda k, i: at[k][i] + (at[-k][i] if k else 0)
    return first, [sum(w * both(k, i) for k, w in SECOND.items()) / STEP**2 for i in (0, 1)]


def polar(f):
    """Value, gradient (k_p, k_q) and second derivatives (k_pp, k_pq, k_qq) of a pair's f(p, q), for both kernels."""
    (fp, fpp), (fq, fqq), (_, both) = [along(f, line, True) for line in ([1, 0], [0, 1], [1, 1])]
    value = f([mpfr(0), mpfr(0)])
    return [(value[i], fp[i], fq[i], fpp[i], (both[i] - fpp[i] - fqq[i]) / 2, fqq[i]) for i in (0, 1)]


def text(value):
    return [text(one) for one in value] if isinstance(value, list) else "{0:.22e}".format(value)


def vector_case(job):
    """A kernel of two vectors depends on p = x.x, q = x.z and z.z alone."""
    name, pair = job
    x, z = [[mpfr(v) for v in side] for side in PAIRS[pair]]
    dot = lambda u, v: sum(a * b for a, b in zip(u, v))
    xx, xz, zz = dot(x, x), dot(x, z), dot(z, z)

    def moved(by):
        p, q = xx + by[0], xz + by[1]
        root = gmpy2.sqrt(zz)
        along_z = q / root
        return kernels(entered(VECTORS[name]), ((), [[along_z, gmpy2.sqrt(p - along_z**2)]]), ((), [[root, mpfr(0)]]))

    out = []
    for value, kp, kq, kpp, kpq, kqq in polar(moved):
        gradient = [2 * kp * a + kq * b for a, b in zip(x, z)]
        hessian = [
            [
                2 * kp * (i == j) + 4 * kpp * a * c + 2 * kpq * (a * d + b * c) + kqq * b * d
                for j, (c, d) in enumerate(zip(x, z))
            ]
            for i, (a, b) in enumerate(zip(x, z))
        ]
        out.append({"value": value, "gradient": gradient, "hessian": hessian})
    print(name, pair, file=sys.stderr, flush=True)
    return {"network": name, "pair": pair, **named(out)}


def image_case(name):
    network, (x, z) = IMAGES[name]
    grid, left = pixels(x)
    channels = len(left[0])

    def moved(by):
        image = [[mpfr(v) + b for v, b in zip(p, by[i * channels :])] for i, p in enumerate(left)]
        return kernels(entered(network), (grid, image), pixels(z))

    size = len(left) * channels
    lines = [along(moved, [int(i == j) for j in range(size)], False)[0] for i in range(size)]
    value = moved([mpfr(0)] * size)
    both = [{"value": value[i], "gradient": [line[i] for line in lines]} for i in (0, 1)]
    print(name, file=sys.stderr, flush=True)
    return {"network": name, "x": x, "z": z, **named(both)}


def pixels(image):
    if not isinstance(image[0][0], list):
        return (len(image),), image
    return (len(image), len(image[0])), [p for row in image for p in row]


def named(both):
    return {which: {key: text(v) for key, v in one.items()} for which, one in zip(("nngp", "ntk"), both)}


if __name__ == "__main__":
    jobs = [(n, p) for n in VECTORS for p in PAIRS]
    with multiprocessing.Pool() as workers:
        made = workers.map_async(vector_case, jobs, 1)
        on_images = workers.map(image_case, IMAGES, 1)
        cases = made.get()
    networks = {**VECTORS, **{name: network for name, (network, _) in IMAGES.items()}}
    networks = {name: entered(network) for name, network in networks.items()}
    pairs = {k: {"x": x, "z": z} for k, (x, z) in PAIRS.items()}
    print(json.dumps({"networks": networks, "pairs": pairs, "cases": cases, "images": on_images}, indent=1))
