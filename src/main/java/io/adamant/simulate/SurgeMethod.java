package io.adamant.simulate;

import io.adamant.theory.CoordinateLearningRate;
import io.adamant.theory.DirectionMoments;
import io.adamant.theory.LocalGeometry;
import io.adamant.theory.OptimalLearningRate;
import io.adamant.theory.SurgeThreshold;

/**
 * A method whose best rate is followed over the batch size.
 *
 * @param kind which family
 * @param beta1 of the momentum; 0 for the methods without
 * @param beta2 of Adam's squares
 */
public record SurgeMethod(Kind kind, double beta1, double beta2) {

  /** Families of directions. */
  public enum Kind {
    /** The gradient, averaged if beta1 is above 0. */
    SGDM,
    /** Its sign. */
    SIGNUM,
    /** Over the root of averaged squares. */
    ADAM
  }

  /** For tables and legends. */
  public String title() {
    return switch (kind) {
      case SGDM -> beta1 == 0 ? "SGD" : "SGDM, beta1 " + beta1;
      case SIGNUM -> beta1 == 0 ? "SignSGD" : "Signum, beta1 " + beta1;
      case ADAM -> "Adam, beta1 " + (beta1 == 0 ? "0" : beta1);
    };
  }

  /**
   * The one-step law with one noise scale for all coordinates.
   *
   * @param at the point of the step
   * @param batch B in samples, above 0
   * @return the best learning rate of one step
   */
  public double law(LocalGeometry at, double batch) {
    return switch (kind) {
      case SGDM -> OptimalLearningRate.sgdm(at, beta1, batch);
      case SIGNUM -> OptimalLearningRate.signum(at, beta1, batch);
      case ADAM -> OptimalLearningRate.adam(at, beta1, batch);
    };
  }

  /** The one-step law with every coordinate by itself. */
  double coordinateLaw(RandomQuadratic problem, double batch) {
    DirectionMoments moments =
        switch (kind) {
          case SGDM -> DirectionMoments.sgdm(beta1);
          case SIGNUM -> DirectionMoments.signum(beta1);
          case ADAM -> DirectionMoments.adam(beta1);
        };
    return CoordinateLearningRate.optimal(
        moments, problem.gradient(), problem.sigma(), problem.hessian(), batch);
  }

  /**
   * B* of the law, infinite where the rate never falls.
   *
   * @param at the point of the step
   * @return a batch size in samples
   */
  public double threshold(LocalGeometry at) {
    return switch (kind) {
      case SGDM -> Double.POSITIVE_INFINITY;
      case SIGNUM -> SurgeThreshold.signum(at, beta1);
      case ADAM -> SurgeThreshold.adam(at, beta1);
    };
  }

  double direction(double m, double v) {
    return switch (kind) {
      case SGDM -> m;
      case SIGNUM -> Math.signum(m);
      case ADAM -> v == 0 ? 0 : m / Math.sqrt(v);
    };
  }

  OneStepRate.Method oneStep() {
    return switch (kind) {
      case SGDM -> OneStepRate.Method.of(beta1, x -> x);
      case SIGNUM -> OneStepRate.Method.of(beta1, Math::signum);
      case ADAM -> OneStepRate.Method.adam(beta1, beta2);
    };
  }
}
