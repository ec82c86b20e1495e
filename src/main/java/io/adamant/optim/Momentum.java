package io.adamant.optim;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The average gradient of a rule, m &larr; &beta; m + (1 &minus; &beta;) x, and what its direction
 * can be given in the place of m. The file says {@code momentum: m}; such rules have the settings
 * below beside their own, left out of the resolved ones at their defaults.
 *
 * <pre>
 * m&#772;  = m                                                    momentum: plain
 * m&#772;  = &beta; m + (1 &minus; &beta;) x                                    momentum: nesterov
 * m&#772;  = &beta; m (1 &minus; &beta;^t)/(1 &minus; &beta;^(t+1)) + (1 &minus; &beta;) x          momentum: nesterov_next
 * n  &larr; &beta;_t n + (1 &minus; &beta;_t) x                              slow_beta, slow_beta_warmup
 * m&#772;  &larr; m&#772; + &alpha;_t c n                                        slow_alpha, slow_alpha_warmup
 * </pre>
 *
 * <p>x is g, or sign(g) where the rule averages that. The factors are those of a rule that divides
 * m by c = 1 &minus; &beta;^t: &beta; m is then divided by 1 &minus; &beta;^(t+1), x by 1 &minus;
 * &beta;^t, and n by nothing. Without such a correction c = 1 and both kinds of Nesterov are one.
 * Sources: nesterov, NAdamW of AlgoPerf (Dahl et al. 2023, arXiv 2306.07179); nesterov_next, Dozat
 * 2016; the slow average, AdEMAMix (Pagliardini, Ablin &amp; Grangier 2024, arXiv 2409.03137).
 *
 * @param state name of m; "" for a rule without
 * @param averaged x, in TorchScript
 * @param beta name of the setting &beta;
 * @param dampening name of the setting d where m &larr; &beta; m + (1 &minus; d) x can be meant, so
 *     that (1 &minus; d) x takes the place of (1 &minus; &beta;) x; "" for a rule without
 * @param correction name of the switch of the correction; {@code true} where it is always on, ""
 *     where there is none
 */
@PublicApi
public record Momentum(
    String state, String averaged, String beta, String dampening, String correction) {

  /** Of a rule without such an average. */
  static final Momentum NONE = new Momentum("", "", "", "", "");

  /** The tensor that a second time scale needs. */
  static final String SLOW = "slow";

  private static final String KIND = "momentum";
  private static final String ALPHA = "slow_alpha";
  private static final OptimizerSetting.Real SLOW_BETA =
      new OptimizerSetting.Real(
          "slow_beta", 0.9999, 0, 1, false, "decay of the slow average; needs slow_alpha");
  private static final String ALPHA_WARMUP = "slow_alpha_warmup";
  private static final String BETA_WARMUP = "slow_beta_warmup";

  /** The settings, in the order of listings. */
  static final List<OptimizerSetting> SETTINGS =
      List.of(
          new OptimizerSetting.Choice(
              KIND,
              List.of("plain", "nesterov", "nesterov_next"),
              "what the direction is made of: the average gradient; the same one step on, with the"
                  + " gradient once more; or so that its correction is the next step's too"),
          new OptimizerSetting.Real(
              ALPHA,
              0.0,
              0,
              Double.POSITIVE_INFINITY,
              false,
              "weight of a second, slow average gradient; 0 keeps none"),
          SLOW_BETA,
          steps(ALPHA_WARMUP, "steps in which slow_alpha grows from 0; needs slow_alpha"),
          steps(BETA_WARMUP, "steps in which slow_beta grows from beta1; needs slow_alpha"));

  private static OptimizerSetting steps(String name, String meaning) {
    return new OptimizerSetting.Whole(name, 0L, 0, 1_000_000_000, meaning);
  }

  /**
   * Finds the average in functions of a file, as the kernel has them.
   *
   * @return empty where the state is not the average of one thing with one decay
   */
  static Optional<Momentum> find(String state, String update, String direction) {
    Pattern advance =
        Pattern.compile(
            "STATE = (?:average|average_from_first|accumulate)\\(STATE, (g|torch\\.sign\\(g\\)),"
                    .replace("STATE", state)
                + " self\\.(\\w+)(?:, self\\.(\\w+))?(?:, t)?, gate\\)");
    List<String> lines =
        update
            .lines()
            .map(String::strip)
            .filter(l -> l.matches(state + "( = |\\.copy_).*"))
            .toList();
    List<Matcher> found =
        lines.stream().map(advance::matcher).filter(Matcher::matches).collect(Collectors.toList());
    if (found.isEmpty()
        || found.size() < lines.size()
        || found.stream().map(m -> m.group(1) + m.group(2)).distinct().count() > 1) {
      return Optional.empty();
    }
    String beta = found.get(0).group(2);
    Matcher corrected =
        Pattern.compile(
                "corrected\\(%s, self\\.%s, t\\)(?: if self\\.(\\w+) else)?".formatted(state, beta))
            .matcher(direction);
    String correction = "";
    if (corrected.find()) {
      correction = corrected.group(1) == null ? "true" : corrected.group(1);
    }
    String dampening =
        found.stream().map(m -> m.group(3)).flatMap(Stream::ofNullable).findFirst().orElse("");
    return Optional.of(new Momentum(state, found.get(0).group(1), beta, dampening, correction));
  }

  boolean exists() {
    return !state.isEmpty();
  }

  /** The settings that the rule has because of its average. */
  List<OptimizerSetting> settings() {
    return exists() ? SETTINGS : List.of();
  }

  /** Names that no other setting or state of the rule can have. */
  static List<String> names() {
    List<String> names = new ArrayList<>(SETTINGS.stream().map(OptimizerSetting::name).toList());
    names.add(SLOW);
    return names;
  }

  /** Refuses settings of a slow average that is not there. */
  static void check(Map<String, Object> settings, String where) {
    for (String name : List.of(SLOW_BETA.name(), ALPHA_WARMUP, BETA_WARMUP)) {
      if (settings.containsKey(name) && !slow(settings)) {
        throw new InputException(
            "%s.%s: %s needs a slow_alpha above 0".formatted(where, name, settings.get(name)));
      }
    }
  }

  /** Whether there is a slow average. */
  static boolean slow(Map<String, Object> settings) {
    return settings.containsKey(ALPHA);
  }

  /** Decay of the slow average. */
  static double slowBeta(Map<String, Object> settings) {
    return (Double) settings.getOrDefault(SLOW_BETA.name(), SLOW_BETA.defaultValue());
  }

  /** Whether the direction is given anything but the average itself. */
  static boolean acts(Map<String, Object> settings) {
    return settings.containsKey(KIND) || slow(settings);
  }

  /** Statements that advance the slow average, as {@code def update} has them. */
  String onUpdate(Map<String, Object> settings) {
    // 1 - beta before it is rounded: of 0.9999 float32 would keep three digits of the 1e-4.
    return """

        slow_new_ = (1.0 - decay_at(self.{beta}, {high}, {warmup}, t)).to(slow.dtype)
        slow.copy_(torch.where(gate > 0.0, torch.lerp(slow, {x}, slow_new_), slow))\
        """
        .replace("{beta}", beta)
        .replace("{high}", Double.toString(slowBeta(settings)))
        .replace("{warmup}", Double.toString(steps(settings, BETA_WARMUP)))
        .replace("{x}", averaged);
  }

  /** Statements before those that read the average, which give it another value for them. */
  String onDirection(Map<String, Object> settings) {
    String statements = "";
    boolean corrects = correction.equals("true") || Boolean.TRUE.equals(settings.get(correction));
    if (settings.get(dampening) instanceof Double d && settings.containsKey(KIND)) {
      statements = "{m} = {m} * self.{beta} + {x} * (1.0 - " + d + ")\n";
    } else if (corrects && "nesterov_next".equals(settings.get(KIND))) {
      statements =
          """
          next_ = (1.0 - torch.pow(self.{beta}, t)) / (1.0 - torch.pow(self.{beta}, t + 1.0))
          {m} = {m} * (next_ * self.{beta}).to({m}.dtype) + {x} * (1.0 - self.{beta})
          """;
    } else if (settings.containsKey(KIND)) {
      statements = "{m} = torch.lerp({x}, {m}, self.{beta})\n";
    }
    if (slow(settings)) {
      double warmup = steps(settings, ALPHA_WARMUP);
      String grown = warmup > 0 ? "torch.clamp(t / " + warmup + ", max=1.0)" : "torch.ones_like(t)";
      String total = corrects ? " * (1.0 - torch.pow(self.{beta}, t))" : "";
      statements +=
          "slow_share_ = %s%s * %s\n".formatted(grown, total, settings.get(ALPHA))
              + "{m} = {m} + slow * slow_share_.to({m}.dtype)\n";
    }
    return statements.replace("{m}", state).replace("{x}", averaged).replace("{beta}", beta);
  }

  private static double steps(Map<String, Object> settings, String name) {
    return settings.get(name) instanceof Long steps ? steps : 0;
  }
}
