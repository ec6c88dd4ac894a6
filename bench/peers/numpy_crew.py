"""NumPy and SciPy: the layer loop of layers.py, and the dense algebra that one would call."""

import os
import platform

import numpy as np
import scipy
import scipy.linalg
from layers import ntk, pooled_ntk
from serve import corner, serve

PRECISIONS = {"float64": np.float64, "float32": np.float32}


def points(file, shape):
    return np.fromfile(file, count=int(np.prod(shape))).reshape(shape)


def gram(x, depth, phi="relu", bias=0.0, precision="float64"):
    rows = points(**x).astype(PRECISIONS[precision])
    return {"run": lambda: ntk(rows, depth, phi, bias), "probe": corner}


def images(x, depth, filters):
    stack = points(**x)
    return {"run": lambda: pooled_ntk(stack, depth, filters), "probe": corner}


def matrix_of(matrix):
    return np.fromfile(matrix["file"]).reshape(matrix["size"], matrix["size"])


def eigvalsh(matrix):
    a = matrix_of(matrix)
    return {"run": lambda: scipy.linalg.eigvalsh(a), "probe": lambda values: values[::-1][:8]}


def eigh(matrix, driver="evd"):
    a = matrix_of(matrix)
    return {"run": lambda: scipy.linalg.eigh(a, driver=driver), "probe": lambda pair: pair[0][::-1][:8]}


def top(matrix, count):
    """The largest by LAPACK's own selection."""
    a = matrix_of(matrix)
    size = len(a)
    run = lambda: scipy.linalg.eigh(a, eigvals_only=True, subset_by_index=[size - count, size - 1])  # noqa: E731
    return {"run": run, "probe": lambda values: values[::-1][:8]}


def condition(matrix):
    """From all eigenvalues, as numpy.linalg.cond does for symmetric matrices at best."""
    a = matrix_of(matrix)

    def run():
        values = scipy.linalg.eigvalsh(a)
        return values[-1] / values[0]

    return {"run": run, "probe": lambda value: [value]}


def solve(matrix, ridge, columns):
    a = matrix_of(matrix) + ridge * np.eye(matrix["size"])
    b = np.cos(np.arange(matrix["size"] * columns, dtype=float)).reshape(-1, columns)

    def run():
        return scipy.linalg.cho_solve(scipy.linalg.cho_factor(a, lower=True), b)

    def residual(x):
        return np.linalg.norm(b - a @ x) / (np.linalg.norm(a) * np.linalg.norm(x) + np.linalg.norm(b))

    return {"run": run, "probe": lambda x: x[:8, 0], "note": f"backward error {residual(run()):.0e}"}


operations = {
    "gram": gram,
    "images": images,
    "eigvalsh": eigvalsh,
    "eigh": eigh,
    "top": top,
    "condition": condition,
    "solve": solve,
}

if __name__ == "__main__":
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    versions = {
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "python": platform.python_version(),
        "numpy's BLAS": f"{blas['name']} {blas['version']}, {os.environ.get('OPENBLAS_NUM_THREADS', 'all')} thread(s)",
    }
    serve(versions, operations)
