package io.adamant.optim;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.tensor.TorchRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What every optimizer has to hold to, and what its file claims of itself, tried on the real kernel
 * with seeded gradients on a parameter of each shape that matters to it.
 */
public final class OptimizerContract {

  /** What came of a property. */
  public enum Verdict {
    /** It holds. */
    HOLDS,
    /** It does not hold, and has to, or is claimed. */
    FAILS,
    /** It holds, though the file does not claim it. */
    NOT_CLAIMED,
    /** It does not hold, and need not. */
    ABSENT
  }

  /**
   * What was found out about a property.
   *
   * @param property what was tried
   * @param verdict what came of it
   * @param detail the number found, or the first deviation
   */
  public record Finding(String property, Verdict verdict, String detail) {}

  static final String SCALE_INVARIANT = "a factor on the gradients changes nothing";

  /** The contract: what has to hold, then what a file may claim. */
  private static final List<Property> PROPERTIES =
      List.of(
          must("a closed gate changes nothing", ContractTrials::closedGate),
          must(
              "a step with NaN or infinity in its gradient changes nothing",
              ContractTrials::badStep),
          must("saved and restored, it goes on bit for bit", ContractTrials::restored),
          must("the direction recomputed is the one applied", ContractTrials::recomputed)
              .onlyOf(definition -> definition.moved().isEmpty()),
          must("each coordinate goes its own way", ContractTrials::separate)
              .onlyOf(of -> of.elementwise() && of.sums().isEmpty()), // a sum is all coordinates'
          must("gradients move the weights", ContractTrials::moves),
          must("zero, tiny and huge gradients give finite directions", ContractTrials::finite),
          must("a rate of zero moves no weight", ContractTrials::zeroRate),
          must("float32 follows float64", ContractTrials::precisions),
          mayClaim("odd in the gradients", OptimizerClaims::odd, ContractTrials::odd),
          mayClaim(SCALE_INVARIANT, OptimizerClaims::scaleInvariant, ContractTrials::scaled),
          new Property(
              "|u| has a bound",
              definition -> true,
              claims -> claims.bound().isPresent(),
              OptimizerContract::bounded));

  private static final Pattern RANDOM =
      Pattern.compile("\\b(rand\\w*|bernoulli\\w*|dropout|normal_|uniform_|multinomial)\\(");
  private static final Pattern RETURN = Pattern.compile("^\\s+return\\b");
  private static final Pattern CHANGES_GRADIENT = Pattern.compile("\\bg\\.\\w*[a-z]_\\(");

  /**
   * A property.
   *
   * @param concerns the rules that it can be asked of
   * @param asserted whether it has to hold: of every rule, or where a file claims it
   * @param trial of all shapes
   */
  private record Property(
      String name,
      Predicate<OptimizerDefinition> concerns,
      Predicate<OptimizerClaims> asserted,
      BiFunction<List<ContractTrials>, OptimizerClaims, Outcome> trial) {

    Property onlyOf(Predicate<OptimizerDefinition> some) {
      return new Property(name, some, asserted, trial);
    }

    Finding find(List<ContractTrials> shapes, OptimizerClaims claims) {
      Outcome outcome = trial.apply(shapes, claims);
      Verdict verdict =
          asserted.test(claims)
              ? outcome.holds() ? Verdict.HOLDS : Verdict.FAILS
              : outcome.holds() ? Verdict.NOT_CLAIMED : Verdict.ABSENT;
      return new Finding(name, verdict, outcome.detail());
    }
  }

  private record Outcome(boolean holds, String detail) {}

  private OptimizerContract() {}

  private static Property must(String name, Function<ContractTrials, String> deviation) {
    return mayClaim(name, claims -> true, deviation);
  }

  private static Property mayClaim(
      String name, Predicate<OptimizerClaims> claimed, Function<ContractTrials, String> deviation) {
    return new Property(
        name,
        definition -> true,
        claimed,
        (shapes, claims) ->
            shapes.stream()
                .map(trials -> trials.named(deviation))
                .filter(found -> !found.isEmpty())
                .findFirst()
                .map(found -> new Outcome(false, found))
                .orElse(new Outcome(true, "")));
  }

  private static Outcome bounded(List<ContractTrials> shapes, OptimizerClaims claims) {
    double largest = shapes.stream().map(ContractTrials::supremum).reduce(0.0, Math::max);
    double bound = claims.bound().orElse(-1);
    String claimed = bound < 0 ? "none claimed" : "claimed " + bound;
    return new Outcome(
        largest <= bound * (1 + 1e-5),
        String.format(Locale.ROOT, "largest |u| found %.4g, %s", largest, claimed));
  }

  /** What a rule's parameters can be like: a matrix either way up, where that matters; a vector. */
  private static List<int[]> shapes(OptimizerDefinition definition) {
    int[] matrix = {7, 8}; // the product that has a null direction has one, and so one basis
    int[] vector = {56};
    List<int[]> shapes =
        definition.elementwise()
            ? List.of(matrix, vector)
            : List.of(matrix, new int[] {8, 7}, vector);
    return shapes.stream()
        .filter(of -> definition.takes(new Shape(Arrays.stream(of).asLongStream().toArray())))
        .toList();
  }

  /**
   * Tries everything.
   *
   * @param definition the optimizer
   * @param settings of it
   * @return the properties, in a fixed order
   * @throws InputException as {@link #requireSound}
   */
  public static List<Finding> check(OptimizerDefinition definition, Map<String, Object> settings) {
    return check(definition, settings, definition.claims());
  }

  /** Holds the optimizer to other claims than its file's, which are about its defaults. */
  static List<Finding> check(
      OptimizerDefinition definition, Map<String, Object> settings, OptimizerClaims claims) {
    requireSound(definition, settings);
    FusedOptimizer optimizer = optimizer(definition, settings);
    int threads = TorchRuntime.threads();
    TorchRuntime.prepareThread(1); // on so few numbers threads wait for each other
    try {
      return check(
          definition, claims, (type, w, shape) -> new KernelRun(optimizer, type, w, shape));
    } finally {
      TorchRuntime.prepareThread(threads);
    }
  }

  /** Holds whatever is started to the contract of a definition. */
  static List<Finding> check(
      OptimizerDefinition definition, OptimizerClaims claims, ContractTrials.Start start) {
    List<ContractTrials> shapes =
        shapes(definition).stream().map(shape -> new ContractTrials(start, shape)).toList();
    return PROPERTIES.stream()
        .filter(property -> property.concerns().test(definition))
        .map(property -> property.find(shapes, claims))
        .toList();
  }

  private static FusedOptimizer optimizer(
      OptimizerDefinition definition, Map<String, Object> settings) {
    return FusedOptimizer.builder(definition).settings(settings, "optimizer").build();
  }

  /**
   * Refuses an optimizer that cannot be trained with: one that does not compile or fails when it
   * runs, changes its gradient, returns a direction of another shape, or is not deterministic.
   *
   * @param definition the optimizer
   * @param settings of it
   * @throws InputException one line with the file and its line
   */
  public static void requireSound(OptimizerDefinition definition, Map<String, Object> settings) {
    try {
      for (int[] shape : shapes(definition)) {
        requireSound(optimizer(definition, settings), shape);
      }
    } catch (EngineException e) {
      throw KernelErrors.of(definition, e);
    }
  }

  private static void requireSound(FusedOptimizer optimizer, int[] shape) {
    OptimizerDefinition definition = optimizer.definition();
    int size = ContractTrials.size(shape);
    try (KernelRun once =
            new KernelRun(optimizer, DataType.FLOAT32, Gradients.row(33, size), shape);
        KernelRun twice =
            new KernelRun(optimizer, DataType.FLOAT32, Gradients.row(33, size), shape);
        NDArray open = once.manager.create(1d)) {
      for (double[] g : Gradients.normal(1, 4, size)) {
        NDArray given = once.array(g);
        NDArray untouched = given.duplicate();
        once.step(given, open, ParameterRun.RATE, ParameterRun.DECAY);
        requireSame(given, untouched, definition, "update");
        NDArray u = once.direction(given);
        requireSame(given, untouched, definition, "direction");
        if (!u.getShape().equals(given.getShape())) {
          throw KernelErrors.of(
              definition,
              RETURN,
              "direction",
              "direction returns the shape %s for a parameter of the shape %s"
                  .formatted(u.getShape(), given.getShape()));
        }
        twice.step(g);
        boolean same =
            Arrays.equals(once.weights(), twice.weights())
                && Arrays.equals(once.direction(g), once.direction(g));
        if (!same) {
          throw KernelErrors.of(
              definition,
              RANDOM,
              "direction",
              "not deterministic: the same gradients, given twice, lead to other weights, or asking"
                  + " for the direction changes it");
        }
      }
    }
  }

  private static void requireSame(
      NDArray given, NDArray untouched, OptimizerDefinition definition, String function) {
    if (!given.contentEquals(untouched)) {
      throw KernelErrors.of(
          definition, CHANGES_GRADIENT, function, function + " changes its gradient g");
    }
  }
}
