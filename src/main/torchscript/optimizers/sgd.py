"""Stochastic gradient descent

formula: u = g
source: Robbins & Monro 1951
"""


def direction(g):
  return g
