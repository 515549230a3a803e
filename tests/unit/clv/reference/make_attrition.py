"""Reference values of the attrition likelihoods in 50-digit arithmetic.

Writes pareto_nbd.inc, bgnbd.inc and ggompertz_nbd.inc beside this file. A line is
{x, t_x, T, {log parameters}, log-likelihood, conditioning, {gradient}, {Hessian by rows}}, with the
lower triangle of the Hessian. Derivatives are central differences of the log-likelihood itself, so
that they share nothing with the formulas under test. The conditioning is the change of the
log-likelihood by relative changes of the parameters and the two times, in absolute values.

Run: python3 make_attrition.py [pareto|bg|gompertz]; needs mpmath.
"""

import random
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from mpmath import cos, exp, expm1, inf, log, log1p, loggamma, mp, mpf, nstr, pi, sqrt

mp.dps = 50
STEP = mpf(10) ** -14
FOLDER = Path(__file__).parent


def legendre_rule(count):
    """Nodes and weights on [0, 1]."""
    rule = []
    for i in range(count):
        t = cos(pi * (i + mpf(3) / 4) / (count + mpf(1) / 2))
        for _ in range(10):
            before, value = mpf(1), t
            for j in range(2, count + 1):
                before, value = value, ((2 * j - 1) * t * value - (j - 1) * before) / j
            slope = count * (t * value - before) / (t * t - 1)
            t -= value / slope
        rule.append(((1 - t) / 2, 1 / ((1 - t * t) * slope * slope)))
    return rule


RULE = legendre_rule(56)


def integral(log_integrand, low, high, distance):
    """The logarithm of the integral of exp(log_integrand) over [low, high].

    Panels are shorter than the distance of the integrand's nearest singularity, which
    distance(y) tells, and so that it changes by no more than e^30 in one.
    """
    if high == low:
        return -inf
    top = log_integrand(low)
    total = mpf(0)
    y = low
    while y < high:
        step = min(high - y, distance(y) * mpf("0.7"))
        here = log_integrand(y)
        while abs(log_integrand(y + step) - here) > 30:
            step /= 2
        part = step * sum(w * exp(log_integrand(y + step * u) - top) for u, w in RULE)
        total += part
        y = y + step if y + step < high else high
        # What is left falls: all integrands here do, once far below their start.
        if here - top < -150 and part < total * mpf(10) ** -60:
            break
    return log(total) + top


def log_sum(a, b):
    if b == -inf:
        return a
    return max(a, b) + log1p(exp(-abs(a - b)))


def pareto(x, t_x, T, eta):
    r, alpha, s, beta = (exp(e) for e in eta)
    base = loggamma(r + x) - loggamma(r) + r * log(alpha) + s * log(beta)
    alive = -(r + x) * log(alpha + T) - s * log(beta + T)
    dead = integral(
        lambda y: -(r + x) * log(alpha + y) - (s + 1) * log(beta + y),
        t_x,
        T,
        lambda y: y + min(alpha, beta),
    )
    return base + log_sum(alive, log(s) + dead)


def gompertz(x, t_x, T, eta):
    r, alpha, b, s, beta = (exp(e) for e in eta)
    base = loggamma(r + x) - loggamma(r) + r * log(alpha)

    def survival(y):
        return s * (log(beta) - log(beta + expm1(b * y)))

    def pole(y):
        # Where e^(b y) = 1 - beta.
        if beta == 1:
            return inf
        place = log(abs(1 - beta)) / b
        return sqrt((y - place) ** 2 + (pi / b) ** 2) if beta > 1 else y - place

    alive = -(r + x) * log(alpha + T) + survival(T)
    dead = integral(
        lambda y: -(r + x) * log(alpha + y) + survival(y) + b * y - log(beta + expm1(b * y)),
        t_x,
        T,
        lambda y: min(y + alpha, pole(y)),
    )
    return base + log_sum(alive, log(b) + log(s) + dead)


def beta_geometric(x, t_x, T, eta, at_zero, k):
    r, alpha, a, b = (exp(e) for e in eta)
    flips = x + 1 if at_zero else x
    n = r + k * x

    def log_beta(p, q):
        return loggamma(p) + loggamma(q) - loggamma(p + q)

    base = loggamma(n) - loggamma(r) + r * log(alpha) - log_beta(a, b) - x * loggamma(k)
    idle = sum(
        exp(loggamma(n + j) - loggamma(n) - loggamma(j + 1)) * ((T - t_x) / (alpha + T)) ** j
        for j in range(k)
    )
    alive = log_beta(a, b + flips) - n * log(alpha + T) + log(idle)
    dead = -inf
    if flips > 0:
        dead = log_beta(a + 1, b + flips - 1) - n * log(alpha + t_x)
    return base + log_sum(alive, dead)


def differences(f, point):
    """Value, gradient and lower triangle of the Hessian by central differences."""
    size = len(point)

    def at(moves):
        moved = list(point)
        for i, direction in moves:
            moved[i] += direction * STEP
        return f(moved)

    value = f(point)
    up = [at([(i, 1)]) for i in range(size)]
    down = [at([(i, -1)]) for i in range(size)]
    gradient = [(u - d) / (2 * STEP) for u, d in zip(up, down, strict=True)]
    hessian = []
    for i in range(size):
        for j in range(i):
            mixed = (
                at([(i, 1), (j, 1)])
                - at([(i, 1), (j, -1)])
                - at([(i, -1), (j, 1)])
                + at([(i, -1), (j, -1)])
            )
            hessian.append(mixed / (4 * STEP**2))
        hessian.append((up[i] - 2 * value + down[i]) / STEP**2)
    return value, gradient, hessian


def conditioning(f, x, t_x, T, eta, gradient):
    total = sum(abs(g) for g in gradient)
    h = mpf(10) ** -30
    total += abs((f(x, t_x, T * (1 + h), eta) - f(x, t_x, T, eta)) / h)
    if 0 < t_x < T:
        total += abs((f(x, t_x * (1 + h), T, eta) - f(x, t_x, T, eta)) / h)
    return total


def line(job):
    kind, x, t_x, T, eta, extra = job
    f = {"pareto": pareto, "gompertz": gompertz, "bg": beta_geometric}[kind]

    def full(x_, t_, T_, eta_):
        return f(x_, t_, T_, eta_, *extra)

    exact = [mpf(e) for e in eta]
    value, gradient, hessian = differences(lambda e: full(mpf(x), mpf(t_x), mpf(T), e), exact)
    k = conditioning(full, mpf(x), mpf(t_x), mpf(T), exact, gradient)

    def show(values):
        return "{" + ", ".join(nstr(v, 17) for v in values) + "}"

    head = ", ".join(str(int(e)) for e in extra)
    return (
        f"{{{head + ', ' if head else ''}{x}, {t_x!r}, {T!r}, {{{', '.join(map(repr, eta))}}}, "
        f"{nstr(value, 20)}, {nstr(k, 5)}, {show(gradient)}, {show(hessian)}}},"
    )


def times(x, rng):
    T = rng.choice([1e-3, 1.0, 38.86, 38.86, 104.0, 1000.0])
    if x == 0:
        return 0.0, T
    return rng.choice([T - 1e-9 if T >= 1 else T / 2, T, T / 2, T * 0.97, T / 100]), T


def logs(*values):
    return [float(log(mpf(v))) for v in values]


SHAPES = [1e-6, 0.01, 0.25, 0.55, 1.0, 1 + 1e-9, 2.5, 60.0, 1e5]
SCALES = [1e-6, 1e-3, 0.1, 4.4, 10.58, 500.0, 1e6]
COUNTS = [0, 0, 0, 1, 1, 2, 7, 29, 300, 500, 2000]


def pareto_jobs():
    rng = random.Random(1987)
    yield "pareto", 300, 38.0, 38.86, logs(0.55, 0.1, 0.6, 500), ()
    yield "pareto", 500, 38.0, 38.86, logs(0.55, 0.1, 0.6, 500), ()
    yield "pareto", 26, 30.86, 31.0, logs(0.5533, 10.578, 0.6061, 11.669), ()
    yield "pareto", 2, 30.43, 38.86, logs(0.5533, 10.578, 0.6061, 11.669), ()
    yield "pareto", 0, 0.0, 38.86, logs(0.5533, 10.578, 0.6061, 11.669), ()
    yield "pareto", 2, 30.43, 38.86, logs(0.5, 12.0, 1.0, 12.0), ()
    for _ in range(150):
        x = rng.choice(COUNTS)
        yield (
            "pareto",
            x,
            *times(x, rng),
            logs(rng.choice(SHAPES), rng.choice(SCALES), rng.choice(SHAPES), rng.choice(SCALES)),
            (),
        )


def bg_jobs():
    rng = random.Random(2005)
    for _ in range(250):
        x = rng.choice(COUNTS)
        extra = (rng.random() < 0.5, rng.choice([1, 1, 1, 2, 3, 12]))
        yield (
            "bg",
            x,
            *times(x, rng),
            logs(rng.choice(SHAPES), rng.choice(SCALES), rng.choice(SHAPES), rng.choice(SHAPES)),
            extra,
        )


def gompertz_jobs():
    rng = random.Random(2012)
    for _ in range(100):
        x = rng.choice(COUNTS)
        yield (
            "gompertz",
            x,
            *times(x, rng),
            logs(
                rng.choice(SHAPES),
                rng.choice(SCALES),
                rng.choice([1e-6, 1e-3, 0.02, 0.3, 4, 50]),
                rng.choice(SHAPES),
                rng.choice([1e-5, 0.01, 0.5, 1.0, 3.0, 200.0, 1e6]),
            ),
            (),
        )


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["pareto", "bg", "gompertz"]
    names = {"pareto": "pareto_nbd.inc", "bg": "bgnbd.inc", "gompertz": "ggompertz_nbd.inc"}
    makers = {"pareto": pareto_jobs, "bg": bg_jobs, "gompertz": gompertz_jobs}
    for kind in wanted:
        with ProcessPoolExecutor() as pool:
            lines = list(pool.map(line, makers[kind]()))
        (FOLDER / names[kind]).write_text("\n".join(lines) + "\n")
