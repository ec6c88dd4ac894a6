"""neural-tangents: jitted and compiled ahead, so that tracing and compiling are told apart from running.

`listed` names the layers one after another, `repeat` scans over them with stax.repeat: the faster of the two is listed at
depth 2 and repeat from 10 on. Started with the process pinned to one CPU, so that XLA's pool has one thread.
"""

import os

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import platform
import time

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import jaxlib
import neural_tangents as nt
import numpy as np
from neural_tangents import stax
from serve import corner, serve

ROOT2 = 2**0.5
DTYPES = {"float64": jnp.float64, "float32": jnp.float32}


def dense(std, bias):
    return stax.Dense(1, W_std=std, b_std=bias**0.5 if bias > 0 else None)


def vector_kernel(depth, mode, bias):
    step = [dense(ROOT2, bias), stax.Relu()]
    if mode == "repeat" and depth > 1:
        hidden = [stax.repeat(stax.serial(*step), depth - 1)]
    else:
        hidden = step * (depth - 1)
    return stax.serial(dense(1.0, bias), stax.Relu(), *hidden, dense(ROOT2, bias))[2]


def image_kernel(depth, mode, reading):
    def conv(std):
        return stax.Conv(1, (3, 3), padding="CIRCULAR", W_std=std, b_std=None)

    body = stax.serial(conv(1.0), stax.Relu(), conv(ROOT2 * depth**-0.5))
    block = stax.serial(stax.FanOut(2), stax.parallel(stax.Identity(), body), stax.FanInSum())
    blocks = [stax.repeat(block, depth)] if mode == "repeat" else [block] * depth
    read = {"pool": stax.GlobalAvgPool, "trace": stax.Flatten}[reading]()
    first = stax.Conv(1, (1, 1), padding="CIRCULAR", W_std=1.0, b_std=None)
    return stax.serial(first, *blocks, read, stax.Dense(1, W_std=1.0, b_std=None))[2]


def compiled(kernel, x):
    start = time.perf_counter()
    program = jax.jit(lambda rows: kernel(rows, None, "ntk")).lower(x).compile()
    took = time.perf_counter() - start
    return {"run": lambda: program(x).block_until_ready(), "compile": took, "probe": lambda k: np.asarray(corner(k))}


def points(x, precision):
    given = np.fromfile(x["file"], count=int(np.prod(x["shape"]))).reshape(x["shape"])
    return jnp.asarray(given, DTYPES[precision])


def gram(x, depth, mode, precision="float64", bias=0.0):
    rows = points(x, precision)
    return {**compiled(vector_kernel(depth, mode, bias), rows), "note": mode}


def images(x, depth, mode, reading="pool", precision="float64"):
    stack = points(x, precision)
    return {**compiled(image_kernel(depth, mode, reading), stack), "note": mode}


def weights(w, sizes):
    """Numbers of a file as the weights of dense layers, each fan-out × fan-in, at variance 1."""
    given = 12**0.5 * np.fromfile(w["file"], count=int(np.prod(w["shape"])))
    taken, layers = 0, []
    for before, after in zip(sizes, sizes[1:]):
        layers.append(jnp.asarray(given[taken : taken + before * after].reshape(after, before).T))
        taken += before * after
    return layers


def jacobians(apply, rows, parameters):
    """Products of Jacobians, in blocks of 50 rows: two of those are 2.6 GB at three million parameters."""

    def block(given, others, of):
        def rows_of(these):
            return jax.vmap(jax.grad(lambda p, row: apply(p, row[None])[0, 0]), (None, 0))(of, these)

        pairs = zip(jax.tree_util.tree_leaves(rows_of(given)), jax.tree_util.tree_leaves(rows_of(others)))
        return sum(a.reshape(len(given), -1) @ b.reshape(len(others), -1).T for a, b in pairs)

    most = 50
    parts = [rows[at : at + most] for at in range(0, len(rows), most)]
    start = time.perf_counter()
    program = jax.jit(block)
    for part in {len(part): part for part in parts}.values():
        program(parts[0], part, parameters).block_until_ready()
    took = time.perf_counter() - start

    def run():
        return jnp.block([[program(a, b, parameters) for b in parts] for a in parts]).block_until_ready()

    return {"run": run, "compile": took, "probe": lambda k: np.asarray(corner(k))}


def empirical(x, w, width, depth, way):
    """The NTK of one network: by a way of neural-tangents, or the product of Jacobians as one would write it in JAX."""
    rows = points(x, "float64")
    hidden = [layer for at in range(depth) for layer in (stax.Dense(width, W_std=ROOT2 if at else 1.0, b_std=None), stax.Relu())]
    _, apply, _ = stax.serial(*hidden, stax.Dense(1, W_std=ROOT2, b_std=None))
    sizes = [x["shape"][1], *[width] * depth, 1]
    dense = [(layer, None) for layer in weights(w, sizes)]
    parameters = [part for layer in dense[:-1] for part in (layer, ())] + [dense[-1]]
    if way == "jacobian":
        return jacobians(apply, rows, parameters)
    full = nt.empirical_ntk_fn(apply, trace_axes=(-1,), vmap_axes=0, implementation=nt.NtkImplementation[way])
    kernel = lambda given, of: full(given, None, of)
    start = time.perf_counter()
    program = jax.jit(kernel).lower(rows, parameters).compile()
    took = time.perf_counter() - start
    return {
        "run": lambda: program(rows, parameters).block_until_ready(),
        "compile": took,
        "probe": lambda k: np.asarray(corner(k)),
        "note": way,
    }


if __name__ == "__main__":
    versions = {
        "neural-tangents": nt.__version__,
        "jax": jax.__version__,
        "jaxlib": jaxlib.__version__,
        "numpy of neural-tangents": np.__version__,
        "python of neural-tangents": platform.python_version(),
    }
    serve(versions, {"gram": gram, "images": images, "empirical": empirical})
