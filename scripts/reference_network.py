"""Kernels of networks written as layers, by the definition: covariances of every unit with every other, layer by layer.

A state holds the covariances of all pixels of x with all of x, of z with z and of x with z (one unit of a vector network
is an image of one pixel without neighbours), the means of the units, and the sum over trained parameters of the products
of derivatives at (x, z). Nothing is carried in a stable form: the digits are there because there are sixty of them.

Piecewise linear activations, erf, GELU and sine use their closed forms, which make-reference-presets.py first compares
with quadrature; the others are integrated by reference_gauss.py.
"""
import itertools

import gmpy2
from gmpy2 import mpfr

import reference_gauss
from reference_phi import ACTIVATIONS, tabulated

gmpy2.get_context().precision = 220
PI = gmpy2.const_pi()
ZERO = mpfr(0)


class LeakyDual:
    def __init__(self, slope):
        self.slope = mpfr(slope)

    def pair(self, a, b, k):
        size = gmpy2.sqrt(a * b)
        rho = min(mpfr(1), max(mpfr(-1), k / size)) if size > 0 else ZERO
        angle = gmpy2.acos(rho)
        kappa0 = (PI - angle) / PI
        kappa1 = (gmpy2.sqrt((1 - rho) * (1 + rho)) + (PI - angle) * rho) / PI
        bend = (1 - self.slope) ** 2 / 2
        return self.slope * k + bend * size * kappa1, self.slope + bend * kappa0

    def mean(self, a):
        return (1 - self.slope) * gmpy2.sqrt(a / (2 * PI))


class ErfDual:
    def pair(self, a, b, k):
        area = (1 + 2 * a) * (1 + 2 * b)
        return 2 / PI * gmpy2.asin(2 * k / gmpy2.sqrt(area)), 4 / PI / gmpy2.sqrt(area - 4 * k * k)

    def mean(self, a):
        return ZERO


class GeluDual:
    def pair(self, a, b, k):
        p, q = 1 + a, 1 + b
        d = p * q - k * k
        over = 1 / (2 * PI * gmpy2.sqrt(d))
        f = mpfr(1) / 4 + gmpy2.asin(k / gmpy2.sqrt(p * q)) / (2 * PI)
        h = 1 / p + 1 / q
        return k * f + over * (a * b + k * k * (h - 1)), f + k * over * h + k * over / d

    def mean(self, a):
        return a / gmpy2.sqrt(2 * PI * (1 + a))


class SineDual:
    def pair(self, a, b, k):
        less, more = gmpy2.exp(-(a + b - 2 * k) / 2), gmpy2.exp(-(a + b + 2 * k) / 2)
        return (less - more) / 2, (less + more) / 2

    def mean(self, a):
        return ZERO


class SignDual:
    def pair(self, a, b, k):
        return 2 / PI * gmpy2.asin(k / gmpy2.sqrt(a * b)), ZERO

    def mean(self, a):
        return ZERO


class QuadratureDual:
    """By panels; the second order, which only checks the first, is asked of every `check`-th pair."""

    def __init__(self, phi, check=10):
        self.phi, self.check, self.asked, self.kept = phi, check, 0, {}

    def pair(self, a, b, k):
        key = (a, b, k)
        if key not in self.kept:
            self.asked += 1
            x, z0 = gmpy2.sqrt(a), k / gmpy2.sqrt(a)
            rest = b - k * k / a
            z1 = gmpy2.sqrt(rest) if rest > abs(b) * mpfr("1e-55") else ZERO
            self.kept[key] = reference_gauss.pair(self.phi, x, (z0, z1), self.asked % self.check == 1)
        return self.kept[key]

    def mean(self, a):
        return reference_gauss.mean(self.phi, gmpy2.sqrt(a))


_quadratures = {}


def dual_of(layer):
    if layer["kind"] == "tabulated":
        key = str(layer["pieces"])
        if key not in _quadratures:
            _quadratures[key] = QuadratureDual(tabulated(layer["pieces"]))
        return _quadratures[key]
    name = layer["name"]
    closed = {"relu": lambda: LeakyDual(0), "abs": lambda: LeakyDual(-1), "erf": ErfDual, "gelu": GeluDual}
    closed |= {"sine": SineDual, "sign": SignDual, "leakyRelu": lambda: LeakyDual(layer["params"]["slope"])}
    if name in closed:
        return closed[name]()
    if name not in _quadratures:
        _quadratures[name] = QuadratureDual(ACTIVATIONS[name])
    return _quadratures[name]


class State:
    def __init__(self, grid, xx, zz, xz, tangent, bx=None, bz=None):
        self.grid, self.xx, self.zz, self.xz, self.tangent = grid, xx, zz, xz, tangent
        self.bx, self.bz = bx or [ZERO] * len(xx), bz or [ZERO] * len(zz)

    def matrices(self, change, tangent=None, grid=None):
        """The same linear change of all four matrices; means vanish."""
        return State(
            self.grid if grid is None else grid,
            change(self.xx),
            change(self.zz),
            change(self.xz),
            (tangent or change)(self.tangent),
        )


def positions(grid):
    return list(itertools.product(*[range(n) for n in grid]))


def enter(layer, x, z):
    """x, z: (grid, pixels), a pixel a list of channels; a vector is ((), [numbers])."""
    grid, left = x
    right = z[1]
    scale = mpfr(1) / len(left[0]) if layer["inputScale"] == "1/d" else mpfr(1)

    def inner(p, q):
        return [[scale * sum((mpfr(a) * mpfr(b) for a, b in zip(u, v)), ZERO) for v in q] for u in p]

    cross = inner(left, right)
    return State(grid, inner(left, left), inner(right, right), cross, [[ZERO] * len(r) for r in cross])


def dense(layer, state):
    """sqrt(var/width) W h + b: every weight is read once by each of the two inputs."""
    var, trains = mpfr(layer.get("weightVar", 1)), int(layer.get("trainable", True))
    bias = layer.get("bias")
    inner = mpfr(bias["var"]) if bias and bias["init"] == "normal" else ZERO
    trained = mpfr(bias["var"]) if bias and bias["trainable"] else ZERO
    covariance = lambda m: [[var * v + inner for v in row] for row in m]
    tangent = [
        [var * (t + trains * k) + trained for t, k in zip(ts, ks)] for ts, ks in zip(state.tangent, state.xz)
    ]
    return state.matrices(covariance, lambda _: tangent)


def windows(grid, layer):
    """Output grid, and for every output the inputs under the filter (None: outside)."""
    q, stride, padding = layer["size"], layer.get("stride", 1), layer.get("padding", "same")
    half = (q - 1) // 2
    start = half if padding == "valid" else 0
    last = [n - 1 - start for n in grid]
    centres = [range(start, end + 1, stride) for end in last]
    out = tuple(len(c) for c in centres)
    index = {at: i for i, at in enumerate(positions(grid))}
    reads = []
    for centre in itertools.product(*centres):
        reads.append([])
        for offset in itertools.product(range(-half, half + 1), repeat=len(grid)):
            at = tuple(c + o for c, o in zip(centre, offset))
            if padding == "circular":
                at = tuple(p % n for p, n in zip(at, grid))
            reads[-1].append(index.get(at))
    return out, reads


def conv(layer, state):
    out, reads = windows(state.grid, layer)
    weights = mpfr(layer["size"]) ** len(state.grid)

    def mixed(m):
        return [
            [
                sum((m[p][q] for p, q in zip(left, right) if p is not None and q is not None), ZERO) / weights
                for right in reads
            ]
            for left in reads
        ]

    return dense(layer, state.matrices(mixed, grid=out))


def pool(layer, state):
    n = layer["size"]
    out = tuple(length // n for length in state.grid)
    index = {at: i for i, at in enumerate(positions(state.grid))}
    reads = [
        [index[tuple(n * p + o for p, o in zip(at, offset))] for offset in positions((n,) * len(out))]
        for at in positions(out)
    ]

    def averaged(m):
        return [[sum((m[p][q] for p in left for q in right), ZERO) / len(left) ** 2 for right in reads] for left in reads]

    return state.matrices(averaged, grid=out)


def head(layer, state):
    every = range(len(state.xz))
    if layer["read"] == "pixel":
        at = positions(state.grid).index(tuple(layer.get("at") or (0,) * len(state.grid)))
        read = lambda m: [[m[at][at]]]
    elif layer["read"] == "trace":
        read = lambda m: [[sum((m[j][j] for j in every), ZERO) / len(m)]]
    else:
        read = lambda m: [[sum((v for row in m for v in row), ZERO) / len(m) ** 2]]
    return state.matrices(read, grid=())


def activate(layer, state):
    dual, c = dual_of(layer), mpfr(layer.get("scale", 1))
    xs = [state.xx[i][i] for i in range(len(state.xx))]
    zs = [state.zz[i][i] for i in range(len(state.zz))]

    def values(m, left, right):
        # A matrix of one image with itself is symmetric: half of it is enough.
        same = left is right
        out = [[None] * len(right) for _ in left]
        for i, a in enumerate(left):
            for j, b in enumerate(right):
                out[i][j] = out[j][i] if same and j < i else c * c * dual.pair(a, b, m[i][j])[0]
        return out

    cross = [[dual.pair(a, b, k) for b, k in zip(zs, row)] for a, row in zip(xs, state.xz)]
    means = [[c * dual.mean(v) for v in side] for side in (xs, zs)] if state.grid == () else (None, None)
    return State(
        state.grid,
        values(state.xx, xs, xs),
        values(state.zz, zs, zs),
        [[c * c * value for value, _ in row] for row in cross],
        [[c * c * slope * t for (_, slope), t in zip(row, ts)] for row, ts in zip(cross, state.tangent)],
        *means,
    )


def scaled(state, factor):
    c = mpfr(factor)
    out = state.matrices(lambda m: [[c * c * v for v in row] for row in m])
    out.bx, out.bz = [c * v for v in state.bx], [c * v for v in state.bz]
    return out


def added(p, q):
    """Branches with independent weights: covariances E (f + g)(f + g) with E f g = E f E g."""

    def sums(m, n, left, right):
        (pl, ql), (pr, qr) = left, right
        return [
            [v + w + pl[i] * qr[j] + ql[i] * pr[j] for j, (v, w) in enumerate(zip(a, b))]
            for i, (a, b) in enumerate(zip(m, n))
        ]

    x, z = (p.bx, q.bx), (p.bz, q.bz)
    return State(
        p.grid,
        sums(p.xx, q.xx, x, x),
        sums(p.zz, q.zz, z, z),
        sums(p.xz, q.xz, x, z),
        [[v + w for v, w in zip(a, b)] for a, b in zip(p.tangent, q.tangent)],
        [u + v for u, v in zip(*x)],
        [u + v for u, v in zip(*z)],
    )


def run(layer, state, x, z, turn=0):
    kind = layer["kind"]
    if kind == "serial":
        for child in layer["layers"]:
            state = run(child, state, x, z, turn)
        return state
    if kind == "repeat":
        for t in range(layer["times"]):
            state = run(layer["layer"], state, x, z, t)
        return state
    if kind == "residual":
        body_scale = layer.get("bodyScale", 1)
        body_scale = body_scale[turn] if isinstance(body_scale, list) else body_scale
        body = scaled(run(layer["body"], state, x, z, turn), body_scale)
        shortcut = layer.get("shortcut", "identity")
        other = state if shortcut == "identity" else run(shortcut, state, x, z, turn)
        return added(scaled(other, layer.get("shortcutScale", 1)), body)
    if kind == "scale":
        return scaled(state, layer["factor"])
    if kind in ("activation", "tabulated"):
        return activate(layer, state)
    if kind in ("dense", "conv") and state is None:
        state = enter(layer, x, z)
    return {"dense": dense, "conv": conv, "pool": pool, "head": head}[kind](layer, state)


def kernels(network, x, z):
    """(NNGP, NTK) of a layer that ends in one unit."""
    end = run(network, None, x, z)
    return end.xz[0][0], end.tangent[0][0]
