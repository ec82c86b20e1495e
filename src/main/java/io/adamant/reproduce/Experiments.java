package io.adamant.reproduce;

import io.adamant.base.Granted;
import io.adamant.base.InputException;
import io.adamant.simulate.Blocks;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** The simulations that test claims, by name. */
final class Experiments {

  private static final long SEED = 0;

  private static final Map<String, Function<Blocks, Result>> ALL = all();

  private Experiments() {}

  /**
   * What a simulation gives.
   *
   * @param numbers by key
   * @param figures to be drawn
   */
  record Result(Map<String, Estimate> numbers, List<Figure> figures) {}

  private static Map<String, Function<Blocks, Result>> all() {
    Map<String, Function<Blocks, Result>> all = new LinkedHashMap<>();
    all.put("toy", blocks -> ToyExperiment.run());
    all.put("signum-slope", blocks -> SlopeExperiment.run());
    all.put("signal", blocks -> SignalExperiment.run());
    all.put("update-rms", UpdateRmsExperiment::run);
    all.put("weight-rms", WeightRmsExperiment::run);
    all.put("weight-rms-schedule", WeightRmsExperiment::schedules);
    all.put("batch-magnification", MagnificationExperiment::run);
    all.put("surge", SurgeExperiment::run);
    return all;
  }

  static void require(String name) {
    if (!ALL.containsKey(name) && !name.equals(FrozenRows.NAME)) {
      throw InputException.badValue(
          "experiment", name, String.join(", ", ALL.keySet()) + ", " + FrozenRows.NAME);
    }
  }

  /** Runs one; the same numbers on every machine. */
  static Result run(String name, LongConsumer progress) {
    require(name);
    int threads = Granted.here().threads();
    return ALL.get(name).apply(new Blocks(threads, SEED, progress));
  }
}
