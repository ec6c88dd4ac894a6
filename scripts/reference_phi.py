"""The activations to 45 digits and the facts that quadratures of them need: phi, phi', kinks, how long panels may be.

Needs gmpy2 (MPFR) and numpy's arrays of objects.
"""
import math

import gmpy2
import numpy as np
from gmpy2 import mpfr

gmpy2.get_context().precision = 150
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
