"""What one writes in NumPy from the formulas: layer by layer, whole matrices at a time. [arc-cosine] [CNTK]

As good as plain NumPy gets: temporaries are reused, the product is BLAS', the diagonal is put right by hand. It works with
arccos of a rounded correlation, so nearly equal rows lose half of their digits.
"""

import numpy as np


def relu_duals(correlation):
    """kappa0 and kappa1 of correlations."""
    clipped = np.clip(correlation, -1.0, 1.0)
    angle = np.arccos(clipped)
    kappa0 = 1.0 - angle / np.pi
    kappa1 = (np.sqrt(1.0 - clipped * clipped) + (np.pi - angle) * clipped) / np.pi
    return kappa0, kappa1


def relu_step(covariance, variance):
    """E phi phi and E phi' phi' of sqrt(2) relu."""
    length = np.sqrt(variance)
    norms = np.multiply.outer(length, length)
    kappa0, kappa1 = relu_duals(covariance / norms)
    return norms * kappa1, kappa0, variance


def erf_step(covariance, variance):
    from_variance = 1.0 + 2.0 * variance
    product = np.multiply.outer(from_variance, from_variance)
    value = (2 / np.pi) * np.arcsin(2.0 * covariance / np.sqrt(product))
    slope = (4 / np.pi) / np.sqrt(product - 4.0 * covariance * covariance)
    return value, slope, (2 / np.pi) * np.arcsin(2.0 * variance / from_variance)


def gelu_step(covariance, variance):
    a = variance[:, None]
    b = variance[None, :]
    big_a, big_b = 1.0 + a, 1.0 + b
    determinant = big_a * big_b - covariance * covariance
    p = 1.0 / (2 * np.pi * np.sqrt(determinant))
    f = 0.25 + np.arcsin(covariance / np.sqrt(big_a * big_b)) / (2 * np.pi)
    h = 1.0 / big_a + 1.0 / big_b
    value = covariance * f + p * (a * b + covariance * covariance * (h - 1.0))
    slope = f + covariance * p * h + p * covariance / determinant
    return value, slope, np.diagonal(value).copy()


STEPS = {"relu": relu_step, "erf": erf_step, "gelu": gelu_step}


def ntk(x, depth, phi="relu", bias=0.0):
    """The neural tangent kernel of `depth` layers with a head, all trained; biases of that variance, trained too."""
    step = STEPS[phi]
    bias = x.dtype.type(bias)
    covariance = x @ x.T
    covariance /= x.shape[1]
    covariance += bias
    tangent = covariance.copy()
    variance = np.diagonal(covariance).copy()
    for _ in range(depth):
        value, slope, variance = step(covariance, variance)
        variance = variance + bias
        value += bias
        covariance = value
        tangent *= slope
        tangent += covariance
    return tangent


def pooled_ntk(images, depth, filters):
    """Of a ResNet on images [n, h, w, c], blocks of one or two 3 x 3 circular filters, mean over pixels: every pair of pixels."""
    n, height, width, channels = images.shape
    alpha2 = 1.0 / depth
    covariance = np.einsum("ahwc,bijc->abhwij", images, images, optimize=True) / channels

    def box(field):
        """The mean over filters laid on both images at once."""
        for first, second in ((2, 4), (3, 5)):
            near = np.roll(field, (1, 1), (first, second))
            near += np.roll(field, (-1, -1), (first, second))
            field = (field + near) / 3.0
        return field

    tangent = covariance.copy()
    own = np.arange(n)
    for _ in range(depth):
        inner = box(covariance) if filters == 2 else covariance
        trained = (box(tangent) if filters == 2 else tangent) + inner
        same = np.einsum("ahwhw->ahw", inner[own, own])
        length = np.sqrt(same)
        norms = length[:, None, :, :, None, None] * length[None, :, None, None, :, :]
        kappa0, kappa1 = relu_duals(inner / norms)
        value = norms * kappa1
        tangent = tangent + alpha2 * box(trained * kappa0 + value)
        covariance = covariance + alpha2 * box(value)
    return (tangent + covariance).mean((2, 3, 4, 5))
