#!/usr/bin/env python3
"""Writes the reference values of retention_sums_test.cc, in arithmetic of 40 digits (mpmath).

Sums of at most 400 terms are added up. Of longer ones the rest is the integral and the terms of
Euler and Maclaurin, with derivatives taken numerically; this way is checked against the closed
form of c = 1, by Gauss's hypergeometric function.
Run in this folder: python3 make_retention_sums.py
"""

import itertools
import random
from pathlib import Path

from mpmath import (
    bernfrac,
    diff,
    exp,
    factorial,
    fsum,
    hyp2f1,
    inf,
    isinf,
    log,
    loggamma,
    mp,
    mpf,
    power,
    quad,
    rf,
)

mp.dps = 40
DIRECT = 400
HEADER = "// Written by make_retention_sums.py. alpha, beta, c, before, rate, periods, sum.\n"


def term(theta, before, rate):
    a, b, c = theta
    start = loggamma(b + power(before, c)) - loggamma(a + b + power(before, c))
    pay = log(1 + rate)

    def at(j):
        y = b + power(before + j, c)
        return exp(loggamma(y) - loggamma(y + a) - start - pay * j)

    return at


def tail(f, start, end, scale):
    """The sum of f over start + 1 ... end."""
    points = [mpf(start)]
    while points[-1] < end:
        step = min(points[-1], scale)
        points.append(min(points[-1] + step, end))
        if abs(f(points[-1])) < mpf(10) ** -30 * abs(f(points[0])):
            end = points[-1]
    total = quad(f, points)
    for k in range(1, 8):
        top, bottom = bernfrac(2 * k)
        weight = mpf(top) / bottom / factorial(2 * k)
        total += weight * (diff(f, end, 2 * k - 1) - diff(f, start, 2 * k - 1))
    return total + (f(end) - f(start)) / 2


def closed(a, b, rate, periods):
    """The sum for c = 1, with b = beta + before."""
    z = 1 / (1 + rate)

    def from_on(low):
        return hyp2f1(1, low + 1, a + low + 1, z) * z * low / (a + low)

    if isinf(periods):
        return from_on(b)
    survived = power(z, periods) * rf(b, periods) / rf(a + b, periods)
    return from_on(b) - survived * from_on(b + periods)


def total(theta, before, rate, periods):
    f = term(theta, before, rate)
    terms = []
    j = 0
    while j < min(DIRECT, periods):
        j += 1
        terms.append(f(mpf(j)))
        if terms[-1] < mpf(10) ** -40 * terms[0]:
            return fsum(terms)
    if j < periods:
        terms.append(tail(f, mpf(j), periods, 4 / rate if rate > 0 else inf))
    return fsum(terms)


def main():
    grid = itertools.product(
        ["0.001", "0.668", "1", "7.3", "40", "1e4"],
        ["0.001", "3.806", "100", "1e4"],
        ["1", "0.2", "0.7", "1.3", "2.5", "4"],
        ["0", "1", "4", "38", "1000"],
        ["0", "1e-6", "0.0018", "0.03", "0.4", "10"],
        ["1", "39", "64", "65", "100", "1000", "1e6", "inf"],
    )
    cases = [c for c in grid if not (c[4] == "0" and c[5] == "inf")]
    random.Random(3).shuffle(cases)
    # Euler-Maclaurin against the closed form.
    for rate, periods in [("0.0018", mpf(20000)), ("0.0018", inf), ("1e-6", mpf(10) ** 6)]:
        f = term((mpf("0.668"), mpf("3.806"), mpf(1)), 38, mpf(rate))
        head = fsum(f(mpf(j)) for j in range(1, DIRECT + 1))
        long = head + tail(f, mpf(DIRECT), periods, 4 / mpf(rate))
        exact = closed(mpf("0.668"), mpf("41.806"), mpf(rate), periods)
        assert abs(long / exact - 1) < mpf(10) ** -20, (rate, periods, long / exact - 1)
    rows = []
    for case in cases:
        # As the numbers that a double holds.
        a, b, c, before, rate, periods = (mpf(float(v)) for v in case)
        value = total((a, b, c), before, rate, periods)
        if value < mpf(10) ** -100:
            continue
        end = "kEver" if isinf(periods) else case[5]
        rows.append("{" + ", ".join([*case[:5], end, mp.nstr(value, 20)]) + "},\n")
        if len(rows) == 400:
            break
    Path("retention_sums.inc").write_text(HEADER + "".join(rows))


if __name__ == "__main__":
    main()
