package io.adamant.theory;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegrator;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;

/** Gauss-Legendre quadrature with 40 points: exact for polynomials of degree 79. */
final class Quadrature {

  private static final GaussIntegrator UNIT = new GaussIntegratorFactory().legendre(40);

  private Quadrature() {}

  /** ∫ from {@code from} to {@code to} of a function that is smooth between them. */
  static double integrate(DoubleUnaryOperator function, double from, double to) {
    double middle = 0.5 * (from + to);
    double half = 0.5 * (to - from);
    return half * UNIT.integrate(x -> function.applyAsDouble(middle + half * x));
  }
}
