#!/usr/bin/env python3
"""Writes the reference values of likelihoods_test.cc, in arithmetic of 80 digits (mpmath).

Each likelihood is written down here as in its paper, without any of the forms that the library
uses; gradient and Hessian are differences of it at a step of 1e-20 in the log parameters.
Run in this folder: python3 make_likelihoods.py
"""

import itertools
from pathlib import Path

from mpmath import beta, exp, fsum, log, loggamma, mp, mpf, power, psi

mp.dps = 80
STEP = mpf(10) ** -20


def log_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


def nbd(theta, row):
    r, alpha = theta
    x, end = row
    terms = [loggamma(r + x), -loggamma(r), r * log(alpha), -(r + x) * log(alpha + end)]
    grouped = [
        terms[0] + terms[1],
        -r * log(1 + end / alpha),
        -x * log(alpha + end),
        min(x, mpf(1)),
    ]
    return fsum(terms), grouped


def gamma_gamma(theta, row):
    p, q, scale = theta
    x, m = row
    terms = [
        loggamma(p * x + q),
        -loggamma(p * x),
        -loggamma(q),
        q * log(scale),
        (p * x - 1) * log(m),
        p * x * log(x),
        -(p * x + q) * log(scale + x * m),
    ]
    grouped = [
        terms[0] + terms[1],
        terms[2],
        -q * log(1 + x * m / scale),
        -p * x * log(1 + scale / (x * m)),
        -log(m),
    ]
    return fsum(terms), grouped


def bgbb(theta, row):
    a, b, c, d = theta
    x, last, n = (int(v) for v in row)
    bought = log_beta(a, b)
    stayed = log_beta(c, d)
    lives = [exp(log_beta(a + x, b + n - x) - bought + log_beta(c, d + n) - stayed)]
    lives += [
        exp(log_beta(a + x, b + m - x) - bought + log_beta(c + 1, d + m) - stayed)
        for m in range(last, n)
    ]
    total = log(fsum(lives))
    return total, [total, mpf(n)]


def survival(theta, t):
    a, b, c = theta
    return beta(a, b + power(t, c) if t > 0 else b) / beta(a, b)


def retention(theta, row):
    theta = list(theta) + [mpf(1)] * (3 - len(theta))
    t, lost, before = (int(v) for v in row)
    value = survival(theta, t - 1) - survival(theta, t) if lost else survival(theta, t)
    total = log(value / survival(theta, before))
    return total, [total, log(survival(theta, before)), mpf(1) if lost else mpf(0)]


def derivatives(model, eta, row):
    n = len(eta)

    def at(shifts):
        return model([exp(e + s) for e, s in zip(eta, shifts, strict=False)], row)[0]

    def moved(*pairs):
        shifts = [mpf(0)] * n
        for i, s in pairs:
            shifts[i] += s
        return at(shifts)

    middle = moved()
    up = [moved((i, STEP)) for i in range(n)]
    down = [moved((i, -STEP)) for i in range(n)]
    gradient = [(u - d) / (2 * STEP) for u, d in zip(up, down, strict=True)]
    hessian = []
    for i in range(n):
        for j in range(i):
            cross = [s * t * moved((i, s * STEP), (j, t * STEP)) for s in (1, -1) for t in (1, -1)]
            hessian.append(fsum(cross) / (4 * STEP**2))
        hessian.append((up[i] - 2 * middle + down[i]) / STEP**2)
    return gradient, hessian


def number(value):
    text = mp.nstr(value, 20, strip_zeros=True, min_fixed=0, max_fixed=0)
    return text if "e" in text or "." in text else text + ".0"


def braced(values):
    return "{" + ", ".join(number(v) for v in values) + "}"


def write(name, model, thetas, rows):
    with Path(f"{name}.inc").open("w", encoding="ascii") as out:
        out.write(
            "// Written by make_likelihoods.py. Log parameters; row; value, sum of the sizes "
            "of its terms;\n// gradient; Hessian, lower triangle by rows.\n"
        )
        for theta, row in itertools.product(thetas, rows):
            # What the test reads: doubles.
            eta = [mpf(float(log(mpf(t)))) for t in theta]
            row = [mpf(float(v)) for v in row]
            value, terms = model([exp(e) for e in eta], row)
            gradient, hessian = derivatives(model, eta, row)
            lists = [eta, row, [value, fsum(abs(t) for t in terms)], gradient, hessian]
            out.write("{" + ",\n ".join(braced(part) for part in lists) + "},\n")


def write_gamma_functions():
    with Path("gamma_functions.inc").open("w", encoding="ascii") as out:
        out.write(
            "// Written by make_likelihoods.py. z, a, d; ln Gamma, digamma, trigamma of z; "
            "the rise from z\n// to z + d, its derivatives by z, d, zz, dd; the mixed "
            "difference, its derivatives by z, zz.\n"
        )
        grid = itertools.product(
            ["1e-6", "0.3", "1", "2.5", "11.99", "12", "50", "1e4", "1e9"],
            ["1e-9", "1e-3", "0.7", "40", "1e5"],
            ["1e-12", "0.01", "1", "3.7", "1e6"],
        )
        for z, a, d in grid:
            z, a, d = (mpf(float(v)) for v in (z, a, d))
            top = z + d
            values = [
                z,
                a,
                d,
                loggamma(z),
                psi(0, z),
                psi(1, z),
                loggamma(top) - loggamma(z),
                psi(0, top) - psi(0, z),
                psi(0, top),
                psi(1, top) - psi(1, z),
                psi(1, top),
                loggamma(top + a) - loggamma(top) - loggamma(z + a) + loggamma(z),
                psi(0, top + a) - psi(0, top) - psi(0, z + a) + psi(0, z),
                psi(1, top + a) - psi(1, top) - psi(1, z + a) + psi(1, z),
            ]
            out.write(braced(values) + ",\n")


def main():
    write(
        "nbd",
        nbd,
        [("0.25", "4"), ("0.001", "1e-6"), ("0.55", "1e6"), ("800", "1e4"), ("1", "1")],
        [(0, "38.86"), (1, "1e-9"), (7, "38.86"), (300, "38.86"), (2000, "1000"), (0, "0")],
    )
    write(
        "gamma_gamma",
        gamma_gamma,
        [
            ("6.25", "3.74", "15.44"),
            ("0.01", "0.5", "1e-4"),
            ("300", "80", "1e5"),
            ("1e-5", "1e5", "3"),
            ("1e5", "2", "1e-3"),
        ],
        [(1, "35"), (2, "0.01"), (29, "26.39"), (2000, "1e6")],
    )
    write(
        "bgbb",
        bgbb,
        [
            ("1.204", "0.75", "0.657", "2.783"),
            ("1e-5", "1e-5", "1e-5", "1e-5"),
            ("1e5", "3e5", "1e5", "4e6"),
            ("40", "0.02", "1e-3", "1e3"),
            ("0.1", "9", "1e4", "0.3"),
        ],
        [
            (0, 0, 1),
            (1, 1, 1),
            (0, 0, 6),
            (3, 5, 6),
            (6, 6, 6),
            (1, 2, 40),
            (20, 39, 40),
            (5, 7, 150),
        ],
    )
    write(
        "sbg",
        retention,
        [("0.668", "3.806"), ("1e-6", "2"), ("3", "1e-5"), ("1e5", "3e5"), ("1", "1")],
        [
            (0, 0, 0),
            (1, 1, 0),
            (7, 0, 0),
            (7, 1, 0),
            (12, 1, 4),
            (12, 0, 11),
            (1000, 1, 0),
            (1000, 0, 0),
        ],
    )
    write(
        "beta_discrete_weibull",
        retention,
        [
            ("0.259", "1.722", "1.584"),
            ("1e-6", "2", "0.6"),
            ("3", "1e-4", "1.2"),
            ("900", "5000", "0.01"),
            ("0.5", "40", "3"),
        ],
        [
            (1, 1, 0),
            (2, 1, 0),
            (7, 0, 0),
            (7, 1, 0),
            (12, 1, 4),
            (12, 0, 11),
            (300, 1, 0),
            (300, 0, 0),
        ],
    )
    write_gamma_functions()


if __name__ == "__main__":
    main()
