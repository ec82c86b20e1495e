package io.adamant.optim;

import ai.djl.ndarray.types.DataType;
import io.adamant.tensor.TorchRuntime;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * An optimizer's own kernel as a function from a step's gradients to its directions, in float64 on
 * the CPU, for callers that know no DJL. Weights stay at zero: no direction depends on them.
 */
public final class KernelFunction implements UnaryOperator<double[]>, AutoCloseable {

  /** Steps that the longest memory of a rule without any coefficient is taken to have. */
  private static final int SHORTEST = 20;

  private static final int LONGEST = 4000;

  private final KernelRun run;
  private final int threads;

  /**
   * A fresh rule.
   *
   * @param definition the optimizer
   * @param settings all of its settings
   * @param width coordinates
   */
  public KernelFunction(OptimizerDefinition definition, Map<String, Object> settings, int width) {
    FusedOptimizer optimizer =
        FusedOptimizer.builder(definition).settings(settings, "optimizer").build();
    run = new KernelRun(optimizer, DataType.FLOAT64, new double[width], width);
    threads = TorchRuntime.threads();
    TorchRuntime.prepareThread(1); // on so few numbers threads wait for each other
  }

  @Override
  public double[] apply(double[] gradients) {
    run.step(gradients, 1, 0, 0);
    return run.direction(gradients);
  }

  /**
   * Steps after which a rule has forgotten how it started: 12 time constants of its slowest
   * average, taken to be the largest setting with a range that ends below 1.
   *
   * @param definition the optimizer
   * @param settings all of its settings
   * @return from 20 to 4000
   */
  public static int memory(OptimizerDefinition definition, Map<String, Object> settings) {
    double slowest =
        definition.hyperparameters().stream()
            .filter(setting -> setting instanceof OptimizerSetting.Real real && decays(real))
            .mapToDouble(setting -> (Double) settings.get(setting.name()))
            .max()
            .orElse(0);
    if (Momentum.slow(settings)) {
      slowest = Math.max(slowest, Momentum.slowBeta(settings));
    }
    return (int) Math.min(LONGEST, Math.max(SHORTEST, Math.ceil(12 / (1 - slowest))));
  }

  private static boolean decays(OptimizerSetting.Real setting) {
    return setting.max() == 1 && !setting.maxAllowed();
  }

  @Override
  public void close() {
    run.close();
    TorchRuntime.prepareThread(threads);
  }
}
