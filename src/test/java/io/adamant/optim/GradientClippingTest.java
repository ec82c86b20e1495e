package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.adamant.rules.Clipping;
import io.adamant.tensor.Autograd;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clipping on the device against the rule in plain doubles, and the numbers that it logs. */
class GradientClippingTest {
  private static final double[] FIRST = {3, -4, 0, 0.5};
  private static final double[] SECOND = {-12, 0.25};

  /** Largest norm, largest coordinate; 0 switches one off. The norm here is 13.01. */
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "100, 0", "0, 1", "6.5, 1.75", "100, 3.5"})
  void clipsByNormThenByCoordinateAsTheRuleDoes(double maxNorm, double limit) {
    double[][] expected = {FIRST.clone(), SECOND.clone()};
    double norm = Clipping.globalNorm(expected);
    if (maxNorm > 0) {
      Clipping.clipGlobalNorm(maxNorm, expected);
    }
    int cut = 0;
    for (int i = 0; i < expected.length && limit > 0; i++) {
      for (double x : expected[i]) {
        cut += Math.abs(x) > limit ? 1 : 0;
      }
      expected[i] = Clipping.coordinates(expected[i], limit);
    }
    try (NDManager manager = NDManager.newBaseManager();
        GradientClipping clipping = new GradientClipping(manager, maxNorm, limit, 4);
        Autograd.Mode off = Autograd.noGrad()) {
      NDList gradients = new NDList();
      gradients.add(manager.create(FIRST).toType(DataType.FLOAT32, true));
      gradients.add(manager.create(SECOND).toType(DataType.FLOAT32, true));
      NDArray gate = clipping.clipAndGuard(manager, new NDList(manager.create(2f)), gradients, 5);

      assertThat(gate.getDouble()).isOne();
      for (int i = 0; i < expected.length; i++) {
        double[] found = gradients.get(i).toType(DataType.FLOAT64, true).toDoubleArray();
        assertThat(found).containsExactly(expected[i], within(1e-6));
      }
      GradientClipping.StepOutcome outcome = clipping.read(5, 6)[0];
      double scale = maxNorm > 0 ? Math.min(1, maxNorm / norm) : 1;
      assertThat(outcome.loss()).isEqualTo(2);
      assertThat(outcome.gradientNorm()).isCloseTo(norm, within(1e-6));
      assertThat(outcome.scale()).isCloseTo(scale, within(1e-6));
      assertThat(outcome.limited()).isCloseTo(cut / 6.0, within(1e-12));
      Map<String, Object> fields = clipping.fields(outcome);
      assertThat(fields.containsKey("clip_scale")).isEqualTo(maxNorm > 0);
      assertThat(fields.containsKey("clipped_coordinates")).isEqualTo(limit > 0);
      assertThat(fields).doesNotContainKey("clipped_momentum");
    }
  }

  @Test
  void aZeroGradientStaysZero() {
    try (NDManager manager = NDManager.newBaseManager();
        GradientClipping clipping = new GradientClipping(manager, 1, 1, 4);
        Autograd.Mode off = Autograd.noGrad()) {
      NDList gradients = new NDList(manager.create(new float[3]));
      clipping.clipAndGuard(manager, new NDList(manager.create(2f)), gradients, 0);
      assertThat(gradients.get(0).toFloatArray()).containsExactly(0, 0, 0);
      assertThat(clipping.read(0, 1)[0].taken()).isTrue();
    }
  }

  /**
   * Either one alone, loss or norm, shuts the gate, and the gradients are then zero. 1e30 is
   * finite, but its square is not in float32.
   */
  @ParameterizedTest
  @CsvSource({
    "2, 1, true",
    "NaN, 1, false",
    "Infinity, 1, false",
    "2, NaN, false",
    "2, -Infinity, false",
    "2, 1e30, false"
  })
  void aLossOrANormThatIsNotFiniteShutsTheGate(float loss, float gradient, boolean taken) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientClipping clipping = new GradientClipping(manager, 0, 0, 4);
        Autograd.Mode off = Autograd.noGrad()) {
      NDList gradients = new NDList(manager.create(new float[] {gradient, 3}));
      NDArray gate = clipping.clipAndGuard(manager, new NDList(manager.create(loss)), gradients, 0);
      assertThat(gate.getDouble()).isEqualTo(taken ? 1 : 0);
      assertThat(clipping.read(0, 1)[0].taken()).isEqualTo(taken);
      assertThat(gradients.get(0).toFloatArray())
          .containsExactly(taken ? gradient : 0, taken ? 3 : 0);
    }
  }

  /** Two bad steps in a row are forgiven here; after a third the gate opens for no step. */
  @Test
  void afterTooManyBadStepsInARowTheGateStaysShut() {
    assertThat(gates(1, 0, 0, 1, 0, 0, 1)).containsExactly(1, 0, 0, 1, 0, 0, 1);
    assertThat(gates(1, 0, 0, 0, 1, 1)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  /**
   * What the gate says of steps whose loss is finite (1) or not (0), that may leave out 2 in a row.
   */
  private static List<Integer> gates(int... finite) {
    List<Integer> gates = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager();
        GradientClipping clipping = new GradientClipping(manager, 0, 0, 4, 2);
        Autograd.Mode off = Autograd.noGrad()) {
      for (int step = 0; step < finite.length; step++) {
        NDArray loss = manager.create(finite[step] == 1 ? 2f : Float.NaN);
        NDList gradients = new NDList(manager.create(new float[] {1}));
        gates.add(
            (int) clipping.clipAndGuard(manager, new NDList(loss), gradients, step).getDouble());
      }
    }
    return gates;
  }
}
