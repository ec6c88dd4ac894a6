"""Writes test/golden/duals.json: duals and means of every activation, straight from the definition.

    python3 scripts/make-reference-duals.py > test/golden/duals.json      (needs gmpy2 and numpy; ten minutes)

A row is a pair of points (x, 0) and (z0, z1), doubles taken exactly, with w ~ N(0, I): E phi(w.x) phi(w.z) and
E phi'(w.x) phi'(w.z). Variances are equal, a hundredfold apart, tiny, large, and tiny beside large; correlations are 0,
+-0.5, +-0.99, +-(1 - 1e-12) and +-1, as well as doubles can say them. reference_gauss.py tells how it integrates.
"""
import json
import math
import multiprocessing
import sys

from gmpy2 import mpfr

from reference_gauss import mean, pair, written
from reference_phi import ACTIVATIONS

VARIANCES = [(1.0, 1.0), (0.25, 25.0), (1e-6, 1e-6), (1e3, 1e3), (1e-6, 1e3)]
COMPLEMENT = 1e-12
CORRELATIONS = ["0", "0.5", "-0.5", "0.99", "-0.99", "1 - 1e-12", "-1 + 1e-12", "1", "-1"]
CHECKED = ("0.99", "1", "-1")


def point(b, rho):
    """(z0, z1) of variance b at the correlation, as doubles."""
    size = math.sqrt(b)
    if "e-12" in rho:
        sign = -1 if rho.startswith("-") else 1
        return [sign * size * (1 - COMPLEMENT), size * math.sqrt(COMPLEMENT * (2 - COMPLEMENT))]
    r = float(rho)
    return [size * r, size * math.sqrt((1 - r) * (1 + r))]


PAIRS = [{"x": math.sqrt(a), "z": point(b, rho), "rho": rho} for a, b in VARIANCES for rho in CORRELATIONS]
LENGTHS = sorted({math.sqrt(v) for both in VARIANCES for v in both})


def row(task):
    name, at = task
    phi = ACTIVATIONS[name]
    if at < 0:
        return [written(mean(phi, mpfr(length))) for length in LENGTHS]
    x, z = PAIRS[at]["x"], PAIRS[at]["z"]
    # At rho = 0.99 nodes are as many and as near to each other as anywhere; z1 = 0 is cheap.
    value, slope = pair(phi, mpfr(x), (mpfr(abs(z[0])) if phi.odd else mpfr(z[0]), mpfr(z[1])), PAIRS[at]["rho"] in CHECKED)
    if phi.odd and z[0] < 0:
        value = -value
    return [at, written(value), written(slope) if phi.slope else None]


def main():
    out = []
    with multiprocessing.Pool(2) as pool:
        for name, phi in ACTIVATIONS.items():
            means, *rows = pool.map(row, [(name, at) for at in range(-1, len(PAIRS))], chunksize=1)
            out.append({"name": name, "layer": phi.layer, "means": means, "rows": rows})
            print(name, file=sys.stderr, flush=True)
    note = (
        "30-digit values made by scripts/make-reference-duals.py: pairs are points (x, 0) and (z0, z1), doubles taken "
        "exactly; a row is [pair, E phi phi, E phi' phi'] (null: sign has no phi'), good to 1e-30 of the square root of "
        "the product of both E phi^2; means are E phi at the variances lengths^2."
    )
    lines = [
        json.dumps({k: v for k, v in one.items() if k != "rows"})[:-1]
        + ', "rows": [\n'
        + ",\n".join(json.dumps(row) for row in one["rows"])
        + "\n]}"
        for one in out
    ]
    print('{\n"note": ' + json.dumps(note) + ',\n"lengths": ' + json.dumps(LENGTHS) + ',\n"pairs": [')
    print(",\n".join(json.dumps(one) for one in PAIRS))
    print('],\n"activations": [\n' + ",\n".join(lines) + "\n]\n}")


if __name__ == "__main__":
    main()
