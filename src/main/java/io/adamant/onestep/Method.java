package io.adamant.onestep;

import ai.djl.ndarray.NDArray;
import io.adamant.theory.DirectionMoments;
import java.util.Locale;

/**
 * A rule whose best rate of one step is measured.
 *
 * @param kind its family
 * @param beta1 of the momentum; 0 without
 * @param beta2 of Adam's squares
 * @param epsilon of SoftSign, in units of the gradient
 */
public record Method(Kind kind, double beta1, double beta2, double epsilon) {

  /** Families of directions. */
  public enum Kind {
    /** The batch gradient g. */
    SGD,
    /** Averaged gradients m. */
    SGDM,
    /** sign(g). */
    SIGN_SGD,
    /** sign(m). */
    SIGNUM,
    /** m/√v, 0 where v is 0. */
    ADAM,
    /** g/√(g² + ε²). */
    SOFT_SIGN;

    /** As on the command line. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether its law has Σ and H as they are, for any noise. */
    public boolean linear() {
      return this == SGD || this == SGDM;
    }
  }

  /** Unique in a design, such as {@code soft_sign 0.1}. */
  public String key() {
    return kind == Kind.SOFT_SIGN
        ? "%s %s".formatted(kind.word(), Float.toString((float) epsilon))
        : kind.word();
  }

  /** For charts and tables. */
  public String title() {
    return switch (kind) {
      case SGD -> "SGD";
      case SGDM -> "SGDM, β " + beta1;
      case SIGN_SGD -> "SignSGD";
      case SIGNUM -> "Signum, β " + beta1;
      case ADAM -> "Adam, β " + beta1 + ", " + beta2;
      case SOFT_SIGN -> String.format(Locale.ROOT, "SoftSign, ε %.3g", epsilon);
    };
  }

  /** Directions φ from gradients, averages and averaged squares, a row a draw; new arrays. */
  NDArray direction(NDArray g, NDArray m, NDArray v) {
    return switch (kind) {
      case SGD -> g.duplicate();
      case SGDM -> m.duplicate();
      case SIGN_SGD -> g.sign();
      case SIGNUM -> m.sign();
      case ADAM -> m.div(v.sqrt().addi(1e-30f)); // 0/0 is 0
      case SOFT_SIGN -> g.div(g.square().addi(epsilon * epsilon).sqrt());
    };
  }

  /** Moments of a coordinate with Gaussian noise. */
  DirectionMoments moments(SoftSignTable table) {
    return switch (kind) {
      case SGD -> DirectionMoments.sgdm(0);
      case SGDM -> DirectionMoments.sgdm(beta1);
      case SIGN_SGD -> DirectionMoments.signum(0);
      case SIGNUM -> DirectionMoments.signum(beta1);
      case ADAM -> DirectionMoments.adam(beta1);
      case SOFT_SIGN -> table.moments(epsilon);
    };
  }
}
