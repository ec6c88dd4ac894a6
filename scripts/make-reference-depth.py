"""Writes test/golden/depth.json: kernels where digits are hardest to keep, in multiprecision.

    python3 scripts/make-reference-depth.py > test/golden/depth.json      (needs mpmath; four minutes)

Depth 10,000, inputs that are almost equal or almost opposite after a thousand layers, smooth activations at variances
far apart. The recursions are those of docs/equations.md [dense; presets], run in so many digits that the cancellations
of their plain form do not matter. Inputs and parameters are the doubles that JSON shows, taken exactly; a value is
mantissa * 2^exponent with 30 digits, because many are out of the range of doubles.
"""
import json
import math
import sys

import mpmath as mp

PI = mp.pi


def relu(slope, c):
    """c E phi(u) phi(v) and c E phi'(u) phi'(v) of u for u > 0, slope * u otherwise."""

    def dual(a, b, k):
        s, size = mp.mpf(slope), mp.sqrt(a * b)
        rho = max(mp.mpf(-1), min(mp.mpf(1), k / size))
        angle = mp.acos(rho)
        kappa0 = (PI - angle) / PI
        kappa1 = (mp.sqrt(1 - rho * rho) + (PI - angle) * rho) / PI
        bend = (1 - s) ** 2 / 2
        return c * (s * k + bend * size * kappa1), c * (s + bend * kappa0)

    def diagonal(a):
        gain = c * (1 + mp.mpf(slope) ** 2) / 2
        return gain * a, gain

    return dual, diagonal


def erf(c):
    def dual(a, b, k):
        area = (1 + 2 * a) * (1 + 2 * b)
        return c * 2 / PI * mp.asin(2 * k / mp.sqrt(area)), c * 4 / PI / mp.sqrt(area - 4 * k * k)

    return dual, lambda a: dual(a, a, a)


def gelu(c):
    def dual(a, b, k):
        p, q = 1 + a, 1 + b
        d = p * q - k * k
        over = 1 / (2 * PI * mp.sqrt(d))
        f = mp.mpf(1) / 4 + mp.asin(k / mp.sqrt(p * q)) / (2 * PI)
        h = 1 / p + 1 / q
        return c * (k * f + over * (a * b + k * k * (h - 1))), c * (f + k * over * h + k * over / d)

    return dual, lambda a: dual(a, a, a)


def activation(row):
    c, name = mp.mpf(row.get("c", 1)), row["activation"]
    if name == "erf":
        return erf(c)
    if name == "gelu":
        return gelu(c)
    if name.startswith("leaky"):
        return relu(float(name.removeprefix("leaky")), c)
    return relu({"relu": 0.0, "abs": -1.0}[name], c)


# Which layers train: first, hidden (or W), V, head.
TRAINED = {
    "mlp": (1, 1, 1),
    "mlp_huang_ffnet": (1, 1, 0),
    "mlp_tirer": (1, 1, 1),
    "res2_huang_belfer": (0, 1, 0),
    "res2_tirer": (1, 1, 1),
}


def kernels(row, x, z):
    """[(K, T) at (x, x), (x, z), (z, z)]."""
    dual, diagonal = activation(row)
    scale = mp.mpf(1) / len(x) if row["in_scale"] == "1/d" else mp.mpf(1)
    dot = lambda p, q: scale * mp.fsum(mp.mpf(a) * mp.mpf(b) for a, b in zip(p, q))
    pairs = [dot(x, x), dot(x, z), dot(z, z)]
    first, hidden, head = TRAINED[row["family"]]
    depth = row["L"]

    def step(state):
        """Duals of the three covariances."""
        (sxx, dxx), (szz, dzz) = diagonal(state[0]), diagonal(state[2])
        sxz, dxz = dual(state[0], state[2], state[1])
        return (sxx, sxz, szz), (dxx, dxz, dzz)

    if row["family"].startswith("mlp"):
        weight, beta = mp.mpf(row.get("sw2", 1)), mp.mpf(row.get("beta2", 0))
        inner = beta if row.get("bias_init") == "normal" else mp.mpf(0)
        k = [weight * v + inner for v in pairs]
        t = [first * weight * v + beta for v in pairs]
        for layer in range(1, depth + 1):
            s, d = step(k)
            trains = head if layer == depth else hidden
            t = [weight * (dt * old + trains * sv) + beta for old, sv, dt in zip(t, s, d)]
            k = [weight * sv + inner for sv in s]
        return list(zip(k, t))

    squares = mp.mpf(row["alpha"]) ** 2
    k, t = pairs, [first * v for v in pairs]
    for _ in range(depth):
        s, d = step(k)
        t = [old + squares * (dt * (old + hidden * kv) + hidden * sv) for old, kv, sv, dt in zip(t, k, s, d)]
        k = [kv + squares * sv for kv, sv in zip(k, s)]
    return [(kv, tv + head * kv) for kv, tv in zip(k, t)]


def written(value):
    mantissa, exponent = mp.frexp(value)
    return [mp.nstr(mantissa, 30, strip_zeros=False), int(exponent)]


PAIRS = {
    "generic": ([1.0, 0.0, 0.0], [0.6, 0.8, 0.0]),
    "obtuse": ([1.0, 0.0, 0.0], [-0.6, 0.0, 0.8]),
    "orthogonal": ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
    "nonunit": ([1.5, -0.5, 2.0], [-0.3, 0.7, 0.2]),
    "opposite": ([1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]),
}
NEAR = []
for digits in (3, 6, 10, 15):
    delta = float(f"1e-{digits}")
    PAIRS[f"near_parallel_{digits}"] = ([1.0, 0.0, 0.0], [1.0, delta, 0.0])
    PAIRS[f"near_opposite_{digits}"] = ([1.0, 0.0, 0.0], [-1.0, delta, 0.0])
    NEAR += [f"near_parallel_{digits}", f"near_opposite_{digits}"]
# Of other lengths, and in no special direction.
PAIRS["near_parallel_long"] = ([1.25, -0.5, 2.0], [1.25, -0.5, 2.0 + 2.0**-30])
PAIRS["near_opposite_long"] = ([1.25, -0.5, 2.0], [-0.625, 0.25, -1.0 + 2.0**-30])
PAIRS["near_parallel_longer"] = ([1.25, -0.5, 2.0], [1.250125, -0.50005, 2.0002 + 2.0**-33])
LONG = ["near_parallel_long", "near_opposite_long", "near_parallel_longer"]
ORDINARY = ["generic", "obtuse", "orthogonal", "nonunit", "opposite"]
# Rows of raw tables: huge numbers that differ in their last digits.
PAIRS["huge_near"] = ([1.5e9, 3.0, -2.0e6], [1.5e9, 4.0, -2.0e6])
PAIRS["huge_nearer"] = ([1.5e9, 3.0, -2.0e6], [1.5e9 + 1, 3.0, -2.0e6])
PAIRS["huge_scaled"] = ([1.5e9, 3.0, -2.0e6], [3.0e9, 6.5, -4.0e6])

# One hidden layer is one dual: NNGP = S, NTK = S + k S'. Lengths and angles, as doubles.
DUALS = []
for i, (a, b) in enumerate(
    [(1.0, 1.0), (0.1, 0.1), (0.1, 10.0), (10.0, 10.0), (0.1, 1.0), (1.0, 10.0), (3.0, 3.0000001), (1e-6, 2e-6), (1e4, 1e5)]
):
    for j, angle in enumerate([0.0, 1e-9, 1e-6, 1e-3, 0.3, 1.5, 2.5, math.pi - 1e-3, math.pi - 1e-6, math.pi - 1e-9]):
        name = f"dual_{i}_{j}"
        PAIRS[name] = ([a, 0.0], [b * math.cos(angle), b * math.sin(angle)])
        DUALS.append(name)


def rows():
    mlp = {"family": "mlp", "activation": "relu", "c": 2, "in_scale": "1"}
    huang = {"family": "res2_huang_belfer", "activation": "relu", "c": 2, "in_scale": "1"}
    tirer = {"family": "res2_tirer", "activation": "relu", "c": 1, "in_scale": "1/d"}
    far = ["generic", "obtuse", "nonunit", "near_parallel_6", "near_opposite_6", "near_parallel_15"]

    yield {**mlp, "L": 10000}, far
    yield {**mlp, "L": 10000, "beta2": 0.25, "bias_init": "zero"}, far
    yield {**mlp, "L": 10000, "beta2": 0.25, "bias_init": "normal"}, far
    yield {**mlp, "family": "mlp_tirer", "c": 1, "in_scale": "1/d", "L": 10000}, far
    yield {**mlp, "family": "mlp_huang_ffnet", "L": 10000}, far
    for alpha in (1.0, 0.1, 0.01):
        yield {**huang, "L": 10000, "alpha": alpha}, far
        yield {**tirer, "L": 10000, "alpha": alpha}, far

    near = ORDINARY + NEAR + LONG
    yield {**mlp, "L": 1000}, near
    yield {**mlp, "L": 1000, "beta2": 0.3, "bias_init": "zero"}, near
    yield {**mlp, "L": 1000, "beta2": 0.3, "bias_init": "normal"}, near
    for alpha in (1.0, 0.1, 1000**-0.5, 0.001):
        yield {**huang, "L": 1000, "alpha": alpha}, near
        yield {**tirer, "L": 1000, "alpha": alpha}, near
    for name, c in (("leaky0.2", 1.5), ("leaky0.01", 2), ("abs", 1)):
        for depth in (1, 2, 10, 100, 1000):
            yield {**mlp, "activation": name, "c": c, "L": depth}, near
        yield {**huang, "activation": name, "c": c, "L": 100, "alpha": 0.3}, near

    for name in ("erf", "gelu"):
        smooth = {"family": "mlp", "activation": name, "in_scale": "1"}
        yield {**smooth, "L": 1}, DUALS
        yield {**smooth, "L": 3}, DUALS + ["huge_near", "huge_nearer", "huge_scaled"]
        # In order, and in chaos, where every layer magnifies what was lost before it.
        for weight, depth in ((1.5, 30), (4.0, 10), (20.0, 5)):
            yield {**smooth, "L": depth, "sw2": weight}, near
            yield {**smooth, "L": depth, "sw2": weight, "beta2": 0.1, "bias_init": "normal"}, near
        yield {**smooth, "L": 100, "sw2": 2.0, "beta2": 0.1, "bias_init": "zero"}, near
        yield {**smooth, "family": "res2_tirer", "in_scale": "1/d", "L": 50, "alpha": 0.5}, near
        yield {**smooth, "family": "res2_huang_belfer", "L": 1000, "alpha": 0.05}, ORDINARY + NEAR[2:6]


def main():
    out = []
    for row, names in rows():
        # Near pairs of smooth activations at huge variances cancel 60 digits and more.
        mp.mp.dps = 160 if row["activation"] in ("erf", "gelu") else 90
        for name in names:
            values = kernels(row, *PAIRS[name])
            out.append(
                {
                    **row,
                    "pair": name,
                    "nngp": [written(k) for k, _ in values],
                    "ntk": [written(t) for _, t in values],
                }
            )
        print(row, file=sys.stderr, flush=True)
    used = {row["pair"] for row in out}
    note = (
        "30-digit values made by scripts/make-reference-depth.py with mpmath " + mp.__version__ + "; nngp and ntk are "
        "[k(x,x), k(x,z), k(z,z)], each [mantissa, exponent] of a binary floating-point number. Inputs are doubles."
    )
    print('{\n"note": ' + json.dumps(note) + ',\n"pairs": {')
    print(",\n".join(f'{json.dumps(n)}: {json.dumps({"x": x, "z": z})}' for n, (x, z) in PAIRS.items() if n in used))
    print('},\n"kernels": [')
    print(",\n".join(json.dumps(row) for row in out))
    print("]\n}")


if __name__ == "__main__":
    main()
