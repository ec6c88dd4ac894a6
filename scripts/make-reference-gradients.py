"""Writes test/golden/gradients.json: gradients and Hessians of kernels by an input, in multiprecision.

    python3 scripts/make-reference-gradients.py > test/golden/gradients.json      (needs mpmath; a minute)

The recursions of docs/equations.md [dense; presets] in 100 digits and central differences of step 1e-22, whose error is
some 1e-40: nothing of how the package differentiates is used. Inputs are the doubles that JSON shows, taken exactly.
"""
import json

import mpmath as mp

mp.mp.dps = 100
STEP = mp.mpf(10) ** -22


def relu(slope):
    def dual(a, b, k):
        s, size = mp.mpf(slope), mp.sqrt(a * b)
        angle = mp.acos(k / size)
        bend = (1 - s) ** 2 / 2
        kappa1 = (mp.sin(angle) + (mp.pi - angle) * mp.cos(angle)) / mp.pi
        return s * k + bend * size * kappa1, s + bend * (mp.pi - angle) / mp.pi

    return dual


def erf(a, b, k):
    area = (1 + 2 * a) * (1 + 2 * b)
    return 2 / mp.pi * mp.asin(2 * k / mp.sqrt(area)), 4 / mp.pi / mp.sqrt(area - 4 * k * k)


def gelu(a, b, k):
    p, q = 1 + a, 1 + b
    d = p * q - k * k
    over = 1 / (2 * mp.pi * mp.sqrt(d))
    f = mp.mpf(1) / 4 + mp.asin(k / mp.sqrt(p * q)) / (2 * mp.pi)
    h = 1 / p + 1 / q
    return k * f + over * (a * b + k * k * (h - 1)), f + k * over * h + k * over / d


def sine(a, b, k):
    decay = mp.exp(-(a + b) / 2)
    return decay * mp.sinh(k), decay * mp.cosh(k)


def on_diagonal(name, slope, a):
    if name == "relu":
        gain = (1 + mp.mpf(slope) ** 2) / 2
        return gain * a, gain
    return DUALS[name](0)(a, a, a)


DUALS = {"relu": relu, "erf": lambda _: erf, "gelu": lambda _: gelu, "sine": lambda _: sine}


class State:
    """K and T at (x, x), (z, z), (x, z); of T only the last."""

    def __init__(self, xx, zz, xz):
        self.xx, self.zz, self.xz, self.t = xx, zz, xz, mp.mpf(0)

    def dense(self, variance, bias):
        v, b = mp.mpf(variance), mp.mpf(bias)
        self.t = v * (self.t + self.xz) + b
        self.xx, self.zz, self.xz = v * self.xx + b, v * self.zz + b, v * self.xz + b

    def apply(self, name, scale, slope=0):
        c = mp.mpf(scale) ** 2
        s, ds = DUALS[name](slope)(self.xx, self.zz, self.xz)
        self.t *= c * ds
        self.xx = c * on_diagonal(name, slope, self.xx)[0]
        self.zz = c * on_diagonal(name, slope, self.zz)[0]
        self.xz = c * s


def kernels(row, x, z):
    inner = lambda u, v: sum(p * q for p, q in zip(u, v))
    state = State(inner(x, x), inner(z, z), inner(x, z))
    bias = row["bias"]
    state.dense(1, bias)
    for phi in row["layers"]:
        alpha = row.get("alpha")
        if alpha is None:
            state.apply(**phi)
            state.dense(row["weightVar"], bias)
            continue
        saved = (state.xx, state.zz, state.xz, state.t)
        state.dense(1, bias)
        state.apply(**phi)
        state.dense(1, bias)
        share = mp.mpf(alpha) ** 2
        state.xx, state.zz, state.xz, state.t = (
            old + share * new for old, new in zip(saved, (state.xx, state.zz, state.xz, state.t))
        )
    if "alpha" in row:
        state.dense(1, bias)
    return state.xz, state.t


def derivatives(row, x, z):
    d = len(x)
    moved = {}

    def at(*steps):
        key = tuple(sorted(steps))
        if key not in moved:
            y = list(x)
            for axis, times in steps:
                y[axis] = y[axis] + times * STEP
            moved[key] = kernels(row, y, z)
        return moved[key]

    out = []
    for which in (0, 1):
        value = at()[which]
        gradient = [(at((i, 1))[which] - at((i, -1))[which]) / (2 * STEP) for i in range(d)]
        hessian = []
        for i in range(d):
            for j in range(d):
                if i == j:
                    second = at((i, 1))[which] - 2 * value + at((i, -1))[which]
                    hessian.append(second / STEP**2)
                else:
                    corners = at((i, 1), (j, 1))[which] + at((i, -1), (j, -1))[which]
                    corners -= at((i, 1), (j, -1))[which] + at((i, -1), (j, 1))[which]
                    hessian.append(corners / (4 * STEP**2))
        out.append({"value": value, "gradient": gradient, "hessian": hessian})
    return out


def text(value):
    return [text(one) for one in value] if isinstance(value, list) else mp.nstr(value, 25)


X = [0.75, -0.5, 1.25, 0.1]
PAIRS = {
    "generic": (X, [1.0, 0.3, -0.2, 2.0]),
    "same length": (X, [-0.5, 0.75, 0.1, 1.25]),
    "near": (X, [0.7500001, -0.5000002, 1.2500001, 0.1]),
    "near, longer": (X, [1.500001, -1.0, 2.5, 0.2]),
    "near opposite": (X, [-0.75, 0.5, -1.25, -0.1001]),
    "plane": ([0.6, -1.5], [1.1, 0.4]),
    "line": ([0.75], [-1.5]),
}
RELU = {"name": "relu", "scale": 1.5}
ROWS = [
    {"name": "ReLU", "bias": 0, "weightVar": 1, "layers": [RELU] * 3},
    {"name": "leaky ReLU", "bias": 0, "weightVar": 1.5, "layers": [{"name": "relu", "scale": 1, "slope": 0.2}] * 4},
    {"name": "|u|", "bias": 0, "weightVar": 1, "layers": [{"name": "relu", "scale": 1, "slope": -1}] * 2},
    {"name": "ReLU with biases", "bias": 0.3, "weightVar": 1, "layers": [RELU] * 3},
    {"name": "erf", "bias": 0, "weightVar": 1, "layers": [{"name": "erf", "scale": 1.5}] * 3},
    {"name": "erf with biases", "bias": 0.1, "weightVar": 2, "layers": [{"name": "erf", "scale": 1.5}] * 3},
    {"name": "GELU", "bias": 0, "weightVar": 1, "layers": [{"name": "gelu", "scale": 1.5}] * 3},
    {"name": "sine", "bias": 0, "weightVar": 1, "layers": [{"name": "sine", "scale": 1.25}] * 3},
    {
        "name": "in turns",
        "bias": 0.2,
        "weightVar": 1,
        "layers": [{"name": "gelu", "scale": 1.5}, RELU, {"name": "erf", "scale": 2}, RELU],
    },
    {"name": "ResNet of ReLU", "bias": 0, "weightVar": 1, "alpha": 0.5, "layers": [RELU] * 4},
    {"name": "ResNet of GELU", "bias": 0.1, "weightVar": 1, "alpha": 0.5, "layers": [{"name": "gelu", "scale": 1.5}] * 3},
]

if __name__ == "__main__":
    cases = []
    for row in ROWS:
        for pair, (x, z) in PAIRS.items():
            if pair == "line" and row["bias"] == 0 and row["layers"][0]["name"] == "relu":
                continue  # linear on each side: nothing to see
            exact = [[mp.mpf(u) for u in side] for side in (x, z)]
            nngp, ntk = derivatives(row, *exact)
            cases.append({"network": row["name"], "pair": pair, **{
                which: {key: text(value) for key, value in one.items()} for which, one in (("nngp", nngp), ("ntk", ntk))
            }})
    print(json.dumps({"networks": ROWS, "pairs": {k: {"x": x, "z": z} for k, (x, z) in PAIRS.items()}, "cases": cases},
                     indent=1, ensure_ascii=False))
