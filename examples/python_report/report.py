"""The value of a shop's customers, from orders to a page for the board.

Run it in any folder: it writes pictures, tables and a page into ./report. With the name of a CSV or
Parquet file of your own, `patron report FILE` does the same from the command line.
"""

from __future__ import annotations

import numpy as np

import patron


def main() -> None:
    """Make a shop, look at its customers from a few sides, and write the report."""
    shop = patron.value.simulate_shop(customers=1000, seed=3)
    orders = shop.transactions

    scores = patron.value.rfm(orders, order="order_id")
    print(patron.value.pyramid(scores, value="monetary"))
    print(patron.value.segments(scores))
    spread = patron.value.concentration(scores["monetary"])
    print(f"Gini {spread.gini:.3f}, the best fifth holds {spread.top_20_share:.0%}")

    # Who earns money: 40 % of net value, less 6 an order and 9 a return.
    customer, amount = orders["customer_id"], orders["amount"]
    ids, row = np.unique(customer, return_inverse=True)
    profit = patron.value.profitability(
        {
            "customer_id": ids,
            "revenue": np.bincount(row, weights=amount),
            "orders": np.bincount(row, weights=amount > 0),
            "returns": np.bincount(row, weights=amount < 0),
        },
        margin_rate=0.4,
        drivers={"orders": 6.0, "returns": 9.0},
    )
    whale = patron.value.whale_curve(profit["profit"])
    print(
        f"{whale.figures.negatives} of {whale.figures.customers} customers lose money; "
        f"profit peaks at {whale.peak_share:.0%} of its total"
    )

    report = patron.report.build(orders, order="order_id", title="Our customers", truth=shop.truth)
    paths = report.write("report")
    patron.plot.whale_curve(whale).figure.savefig("report/profit.png", dpi=144)
    print(f"{len(paths) + 1} files; open {paths[0]}")


if __name__ == "__main__":
    main()
