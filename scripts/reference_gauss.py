"""Expectations of activations under Gaussian weights by quadrature, to more than 30 digits, straight from the definition.

For points x and z in the plane and w ~ N(0, I) in it: E phi(w.x) phi(w.z), E phi'(w.x) phi'(w.z) and E phi(w.x).
Nothing here knows a closed form, an identity of Price or a Hermite series: only phi, phi', where they are not analytic,
and Gauss-Legendre panels that are short beside the distance to the nearest singularity. Expectations are taken
with two orders (all of the shapes of panels, if not every single one), and what they do not agree on to 1e-30 is refused. The one exception is the sine, whose products are cosines
of sums: E cos of a normal variable is its characteristic function.

Needs gmpy2 (MPFR) and numpy's arrays of objects.
"""
import math

import gmpy2
import numpy as np
from gmpy2 import mpfr

DIGITS = 30
gmpy2.get_context().precision = 150
REACH = mpfr("12.6")  # exp(-REACH^2 / 2) = 3e-35
PI = gmpy2.const_pi()

_exp = np.frompyfunc(gmpy2.exp, 1, 1)
_expm1 = np.frompyfunc(gmpy2.expm1, 1, 1)
_log1p = np.frompyfunc(gmpy2.log1p, 1, 1)
_tanh = np.frompyfunc(gmpy2.tanh, 1, 1)
# erf between multiples of 1/16 by its Taylor series, in integers of 2^-150: ten times as fast as MPFR's own.
_UNIT = 150
_TERMS = 23


def _taylor(c):
    """Coefficients of erf(c + d) in d: the density g has g' = -2ug, so n g_n = -2c g_(n-1) - 2 g_(n-2)."""
    density = [2 / gmpy2.sqrt(PI) * gmpy2.exp(-c * c)]
    density.append(-2 * c * density[0])
    for n in range(2, _TERMS):
        density.append((-2 * c * density[n - 1] - 2 * density[n - 2]) / n)
    series = [gmpy2.erf(c)] + [g / (n + 1) for n, g in enumerate(density)]
    return [int(gmpy2.rint(f * mpfr(2) ** _UNIT)) for f in series]


_series = np.array([_taylor(mpfr(k) / 16) for k in range(16 * 10 + 1)], dtype=object).T
_whole = np.frompyfunc(lambda u: int(gmpy2.rint_round(gmpy2.mul_2exp(u, _UNIT))), 1, 1)
_real = np.frompyfunc(lambda n: gmpy2.div_2exp(mpfr(n), _UNIT), 1, 1)


def _erf(u):
    size = np.minimum(abs(u), mpfr(10))
    centre = np.rint(size.astype(float) * 16).astype(int)
    at = _whole(size) - centre.astype(object) * (1 << (_UNIT - 4))
    total = _series[-1][centre]
    for row in _series[-2::-1]:
        total = row[centre] + (total * at >> _UNIT)
    return np.where(u > 0, _real(total), -_real(total))


class Activation:
    """phi and phi' of arrays; `kinks`, where a derivative jumps; `short(low, high)`: may a panel be so long?"""

    def __init__(self, layer, values, kinks=(), short=lambda low, high: True, sine=False, slope=True, odd=False):
        self.layer, self.values, self.short, self.sine, self.slope = layer, values, short, sine, slope
        self.odd, self.pieces, self.strip = odd, None, None
        self.kinks = [mpfr(kink) for kink in kinks]


def _near(low, high):
    return 0.0 if low <= 0 <= high else min(abs(low), abs(high))


def _poles(height):
    """Poles on the imaginary axis from +-i height on: with 36 nodes a half-length of 0.8 distances is good to 1e-33."""
    return lambda low, high: (high - low) / 2 <= 0.8 * math.hypot(_near(low, high), height)


def _bell(low, high):
    """exp(-u^2) until it has vanished."""
    return _near(low, high) > 9.5 or high - low <= 3.6


def _decay(low, high):
    """exp(u) for u < 0 until it has vanished."""
    return low >= 0 or high < -85 or high - low <= 12


def _plain(name, **params):
    return {"kind": "activation", "name": name, "scale": 1, "params": params}


def _leaky(name, left, **params):
    def values(u):
        side = np.where(u > 0, mpfr(1), mpfr(left))
        return side * u, side

    phi = Activation(_plain(name, **params), values, [0])
    phi.pieces = [([mpfr(0), mpfr(left)], False), ([mpfr(0), mpfr(1)], False)]
    return phi


def _gelu(u):
    root = gmpy2.sqrt(mpfr(2))
    cdf = (1 + _erf(u / root)) / 2
    return u * cdf, cdf + u * _exp(-u * u / 2) / gmpy2.sqrt(2 * PI)


def _elu(u):
    negative = _exp(np.minimum(u, mpfr(0)))
    return np.where(u > 0, u, _expm1(np.minimum(u, mpfr(0)))), np.where(u > 0, mpfr(1), negative)


def _softplus(u):
    small = _exp(-abs(u))
    sigmoid = np.where(u > 0, mpfr(1), small) / (1 + small)
    return np.maximum(u, mpfr(0)) + _log1p(small), sigmoid


def _silu(u):
    small = _exp(-abs(u))
    sigmoid = np.where(u > 0, mpfr(1), small) / (1 + small)
    return u * sigmoid, sigmoid * (1 + u * (1 - sigmoid))


def _tanh_both(u):
    value = _tanh(u)
    return value, 1 - value * value


def _erf_both(u):
    return _erf(u), 2 / gmpy2.sqrt(PI) * _exp(-u * u)


def _sign(u):
    return np.where(u > 0, mpfr(1), mpfr(-1)), u * mpfr(0)


def _powers(coefficients, low, high):
    """Coefficients of powers of u of sum c_k T_k((2u - low - high)/(high - low))."""

    def times_x(p):
        out = [mpfr(0)] * (len(p) + 1)
        for i, c in enumerate(p):
            out[i + 1] += 2 * c / (high - low)
            out[i] -= c * (high + low) / (high - low)
        return out

    def plus(p, q, factor):
        long = max(len(p), len(q))
        return [(p[i] if i < len(p) else 0) + factor * (q[i] if i < len(q) else 0) for i in range(long)]

    before, now = [mpfr(1)], times_x([mpfr(1)])
    total = [mpfr(coefficients[0])]
    for c in coefficients[1:]:
        total = plus(total, now, mpfr(c))
        before, now = now, plus([2 * v for v in times_x(now)], before, -1)
    return total


def _horner(p, u):
    value, slope = u * 0 + p[-1], u * 0
    for c in p[-2::-1]:
        slope = slope * u + value
        value = value * u + c
    return value, slope


def tabulated(pieces):
    """Chebyshev pieces; the outer two go on linearly beyond their ends."""
    ends = [mpfr(pieces[0]["from"])] + [mpfr(piece["to"]) for piece in pieces]
    inside = [_powers(piece["coefficients"], low, high) for piece, low, high in zip(pieces, ends, ends[1:])]

    def line(p, at):
        value, slope = _horner(p, at)
        return [value - slope * at, slope]

    every = [line(inside[0], ends[0])] + inside + [line(inside[-1], ends[-1])]
    borders = [float(end) for end in ends]

    def values(u):
        which = np.searchsorted(borders, u.astype(float))
        value, slope = np.empty(len(u), dtype=object), np.empty(len(u), dtype=object)
        for i in set(which):
            mask = which == i
            value[mask], slope[mask] = _horner(every[i], u[mask])
        return value, slope

    phi = Activation({"kind": "tabulated", "scale": 1, "pieces": pieces}, values, ends)
    phi.pieces = [(p, False) for p in every]
    return phi


HARD_TANH = [
    {"from": -2, "to": -1, "coefficients": [-1]},
    {"from": -1, "to": 1, "coefficients": [0, 1]},
    {"from": 1, "to": 2, "coefficients": [1]},
]
# A polynomial of degree 7 that goes on as its tangents: one piece, smooth but for its second derivative at the ends.
BUMPY = [{"from": -3, "to": 3, "coefficients": [0.5, 1.25, 0.375, -0.25, -0.125, 0.0625, 0.03125, -0.015625]}]

def _density(t):
    return gmpy2.exp(-t * t / 2) / gmpy2.sqrt(2 * PI)


def _below(t):
    """The normal distribution function."""
    return gmpy2.erfc(-t / gmpy2.sqrt(mpfr(2))) / 2


def _shifted(p, at, spread):
    """Powers of t of the polynomial p(at + spread t)."""
    out = [p[-1]]
    for c in p[-2::-1]:
        out = [at * out[0]] + [at * out[i] + spread * out[i - 1] for i in range(1, len(out))] + [spread * out[-1]]
        out[0] += c
    return out


def given(phi, at, spread):
    """E phi and E phi' of at + spread t where phi is in pieces (low, high, polynomial, factor of exp(u)).

    Integration by parts of t^k against the normal density, and the shift of a normal variable by an exponential.
    """
    value, slope = mpfr(0), mpfr(0)
    ends = [None] + [(kink - at) / spread for kink in phi.kinks] + [None]
    below = [mpfr(0)] + [_below(t) for t in ends[1:-1]] + [mpfr(1)]
    density = [mpfr(0)] + [_density(t) for t in ends[1:-1]] + [mpfr(0)]
    for i, (p, growth) in enumerate(phi.pieces):
        low, high = ends[i] or mpfr(0), ends[i + 1] or mpfr(0)
        moments = [below[i + 1] - below[i], density[i] - density[i + 1]]
        q = _shifted(p, at, spread)
        while len(moments) < len(q):
            k = len(moments)
            edge = low ** (k - 1) * density[i] - high ** (k - 1) * density[i + 1]
            moments.append((k - 1) * moments[k - 2] + edge)
        value += sum(c * m for c, m in zip(q, moments))
        slope += sum(k * c * m for (k, c), m in zip(list(enumerate(q))[1:], moments)) / spread
        if growth:
            # Only on a piece that reaches to minus infinity.
            tilted = gmpy2.exp(at + spread * spread / 2) * _below(high - spread)
            value, slope = value + tilted, slope + tilted
    return value, slope


ACTIVATIONS = {
    "relu": _leaky("relu", 0),
    "leakyRelu": _leaky("leakyRelu", 0.25, slope=0.25),
    "abs": _leaky("abs", -1),
    "erf": Activation(_plain("erf"), _erf_both, short=_bell, odd=True),
    "gelu": Activation(_plain("gelu"), _gelu, short=_bell),
    "elu": Activation(_plain("elu"), _elu, [0], _decay),
    "tanh": Activation(_plain("tanh"), _tanh_both, short=_poles(math.pi / 2), odd=True),
    "softplus": Activation(_plain("softplus"), _softplus, short=_poles(math.pi)),
    "silu": Activation(_plain("silu"), _silu, short=_poles(math.pi)),
    "sine": Activation(_plain("sine"), None, sine=True, odd=True),
    "sign": Activation(_plain("sign"), _sign, [0], slope=False, odd=True),
    "hardTanh": tabulated(HARD_TANH),
    "bumpy": tabulated(BUMPY),
}
ACTIVATIONS["elu"].pieces = [([mpfr(-1), mpfr(0)], True), ([mpfr(0), mpfr(1)], False)]
ACTIVATIONS["sign"].pieces = [([mpfr(-1)], False), ([mpfr(1)], False)]
# Half the width of the strip around the real axis in which phi is analytic; erf and GELU are entire.
for _name, _strip in (("tanh", math.pi / 2), ("softplus", math.pi), ("silu", math.pi), ("erf", "all"), ("gelu", "all")):
    ACTIVATIONS[_name].strip = _strip


def _rule(order):
    """Gauss-Legendre nodes and weights on [-1, 1] by Newton's method."""
    nodes, weights = [], []
    for i in range(1, order + 1):
        x = mpfr(math.cos(math.pi * (i - 0.25) / (order + 0.5)))
        for _ in range(7):
            before, now = mpfr(1), x
            for k in range(2, order + 1):
                before, now = now, ((2 * k - 1) * x * now - (k - 1) * before) / k
            slope = order * (x * now - before) / (x * x - 1)
            x -= now / slope
        nodes.append(x)
        weights.append(2 / ((1 - x * x) * slope * slope))
    return np.array(nodes, dtype=object), np.array(weights, dtype=object)


_rules = {}


def _panels(breaks, fits):
    """Between the breaks, halved until every panel fits (floats decide; the ends are exact)."""
    ends = sorted({-REACH, REACH} | {b for b in breaks if -REACH < b < REACH})
    todo = [(ends[i], ends[i + 1]) for i in reversed(range(len(ends) - 1))]
    panels = []
    while todo:
        low, high = todo.pop()
        if high - low <= 5.2 and fits(float(low), float(high)):
            panels.append((low, high))
        else:
            parts = 7 if high - low > 20 else 2
            step = (high - low) / parts
            cuts = [low + k * step for k in range(parts)] + [high]
            todo.extend(reversed(list(zip(cuts[:-1], cuts[1:]))))
    return panels


def _hermite(order=16):
    """Gauss-Hermite nodes and weights for the standard normal density."""
    if "hermite" not in _rules:
        nodes, weights = [], []
        for start in np.polynomial.hermite_e.hermegauss(order)[0]:
            x = mpfr(float(start))
            for _ in range(7):
                before, now = mpfr(1), x
                for k in range(1, order):
                    before, now = now, x * now - k * before
                x -= now / (order * before)
            nodes.append(x)
            weights.append(mpfr(math.factorial(order - 1)) / (order * before * before))
        _rules["hermite"] = np.array(nodes, dtype=object), np.array(weights, dtype=object)
    return _rules["hermite"]


_kept = {}


def _panel(low, high, order):
    if order not in _rules:
        _rules[order] = _rule(order)
    x, w = _rules[order]
    t = (low + high) / 2 + (high - low) / 2 * x
    return t, (high - low) / 2 * w * _exp(-t * t / 2) / gmpy2.sqrt(2 * PI)


def _nodes(panels, order, keep=False, reach=REACH):
    """Nodes and weights of the standard normal density over the panels; `keep`: they will be asked for again."""
    parts = []
    for low, high in panels:
        if low > reach or high < -reach:
            continue
        key = (low, high, order)
        part = _kept.get(key) or _panel(low, high, order)
        if keep:
            _kept[key] = part
        parts.append(part)
    return np.concatenate([t for t, _ in parts]), np.concatenate([w for _, w in parts])


def _along(phi, mean, spread):
    """Breaks and fits for t -> phi(mean + spread t)."""
    if spread == 0:
        return [], lambda low, high: True
    m, s = float(mean), float(spread)
    return [(kink - mean) / spread for kink in phi.kinks], lambda low, high: phi.short(
        *sorted((m + s * low, m + s * high))
    )


def _smoothed(phi, along, across):
    """Breaks and fits for s -> E phi(along s + across t): near a kink it varies as fast as the normal density does."""
    if along == 0:
        return [], lambda low, high: True
    breaks, base = _along(phi, mpfr(0), along)
    width = abs(across / along)
    if width == 0:
        return breaks, base
    kinks = [float(kink / along) for kink in phi.kinks]
    w = float(width)
    windows = [kink / along + side * REACH * width for kink in phi.kinks for side in (-1, 1)]

    def fits(low, high):
        crowded = any(low < kink + 12.61 * w and high > kink - 12.61 * w for kink in kinks)
        return base(low, high) and not (crowded and high - low > 3.4 * w)

    return breaks + windows, fits


def _pair_once(phi, x, z, order):
    (x0, z0, z1) = x, z[0], z[1]
    if phi.strip and z1 != 0:
        grid = _grids(phi, x0, z0, z1, order)
        if grid is not None:
            return _trapezoidal(phi, x0, z0, z1, *grid)
    breaks, fits = _along(phi, mpfr(0), x0)
    more, too = _smoothed(phi, z0, z1)
    s, weights = _nodes(_panels(breaks + more, lambda low, high: fits(low, high) and too(low, high)), order)
    values, slopes = phi.values(x0 * s)
    if z1 == 0:
        inner = phi.values(z0 * s)
    else:
        inner = ([], [])
        for at, outer in zip(z0 * s, s):
            value, slope = _inner(phi, at, outer, z1, order)
            inner[0].append(value)
            inner[1].append(slope)
        inner = [np.array(part, dtype=object) for part in inner]
    return (weights * values * inner[0]).sum(), (weights * slopes * inner[1]).sum()


def _inner(phi, at, outer, z1, order):
    """E phi and E phi' of at + z1 t."""
    if phi.pieces:
        return given(phi, at, abs(z1))
    away = min([1.0] + [abs(float(at) - float(kink)) for kink in phi.kinks])
    if abs(float(z1)) * 13 < 1e-3 * away:
        # phi is a polynomial of degree 31 here, but for terms of 1e-96.
        t, w = _hermite()
    else:
        # Beyond a circle the density of both is below exp(-REACH^2 / 2).
        reach = gmpy2.sqrt(max(REACH * REACH - outer * outer, mpfr(1)))
        t, w = _nodes(_panels(*_along(phi, at, z1)), order, not phi.kinks, reach)
    value, slope = phi.values(at + z1 * t)
    return (w * value).sum(), (w * slope).sum()


def _grids(phi, x0, z0, z1, order):
    """Steps of the trapezoidal rule in s and t; None where panels take fewer nodes.

    The error is exp(-2 pi d / h + d^2 / 2) for an integrand analytic within d of the real axis; where it is entire and
    grows as exp((slope y)^2), the best d gives exp(-(2 pi / h)^2 / (2 + 4 slope^2)).
    """
    steps = []
    for slope in (math.hypot(float(x0), float(z0)), abs(float(z1))):
        if phi.strip == "all":
            steps.append(2 * math.pi / math.sqrt(76 * (2 + 4 * slope * slope)) * 40 / order)
        else:
            d = min(0.97 * phi.strip / slope, 9.0)
            steps.append(2 * math.pi * d / (76 + d * d / 2) * 40 / order)
    return None if min(steps) < 0.05 else steps


def _trapezoidal(phi, x0, z0, z1, hs, ht):
    reach = float(REACH)
    count = int(reach / hs)
    step, across = mpfr(hs), mpfr(ht)
    t = np.array([across * j for j in range(-int(reach / ht), int(reach / ht) + 1)], dtype=object)
    weight = _exp(-t * t / 2) * across / gmpy2.sqrt(2 * PI)
    value, slope = mpfr(0), mpfr(0)
    for i in range(-count, count + 1):
        s = step * i
        rest = math.sqrt(max(reach**2 - float(s) ** 2, 1.0))
        skip = max(0, int((reach - rest) / ht) - 1)
        near = slice(skip, len(t) - skip)
        inner = phi.values(z0 * s + z1 * t[near])
        own = phi.values(np.array([x0 * s], dtype=object))
        w = gmpy2.exp(-s * s / 2) * step / gmpy2.sqrt(2 * PI)
        value += w * own[0][0] * (weight[near] * inner[0]).sum()
        slope += w * own[1][0] * (weight[near] * inner[1]).sum()
    return value, slope


def _mean_once(phi, x0, order):
    s, weights = _nodes(_panels(*_along(phi, mpfr(0), x0)), order)
    return (weights * phi.values(x0 * s)[0]).sum()


def _agreed(first, second, size):
    if abs(first - second) > mpfr("1e-30") * (abs(size) + mpfr("1e-300")):
        raise SystemExit(f"quadrature does not converge: {first} and {second}")
    return second


def pair(phi, x, z, checked=True):
    """E phi(u) phi(v), E phi'(u) phi'(v) for u = x s, v = z[0] s + z[1] t; x a number, z two of them (mpfr)."""
    if phi.sine:
        a, b, k = x * x, z[0] * z[0] + z[1] * z[1], x * z[0]
        less, more = gmpy2.exp(-(a + b - 2 * k) / 2), gmpy2.exp(-(a + b + 2 * k) / 2)
        return (less - more) / 2, (less + more) / 2
    value, slope = _pair_once(phi, x, z, 40)
    if checked:
        value2, slope2 = _pair_once(phi, x, z, 48)
        size = gmpy2.sqrt(second(phi, x) * second(phi, gmpy2.sqrt(z[0] ** 2 + z[1] ** 2)))
        return _agreed(value, value2, size), _agreed(slope, slope2, 1)
    return value, slope


def second(phi, x):
    """E phi(u)^2, to order of magnitude at least 30 digits, too."""
    if phi.sine:
        return -gmpy2.expm1(-2 * x * x) / 2
    return _pair_once(phi, x, (x, mpfr(0)), 44)[0]


def mean(phi, x):
    if phi.sine:
        return mpfr(0)
    return _agreed(_mean_once(phi, x, 36), _mean_once(phi, x, 44), abs(x) + 1)


def written(value):
    """30 significant digits; what is below the quadrature's own error is its rounding and is written as 0."""
    if value == 0 or abs(value) < mpfr("1e-33"):
        return "0"
    return "{0:.29e}".format(value)
