"""Expectations of activations under Gaussian weights by quadrature, to more than 30 digits, straight from the definition.

For points x and z in the plane and w ~ N(0, I) in it: E phi(w.x) phi(w.z), E phi'(w.x) phi'(w.z) and E phi(w.x).
Nothing here knows a closed form, an identity of Price or a Hermite series: only phi, phi', where they are not analytic,
and Gauss-Legendre panels that are short beside the distance to the nearest singularity. Expectations are taken with two
orders (all of the shapes of panels, if not every single one), and what they do not agree on to 1e-30 is refused. The one
exception is the sine, whose products are cosines of sums: E cos of a normal variable is its characteristic function.
The activations are in reference_phi.py.

Needs gmpy2 (MPFR) and numpy's arrays of objects.
"""
import math

import gmpy2
import numpy as np
from gmpy2 import mpfr

from reference_phi import PI

REACH = mpfr("12.6")  # exp(-REACH^2 / 2) = 3e-35

_exp = np.frompyfunc(gmpy2.exp, 1, 1)


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
