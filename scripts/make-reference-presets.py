"""Writes test/golden/presets.json: kernels of every vector preset over the angle, for every activation.

    python3 scripts/make-reference-presets.py > test/golden/presets.json  (needs gmpy2 and numpy; ten minutes)

Depth 3, ReLU also 1, 10 and 100; unit vectors at a dozen angles and pairs of unequal lengths; biases of both kinds. Each
preset is written out in layers here, from its forward pass; reference_network.py evaluates those. The closed forms that
are used for speed are compared with quadrature first.
"""
import json
import math
import multiprocessing
import sys

import gmpy2
from gmpy2 import mpfr

import reference_gauss
from reference_network import dual_of, kernels
from reference_phi import ACTIVATIONS, tabulated

ANGLES = [0, 1e-6, 1e-3, 0.1, 0.5, 1, 1.5707963267948966, 2, 2.5, 3, math.pi - 1e-3, math.pi - 1e-6, math.pi]
SHORT, LONG, CROSSING = [0.25, -0.125], [1.75, 1.5], [-1.25, 2.0]
PAIRS = [([1.0, 0.0], [1.0, 0.0] if a == 0 else [math.cos(a), math.sin(a) if a < math.pi else 0.0]) for a in ANGLES]
PAIRS += [(p, q) for i, p in enumerate((SHORT, LONG, CROSSING)) for q in (SHORT, LONG, CROSSING)[i:]]

NORMAL = {"var": 0.25, "init": "normal", "trainable": True}
ZERO = {"var": 0.25, "init": "zero", "trainable": True}


def dense(**more):
    return {"kind": "dense", "weightVar": 1, "trainable": True, "bias": None, **more}


def serial(*layers):
    return {"kind": "serial", "layers": list(layers)}


def mlp(phi, depth=3, convention="jacot", bias=None, weight=1):
    spec = {"preset": "mlp", "depth": depth, "convention": convention, "activation": phi, "bias": bias, "weightVar": weight}
    hidden = dense(bias=bias, weightVar=weight)
    last = dense(**frozen(bias), weightVar=weight) if convention == "huang" else hidden
    first = {**hidden, "inputScale": "1/d" if convention == "tirer" else "1"}
    return spec, serial(first, phi, *[hidden, phi] * (depth - 1), last)


def frozen(bias):
    """A frozen layer keeps a normal bias, untrained, and has no other."""
    return {"trainable": False, "bias": {**bias, "trainable": False} if bias and bias["init"] == "normal" else None}


def resnet(preset, phi, depth=3, alpha=0.5, bias=None):
    """h0 = A x, h_l = h_(l-1) + alpha V phi(W h_(l-1)), f = v h_L; huang freezes A and v."""
    spec = {"preset": preset, "depth": depth, "activation": phi, "alpha": alpha, "bias": bias}
    ends = frozen(bias) if preset == "huang" else {"bias": bias}
    body = serial(dense(bias=bias), phi, dense(bias=bias))
    block = {"kind": "residual", "body": body, "shortcut": "identity", "bodyScale": alpha, "shortcutScale": 1}
    first = dense(**ends, inputScale="1" if preset == "huang" else "1/d")
    return spec, serial(first, {"kind": "repeat", "times": depth, "layer": block}, dense(**ends))


def unit(phi):
    """phi with the double that makes E phi^2 = 1 at variance 1."""
    active = ACTIVATIONS[phi["name"]] if "name" in phi else tabulated(phi["pieces"])
    return {**phi, "scale": float(gmpy2.sqrt(1 / reference_gauss.second(active, mpfr(1))))}


def li(phi, depth=3, strength=0.9):
    """x1 = sqrt(c) phi(W x) with c E phi^2 = 1 at variance 1; x_l = x_(l-1) + strength/depth phi(W x_(l-1))."""
    first = unit(phi)
    body = serial(dense(), {**phi, "scale": 1})
    step = {"kind": "residual", "body": body, "shortcut": "identity", "bodyScale": strength / depth, "shortcutScale": 1}
    return None, serial(dense(inputScale="1"), first, *[step] * (depth - 1), dense())


def preserving(phi):
    """The double that multiplies a homogeneous activation so that it keeps variances."""
    slope = {"relu": 0, "abs": -1}.get(phi["name"], phi["params"].get("slope"))
    return {**phi, "scale": float(gmpy2.sqrt(2 / (1 + mpfr(slope) ** 2)))}


HOMOGENEOUS = ("relu", "leakyRelu", "abs")


def networks(name):
    phi = ACTIVATIONS[name].layer
    kept = preserving(phi) if name in HOMOGENEOUS else phi
    yield "mlp jacot", *mlp(kept)
    yield "mlp huang", *mlp(kept, convention="huang")
    yield "mlp tirer", *mlp(phi, convention="tirer")
    yield "mlp li", *mlp(unit(phi), convention="li")
    yield "mlp normal bias", *mlp(kept, bias=NORMAL)
    yield "mlp zero bias", *mlp(kept, bias=ZERO)
    yield "huang", *resnet("huang", kept)
    yield "tirer", *resnet("tirer", phi)
    yield "li", *li(phi)
    if name not in ("relu", "leakyRelu", "abs", "erf", "gelu", "sine"):
        return
    yield "mlp weights 2", *mlp(phi, weight=2)
    yield "mlp huang normal bias", *mlp(kept, convention="huang", bias=NORMAL)
    yield "huang normal bias", *resnet("huang", kept, bias=NORMAL)
    yield "huang zero bias", *resnet("huang", kept, bias=ZERO)
    yield "tirer zero bias", *resnet("tirer", phi, bias=ZERO)
    yield "tirer alpha per block", *resnet("tirer", phi, alpha=[0.25, 0, 1])
    yield "huang alpha 0", *resnet("huang", kept, alpha=0)
    yield "scale", None, serial(dense(inputScale="1"), phi, {"kind": "scale", "factor": 1.5}, dense(), phi, dense())
    if name != "relu":
        return
    for depth in (1, 10, 100):
        for convention in ("jacot", "huang"):
            yield f"mlp {convention} depth {depth}", *mlp(kept, depth, convention)
        yield f"mlp normal bias depth {depth}", *mlp(kept, depth, bias=NORMAL)
        yield f"li depth {depth}", *li(phi, depth)
        for alpha in (1, 0.125):
            yield f"huang depth {depth} alpha {alpha}", *resnet("huang", kept, depth, alpha)
            yield f"tirer depth {depth} alpha {alpha}", *resnet("tirer", phi, depth, alpha)


def compared():
    """Closed forms against quadrature."""
    for name in ("relu", "leakyRelu", "abs", "erf", "gelu", "sine", "sign"):
        phi = ACTIVATIONS[name]
        for x, z in ((1.0, (0.5, 0.75)), (2.0, (-0.25, 0.125)), (0.5, (1.5, 0.001))):
            x, z = mpfr(x), (mpfr(z[0]), mpfr(z[1]))
            want = reference_gauss.pair(phi, x, z)
            got = dual_of(phi.layer).pair(x * x, z[0] ** 2 + z[1] ** 2, x * z[0])
            off = abs(dual_of(phi.layer).mean(x * x) - reference_gauss.mean(phi, x))
            for g, w in zip(got, want):
                off = max(off, abs(g - w))
            if off > 1e-30:
                raise SystemExit(f"{name}: closed form and quadrature differ by {off}")


def written(value):
    return "0" if abs(value) < mpfr("1e-40") else "{0:.29e}".format(value)


def at_pair(task):
    name, at = task
    x, z = (((), [point]) for point in PAIRS[at])
    return [tuple(written(v) for v in kernels(layer, x, z)) for _, _, layer in networks(name)]


def main():
    compared()
    print("closed forms agree with quadrature", file=sys.stderr, flush=True)
    note = (
        "30-digit values made by scripts/make-reference-presets.py: of every network the kernels at all pairs, which are "
        "unit vectors at the angles and then pairs of three vectors of unequal lengths; doubles taken exactly."
    )
    tables = []
    with multiprocessing.Pool(2) as workers:
        for name in ACTIVATIONS:
            columns = workers.map(at_pair, [(name, at) for at in range(len(PAIRS))], chunksize=1)
            for i, (family, spec, layer) in enumerate(networks(name)):
                row = {"family": family, "activation": name, "network": spec or layer}
                row["nngp"] = [column[i][0] for column in columns]
                row["ntk"] = None if name == "sign" else [column[i][1] for column in columns]
                tables.append(row)
            print(name, file=sys.stderr, flush=True)
    print('{\n"note": ' + json.dumps(note) + ',\n"angles": ' + json.dumps(ANGLES) + ',\n"pairs": [')
    print(",\n".join(json.dumps({"x": x, "z": z}) for x, z in PAIRS))
    print('],\n"kernels": [')
    print(",\n".join(json.dumps(row) for row in tables))
    print("]\n}")


if __name__ == "__main__":
    main()
