"""Writes test/golden/sphere.json: eigenvalues of kernels on spheres to degree 1000, with 30 digits.

    python3 scripts/make-reference-sphere.py > test/golden/sphere.json  (needs gmpy2; three minutes)

The kernel over the angle comes from reference_network.py, 66 digits throughout. It is analytic in the angle, and so is the
integrand: one Gauss-Legendre rule over [0, pi] converges geometrically. A larger rule has to agree.
"""
import json
import multiprocessing
import sys

import gmpy2
from gmpy2 import mpfr

from reference_network import PI, kernels

DEGREES = [*range(21), 50, 51, 100, 101, 200, 201, 500, 501, 999, 1000]
DIMENSIONS = [2, 3, 5, 10]
RULES = [1500, 1700]
NORMAL = {"var": 0.25, "init": "normal", "trainable": True}
ROOT = 2**0.5


def dense(**more):
    return {"kind": "dense", "weightVar": 1, "trainable": True, "bias": None, **more}


def activation(name, scale=1, **params):
    return {"kind": "activation", "name": name, "scale": scale, "params": params}


def mlp(phi, depth, **options):
    first = dense(inputScale="1", **options)
    return {"kind": "serial", "layers": [first, *[phi, dense(**options)] * depth]}


def resnet(phi, depth, alpha):
    body = {"kind": "serial", "layers": [dense(), phi, dense()]}
    block = {"kind": "residual", "body": body, "shortcut": "identity", "bodyScale": alpha, "shortcutScale": 1}
    return {"kind": "serial", "layers": [dense(inputScale="1"), *[block] * depth, dense()]}


RELU = activation("relu")
NETWORKS = [
    ("relu mlp 1", mlp(RELU, 1)),
    ("relu mlp 3", mlp(RELU, 3)),
    ("relu mlp 10", mlp(RELU, 10)),
    ("relu resnet 5, alpha 1", resnet(RELU, 5, 1)),
    ("relu resnet 5, alpha 0.25", resnet(RELU, 5, 0.25)),
    ("leaky relu mlp 2", mlp(activation("leakyRelu", slope=0.125), 2)),
    ("abs mlp 2", mlp(activation("abs"), 2)),
    ("relu mlp 2, biases", mlp(RELU, 2, bias=NORMAL)),
    ("erf mlp 2, wide weights", mlp(activation("erf"), 2, weightVar=40)),
    ("gelu mlp 2, wide weights", mlp(activation("gelu"), 2, weightVar=40)),
    ("sine mlp 1, wide weights", mlp(activation("sine"), 1, weightVar=20)),
    ("sign mlp 1", mlp(activation("sign"), 1)),
]


def legendre(n):
    """Nodes in (-1, 1) and weights."""
    nodes, weights = [], []
    for i in range(n):
        x = gmpy2.cos(PI * (i + mpfr(3) / 4) / (n + mpfr(1) / 2))
        for _ in range(6):
            before, p = mpfr(1), x
            for k in range(2, n + 1):
                before, p = p, ((2 * k - 1) * x * p - (k - 1) * before) / k
            slope = n * (x * p - before) / (x * x - 1)
            step = p / slope
            x -= step
            if abs(step) < mpfr("1e-40"):
                break
        before, p = mpfr(1), x
        for k in range(2, n + 1):
            before, p = p, ((2 * k - 1) * x * p - (k - 1) * before) / k
        slope = n * (x * p - before) / (x * x - 1)
        nodes.append(x)
        weights.append(2 / ((1 - x * x) * slope * slope))
    return nodes, weights


def values(angle):
    """Every network at one angle, in units of its value at angle 0 afterwards."""
    x, z = ((), [[mpfr(1), mpfr(0)]]), ((), [[gmpy2.cos(angle), gmpy2.sin(angle)]])
    return [kernels(layer, x, z) for _, layer in NETWORKS]


def spectra(n):
    nodes, weights = legendre(n)
    angles = [(x + 1) * PI / 2 for x in nodes]
    with multiprocessing.Pool(2) as workers:
        curves = workers.map(values, [mpfr(0), *angles], chunksize=16)
    unit, curves = curves[0], curves[1:]
    out = {}
    for d in DIMENSIONS:
        measure = [w * gmpy2.sin(t) ** (d - 2) for w, t in zip(weights, angles)]
        total = sum(measure, mpfr(0))
        cosines = [gmpy2.cos(t) for t in angles]
        p, before = [mpfr(1)] * n, [mpfr(0)] * n
        for k in range(max(DEGREES) + 1):
            if k in DEGREES:
                weighted = [m * v / total for m, v in zip(measure, p)]
                for i, (name, _) in enumerate(NETWORKS):
                    for j, kernel in enumerate(("nngp", "ntk")):
                        at_zero = unit[i][j]
                        if kernel == "ntk" and name.startswith("sign"):  # it has none
                            continue
                        moment = sum((w * c[i][j] for w, c in zip(weighted, curves)), mpfr(0)) / at_zero
                        out.setdefault((name, d, kernel), []).append(moment)
            a, b = 2 * k + d - 2, k
            c = k + d - 2 if k > 0 else 1
            if k == 0:
                p, before = [x * v for x, v in zip(cosines, p)], p
            else:
                p, before = [(a * x * v - b * u) / c for x, v, u in zip(cosines, p, before)], p
    return out


def written(value):
    return "0" if abs(value) < mpfr("1e-45") else "{0:.29e}".format(value)


def main():
    coarse, fine = [spectra(n) for n in RULES]
    for key, row in fine.items():
        for k, (u, v) in zip(DEGREES, zip(coarse[key], row)):
            if abs(u - v) > mpfr("1e-18") * abs(v) + mpfr("1e-42"):
                raise SystemExit(f"{key}, degree {k}: {u} and {v}")
    note = (
        "30-digit eigenvalues made by scripts/make-reference-sphere.py: integral operators on the unit sphere in d "
        "dimensions with the uniform probability measure, kernels divided by their value at angle 0; 0 stands for less "
        "than 1e-45."
    )
    print('{\n"note": ' + json.dumps(note) + ',\n"degrees": ' + json.dumps(DEGREES) + ',\n"networks": {')
    print(",\n".join(f"{json.dumps(name)}: {json.dumps(layer)}" for name, layer in NETWORKS))
    print('},\n"spectra": [')
    rows = [
        {"network": name, "dimension": d, "kernel": kernel, "values": [written(v) for v in row]}
        for (name, d, kernel), row in fine.items()
    ]
    print(",\n".join(json.dumps(row) for row in rows))
    print("]\n}")
    print("done", file=sys.stderr)


if __name__ == "__main__":
    main()
