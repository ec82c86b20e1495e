package io.adamant.simulate;

import com.google.auto.service.AutoService;
import io.adamant.base.InputException;
import io.adamant.config.DecayKind;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RateMatch;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code lr: match(ARM)} by {@link RmsMatch}: what decay takes of the weights in a step at the peak
 * rate, &eta;&lambda; under coupled decay and &lambda; under independent, is multiplied by c'/c.
 */
@AutoService(RateMatch.class)
public final class RateMatching implements RateMatch {

  private static final MathContext DIGITS = new MathContext(4);

  /** The kinds that shrink all weights alike. */
  static final Set<DecayKind> ALIKE =
      EnumSet.of(
          DecayKind.COUPLED,
          DecayKind.INDEPENDENT,
          DecayKind.CORRECTED,
          DecayKind.PROXIMAL,
          DecayKind.LAST);

  /** For the service loader. */
  public RateMatching() {}

  @Override
  public OptimizerConfig matched(OptimizerConfig source, OptimizerConfig target) {
    DecayKind kind = kind(target);
    kind(source);
    if (source.lr() == 0) {
      throw new InputException("a rate of 0 has no match");
    }
    RuleUpdate from = RuleUpdate.of(source.type(), source.settings());
    RuleUpdate to = RuleUpdate.of(target.type(), target.settings());
    double rate = source.lr() * from.rms() / to.rms();
    double share = source.decayed(source.lr()) * to.spread() / from.spread();
    double decay = rounded(share / (rate * kind.perRate(1, rate, rate)));
    return target.with("lr", rounded(rate)).with("weight_decay", decay);
  }

  private static DecayKind kind(OptimizerConfig optimizer) {
    DecayKind kind = DecayKind.of(optimizer.settings().get("decay"));
    if (!ALIKE.contains(kind)) {
      String allowed = ALIKE.stream().map(DecayKind::word).collect(Collectors.joining(", "));
      throw InputException.badValue("optimizer.decay", kind.word(), "with a match, " + allowed);
    }
    return kind;
  }

  private static double rounded(double x) {
    return new BigDecimal(x).round(DIGITS).doubleValue();
  }
}
