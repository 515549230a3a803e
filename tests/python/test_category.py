"""Suggestions of categories."""

import csv
import pickle
from datetime import datetime

import numpy as np
import pytest

from patron.complaints import CategoryModel

TEXTS = [
    "parcel came late",
    "late again",
    "charged twice",
    "wrong price",
    "\u8d28\u91cf\u4e0d\u597d",
]
LABELS = ["delivery", "delivery", "price", "price", "quality"]


@pytest.fixture
def model():
    return CategoryModel(bits=12).fit(TEXTS, LABELS)


def test_learns(model):
    assert model.classes_.tolist() == ["delivery", "price", "quality"]
    assert model.predict(["late", "price", "\u8d28\u91cf"]).tolist() == [
        "delivery",
        "price",
        "quality",
    ]
    p = model.predict_proba(["late", ""])
    assert p.shape == (2, 3)
    assert p.sum(axis=1) == pytest.approx([1, 1])


def test_withholds(model):
    found = model.suggest(["late", "zzzz"], least=0.6)
    assert found["category"].tolist()[0] == "delivery"
    assert found["category"].tolist()[1] is None
    assert (found["probability"] >= found["runner_up_probability"]).all()


def test_same_seed_same_bytes(model):
    assert CategoryModel(bits=12).fit(TEXTS, LABELS).to_bytes() == model.to_bytes()
    assert CategoryModel(bits=12, seed=2).fit(TEXTS, LABELS).to_bytes() != model.to_bytes()
    again = CategoryModel.from_bytes(model.to_bytes())
    assert again.to_bytes() == model.to_bytes()
    assert np.array_equal(again.predict_proba(TEXTS), model.predict_proba(TEXTS))
    copy = pickle.loads(pickle.dumps(model))
    assert copy.get_params() == model.get_params()
    assert copy.to_bytes() == model.to_bytes()


def test_refuses():
    with pytest.raises(ValueError, match="categories: 1"):
        CategoryModel().fit(["a", "b"], ["x", "x"])
    with pytest.raises(ValueError, match="category: row 1"):
        CategoryModel().fit(["a", "b"], ["x", ""])
    with pytest.raises(ValueError, match="bits: 30"):
        CategoryModel(bits=30).fit(["a", "b"], ["x", "y"])
    with pytest.raises(ValueError, match="not fitted"):
        CategoryModel().predict(["a"])
    with pytest.raises(ValueError, match="bytes"):
        CategoryModel.from_bytes(b"nothing")


def test_products_of_the_cfpb_are_told_from_their_issues(reference_folder):
    with (reference_folder("complaints") / "cfpb_2015q1_sample.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows.sort(key=lambda row: datetime.strptime(row["Date received"], "%m/%d/%Y"))
    texts = [f"{row['Issue']}. {row['Sub-issue']}" for row in rows]
    labels = [row["Product"] for row in rows]
    split = len(rows) * 3 // 4
    model = CategoryModel().fit(texts[:split], labels[:split])
    scores = model.evaluate(texts[split:], labels[split:])
    assert scores.coverage == 1
    assert scores.accuracy > 0.9
    assert scores.macro_f1 > 0.7
    sure = model.evaluate(texts[split:], labels[split:], least=0.9)
    assert sure.coverage < 1
    assert sure.accuracy > scores.accuracy
