package io.adamant.measure;

import io.adamant.optim.KernelFunction;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.simulate.DirectionExperiment;
import io.adamant.theory.MomentumStart;
import io.adamant.theory.WeightRmsRecursion;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * An optimizer that no formula is known for: its own kernel, run on independent Gaussian gradients,
 * says how large its updates are and how far they carry the weights. What depends on the scale of
 * the gradients, and a rule on whole tensors, is not predicted.
 *
 * <p>Weights: the updates' covariance is taken to be σ²q^k with q = (c − 1)/(c + 1), which has the
 * sum c = 1 + 2&nbsp;Σρ_k that was found.
 */
final class SimulatedModel implements UpdateModel {

  private static final int WIDTH = 2048;
  private static final int FEW = 256; // coordinates, of the same numbers at two scales

  /** Relative: what an epsilon of 1e-8 does to gradients of 1e-4 is below, SGD is far above. */
  private static final double SAME = 1e-3;

  private static final long SEED = 22;
  private static final Map<Key, SimulatedModel> KNOWN = new HashMap<>();

  /** By content: each run has a copy of the file. */
  private record Key(String type, String text, Map<String, Object> settings) {}

  private final OptimizerDefinition definition;
  private final Map<String, Object> settings;
  private final Optional<DirectionExperiment> noise;
  private final SnrGrid meanSquares =
      new SnrGrid(snr -> square(experiment(WIDTH, snr, 1).updateRms().value()));

  private SimulatedModel(OptimizerDefinition definition, Map<String, Object> settings) {
    this.definition = definition;
    this.settings = settings;
    noise =
        definition.elementwise() && sameAtAnyScale()
            ? Optional.of(experiment(WIDTH, 0, 1))
            : Optional.empty();
  }

  /** The model; computed once, in about a second. */
  static UpdateModel of(OptimizerDefinition definition, Map<String, Object> settings) {
    synchronized (KNOWN) {
      return KNOWN.computeIfAbsent(
          new Key(definition.type(), definition.text(), settings),
          key -> new SimulatedModel(definition, settings));
    }
  }

  private boolean sameAtAnyScale() {
    double large = experiment(FEW, 0, 1).updateRms().value();
    double small = experiment(FEW, 0, 1e-4).updateRms().value();
    return large > 0 && Math.abs(small / large - 1) < SAME;
  }

  private DirectionExperiment experiment(int width, double snr, double scale) {
    int memory = KernelFunction.memory(definition, settings);
    try (KernelFunction rule = new KernelFunction(definition, settings, width)) {
      return DirectionExperiment.of(rule, width, memory, snr, scale, SEED);
    }
  }

  @Override
  public OptionalDouble freeRms() {
    return noise.isPresent()
        ? OptionalDouble.of(noise.get().updateRms().value())
        : OptionalDouble.empty();
  }

  @Override
  public OptionalDouble meanSquare(OptionalDouble snr, double gradientSquare, long step) {
    return noise.isEmpty()
        ? OptionalDouble.empty()
        : meanSquares.at(snr, square(noise.get().updateRms().value()));
  }

  @Override
  public Optional<WeightRmsRecursion> weights(double initialRms) {
    return noise.map(
        found ->
            WeightRmsRecursion.movingAverage(
                ratio(found), found.updateRms().value(), 0, initialRms, MomentumStart.STATIONARY));
  }

  private static double ratio(DirectionExperiment found) {
    double c = Math.max(1, found.spread().value());
    return (c - 1) / (c + 1);
  }

  @Override
  public OptionalDouble equilibriumWeightRms(double lr, double weightDecay) {
    return noise.isPresent() && lr > 0 && weightDecay > 0 && lr * weightDecay < 1
        ? OptionalDouble.of(noise.get().weightRms(lr, weightDecay))
        : OptionalDouble.empty();
  }

  private static double square(double x) {
    return x * x;
  }
}
