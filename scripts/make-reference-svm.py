"""Writes test/golden/svm.json: support vector machines on kernel matrices, trained by scikit-learn's libsvm.

    python3 scripts/make-reference-svm.py > test/golden/svm.json          (needs scikit-learn; a second)

Points are sixteenths, so that every entry of the kernel (1 + <x, z>/4)^2 or <x, z> is an exact double. One problem has two
classes that overlap, one has four of different sizes, and one has equal points with different labels. libsvm is run to a
tolerance of 1e-10, in which a machine is unique up to what a singular matrix leaves open: decisions and objectives are, the
coefficients need not be, so they are not in the file.
"""
import json
import random

import numpy
import sklearn
from sklearn.svm import SVC


def points(seed, sizes, spread):
    rng = random.Random(seed)
    rows, labels = [], []
    for label, size in enumerate(sizes):
        centre = [rng.randint(-16, 16) for _ in range(3)]
        for _ in range(size):
            rows.append([(c + rng.randint(-spread, spread)) / 16 for c in centre])
            labels.append(label)
    order = list(range(len(rows)))
    rng.shuffle(order)
    return [rows[i] for i in order], [labels[i] for i in order]


KERNELS = {"linear": lambda a, b: a @ b.T, "square": lambda a, b: (1 + a @ b.T / 4) ** 2}


def machine(kernel, rows, labels, tests, cost):
    x, z = numpy.array(rows), numpy.array(tests)
    gram = KERNELS[kernel](x, x)
    model = SVC(kernel="precomputed", C=cost, tol=1e-10, decision_function_shape="ovo").fit(gram, labels)
    decisions = model.decision_function(KERNELS[kernel](z, x))
    classes = len(model.classes_)
    if classes == 2:  # there the sign is that of the second class
        decisions = -decisions.reshape(-1, 1)
    starts = numpy.concatenate([[0], numpy.cumsum(model.n_support_)])
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    objectives = []
    for a, b in pairs:
        beta = numpy.zeros(len(labels))
        for own, other, row in ((a, b, b - 1), (b, a, a)):
            mine = slice(starts[own], starts[own + 1])
            beta[model.support_[mine]] = model.dual_coef_[row, mine]
        sign = numpy.where(numpy.array(labels) == a, 1.0, -1.0)
        if classes == 2:
            beta = -beta
        objectives.append(float(beta @ gram @ beta / 2 - sign @ beta))
    return {
        "kernel": kernel,
        "c": cost,
        "decisions": decisions.tolist(),
        "objectives": objectives,
        "predictions": [int(one) for one in model.predict(KERNELS[kernel](z, x))],
    }


def problem(name, seed, sizes, spread, repeat=0):
    rows, labels = points(seed, sizes, spread)
    for i in range(repeat):
        rows.append(list(rows[i]))
        labels.append((labels[i] + i) % len(sizes))
    tests, _ = points(seed + 1, [6] * len(sizes), spread)
    machines = [machine(kernel, rows, labels, tests, cost) for kernel in KERNELS for cost in (0.01, 1, 30)]
    return {"name": name, "points": rows, "labels": labels, "tests": tests, "machines": machines}


print(json.dumps({
    "made": f"scikit-learn {sklearn.__version__}, numpy {numpy.__version__}",
    "problems": [
        problem("two classes that overlap", 11, [14, 12], 14),
        problem("four classes of different sizes", 23, [12, 9, 5, 3], 12),
        problem("equal points of different classes", 37, [8, 8, 8], 10, 6),
    ],
}))
