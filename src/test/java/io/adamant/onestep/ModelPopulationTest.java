package io.adamant.onestep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.train.StoredModel;
import io.adamant.train.TestRuns;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPopulationTest {

  private static final int POOL = 20; // more than a pass takes
  @TempDir private static Path temp;
  private static TokenDataset data;
  private static ModelPopulation population;

  @BeforeAll
  static void load() {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp), "training.steps=20");
    data = TestRuns.data(config, temp.resolve("cache"));
    Path run = temp.resolve("run");
    TestRuns.train(config, data, run);
    StoredModel stored = StoredModel.open(run, StoredModel.Choice.LAST);
    population =
        new ModelPopulation(
            config, Optional.of(stored), data, POOL, Device.cpu(), 1, gradients -> {});
  }

  @AfterAll
  static void close() {
    population.close();
    data.close();
  }

  @Test
  void theGradientOfSamplesIsTheMeanOfTheirOwn() {
    int[] some = {3, 7, 7, 19, 0, 1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14};
    try (NDManager scope = population.manager().newSubManager()) {
      NDArray own = population.gradients();
      NDArray mean = scope.zeros(new Shape(population.coordinates()));
      for (int n : some) {
        mean.addi(own.get(new NDIndex(n)));
      }
      mean.divi(some.length);
      NDArray together = population.gradient(scope, mean, 0, some);
      double error = together.sub(mean).norm().getFloat() / mean.norm().getFloat();
      assertThat(error).isLessThan(1e-5);
    }
  }

  /** Coordinates are in one order in gradients, directions and displacements. */
  @Test
  void theLossMovesByTheGradient() {
    int[] some = {0, 5, 11};
    try (NDManager scope = population.manager().newSubManager()) {
      NDArray direction =
          scope
              .arange((float) population.coordinates())
              .muli(0.7f)
              .sin(); // no two tensors have the same
      NDArray gradient = population.gradient(scope, direction, 0, some);
      direction = direction.add(gradient.mul(100)).toType(DataType.FLOAT32, false);
      double slope = gradient.mul(direction).sum().getFloat();
      double step = 0.01 / direction.norm().getFloat();
      double moved =
          (population.loss(direction, step, some) - population.loss(direction, -step, some))
              / (2 * step);
      assertThat(moved).isCloseTo(slope, within(0.01 * Math.abs(slope)));
      assertThat(population.gradient(scope, direction, 0, some).sub(gradient).norm().getFloat())
          .as("the weights are where they were")
          .isZero();
    }
  }
}
