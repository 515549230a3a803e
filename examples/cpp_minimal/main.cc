// How unevenly value is spread over customers, with the headers alone.
#include <iostream>
#include <vector>

#include "patron/value/concentration.hpp"

int main() {
  const std::vector<double> profit = {-10, 20, 30, 60};
  const auto spread = patron::value::MeasureConcentration<double>(profit);
  if (!spread.ok()) {
    std::cerr << spread.status() << "\n";
    return 1;
  }
  std::cout << "total " << spread->total << ", Gini " << spread->gini_normalised << "\n";
}
