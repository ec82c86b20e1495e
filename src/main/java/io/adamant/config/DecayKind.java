package io.adamant.config;

import io.adamant.base.PublicApi;
import java.util.Locale;

/** What a step does with the weight decay &lambda;; the word is the name in small letters. */
@PublicApi
public enum DecayKind {
  /** w &larr; (1 &minus; &eta;&lambda;) w before the step. */
  COUPLED,
  /** w &larr; (1 &minus; (&eta;/&eta;_max)&lambda;) w before the step. */
  INDEPENDENT,
  /** w &larr; (1 &minus; (&eta;&sup2;/&eta;_max)&lambda;) w before the step. */
  CORRECTED,
  /** w &larr; w &minus; &eta;&lambda; w where u w &gt; 0. */
  CAUTIOUS,
  /** w &larr; w/(1 + &eta;&lambda;) after the step. */
  PROXIMAL,
  /** w &larr; (1 &minus; &eta;&lambda;) w after the step. */
  LAST,
  /** g + &lambda;w in place of g. */
  L2;

  /**
   * The kind by its word.
   *
   * @param word such as {@code coupled}, or null for the default
   * @return the kind; {@link #COUPLED} where no word is given
   */
  public static DecayKind of(Object word) {
    return word instanceof String text ? valueOf(text.toUpperCase(Locale.ROOT)) : COUPLED;
  }

  /**
   * The word in a configuration.
   *
   * @return such as {@code coupled}
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What the rate is multiplied by to get the share of the weights that decays.
   *
   * @param decay &lambda;
   * @param rate &eta; of the step
   * @param highest &eta;_max, the highest rate of the schedule
   * @return &lambda;; &lambda;/&eta;_max if independent; &lambda;&eta;/&eta;_max if corrected
   * @throws IllegalStateException if &eta;_max is needed and NaN
   */
  public double perRate(double decay, double rate, double highest) {
    if (this != INDEPENDENT && this != CORRECTED) {
      return decay;
    }
    if (Double.isNaN(highest)) {
      throw new IllegalStateException(
          "decay: " + word() + " needs a learning rate whose highest value is known");
    }
    return highest == 0 ? 0 : this == INDEPENDENT ? decay / highest : decay * rate / highest;
  }
}
