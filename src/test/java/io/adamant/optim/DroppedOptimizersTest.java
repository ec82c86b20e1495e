package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.train.ProcessMemory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Optimizers that were used in DJL's path and dropped without close leave nothing behind. */
class DroppedOptimizersTest {

  @Test
  void kernelAndStateGoWithTheOptimizer() throws Exception {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray weight = manager.ones(new Shape(8, 8));
      NDArray gradient = manager.ones(new Shape(8, 8));
      int kernels = collected(Integer.MAX_VALUE);
      NDManager state = use(0.123, weight, gradient);
      assertThat(state.isOpen()).isTrue();
      assertThat(collected(kernels)).isLessThanOrEqualTo(kernels);
      assertThat(state.isOpen()).isFalse();
    }
  }

  @Test
  void optimizersOfOneKindShareOneKernel() {
    try (NDManager manager = NDManager.newBaseManager();
        FusedOptimizer first = signum(0.321);
        FusedOptimizer second = signum(0.321);
        FusedOptimizer other = signum(0.322)) {
      OptimizerKernel kernel = kernel(first, manager);
      assertThat(kernel(second, manager)).isSameAs(kernel);
      assertThat(kernel(other, manager)).isNotSameAs(kernel);
    }
  }

  private static OptimizerKernel kernel(FusedOptimizer optimizer, NDManager manager) {
    return OptimizerKernel.of(optimizer.definition(), optimizer.settings(), manager.getDevice());
  }

  @Test
  void theStateOfAClosedOptimizerIsFreedAtOnce() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray weight = manager.ones(new Shape(8, 8));
      FusedOptimizer optimizer = signum(0.9);
      optimizer.update("w", weight, manager.ones(new Shape(8, 8)));
      NDManager state = optimizer.djlManager(weight.getDevice());
      optimizer.close();
      assertThat(state.isOpen()).isFalse();
    }
  }

  /** Also with settings of its own for each, so that no kernel is shared. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Tag("slow")
  @EnabledOnOs(OS.LINUX)
  void residentMemoryIsFlat(boolean different) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Java's own growth is left out: a heap that is touched at once, one compiler.
                "-Xms64m",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:+AlwaysPreTouch",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                DroppedOptimizersTest.class.getName(),
                Boolean.toString(different))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    SimpleRegression resident = new SimpleRegression();
    for (String line : out.lines().toList()) {
      String[] columns = line.split(" ", -1);
      if (Integer.parseInt(columns[0]) >= 1000) {
        resident.addData(Double.parseDouble(columns[0]), Double.parseDouble(columns[1]));
      }
    }
    System.out.printf("resident memory: %.3f KiB an optimizer%n", resident.getSlope());
    assertThat(resident.getN()).isEqualTo(31);
    assertThat(resident.getSlope()).isLessThanOrEqualTo(1);
  }

  public static void main(String[] args) throws Exception {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray weight = manager.ones(new Shape(64, 64));
      NDArray gradient = manager.ones(new Shape(64, 64));
      for (int k = 0; k <= 4000; k++) {
        use(Boolean.parseBoolean(args[0]) ? 0.5 + k * 1e-4 : 0.5, weight, gradient);
        if (k % 100 == 0) {
          collected(0);
          System.out.println(k + " " + ProcessMemory.resident().orElseThrow() / 1024);
        }
      }
    }
  }

  /** One step, without close; the manager of the state. */
  private static NDManager use(double beta1, NDArray weight, NDArray gradient) {
    FusedOptimizer optimizer = signum(beta1);
    optimizer.update("w", weight, gradient);
    return optimizer.djlManager(weight.getDevice());
  }

  private static FusedOptimizer signum(double beta1) {
    return Signum.builder()
        .set("beta1", beta1)
        .optLearningRate(step -> 3e-3)
        .optWeightDecay(0.1)
        .build();
  }

  /** Kernels left after the garbage collector and the cleaner had their time. */
  private static int collected(int wanted) throws InterruptedException {
    for (int k = 0; k < 100; k++) {
      System.gc();
      Thread.sleep(20);
      if (OptimizerKernel.compiled() <= wanted && k > 0) {
        break;
      }
    }
    return OptimizerKernel.compiled();
  }
}
