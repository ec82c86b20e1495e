package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.rules.Rule;
import io.adamant.rules.Rules;
import io.adamant.tensor.Autograd;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a basis may not decide, and what it is for. */
class SoapTest {
  private static final int ROWS = Variant.ROWS;
  private static final int COLS = Variant.COLS;
  private static final int SIZE = Variant.SIZE;

  /** A step from the same state, with other signs of the basis' columns, and the steps after it. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 10})
  void noSignOfAColumnMatters(double frequency) {
    Variant variant = Variant.of("soap", "precondition_frequency", frequency);
    double[] w = Gradients.row(1, SIZE);
    try (KernelRun run = variant.run(DataType.FLOAT64, w);
        KernelRun turned = variant.run(DataType.FLOAT64, w)) {
      double[][] g = Gradients.normal(2, 30, SIZE);
      for (int k = 0; k < g.length; k++) {
        if (k == 5) {
          Map<String, double[]> state = turned.everything();
          double[] before = state.get("w/left_basis").clone();
          turn(state.get("w/left_basis"), ROWS);
          turn(state.get("w/right_basis"), COLS);
          assertThat(state.get("w/left_basis")).isNotEqualTo(before);
          turned.restore(state);
        }
        run.step(g[k]);
        turned.step(g[k]);
        assertThat(turned.weights()).containsExactly(run.weights(), within(1e-13));
      }
    }
  }

  /** Turns every other column over. */
  private static void turn(double[] basis, int size) {
    for (int i = 0; i < basis.length; i++) {
      basis[i] *= i % size % 2 == 0 ? -1 : 1;
    }
  }

  /** Without statistics of either side it is Adam that starts at the second gradient. */
  @Test
  void withoutStatisticsItIsAdam() {
    Rule soap = Rules.create("soap", Map.of("eps", 0.0, "max_precond_dim", 1.0), ROWS, COLS);
    Rule adam = Rules.create("adamw", Map.of("eps", 0.0), SIZE);
    double[][] g = Gradients.normal(3, 20, SIZE);
    for (int k = 0; k < g.length; k++) {
      double[] u = soap.step(new double[SIZE], g[k], 0, 0);
      double[] expected = k == 0 ? new double[SIZE] : adam.step(new double[SIZE], g[k], 0, 0);
      assertThat(u).containsExactly(expected, within(1e-12));
    }
  }

  /** The basis that it finds is the one in which the statistics are diagonal. */
  @Test
  void theStatisticsAreNearlyDiagonalInTheBasis() {
    try (NDManager manager = NDManager.newBaseManager();
        FusedOptimizer optimizer =
            FusedOptimizer.builder(Optimizers.definition("soap"))
                .set("precondition_frequency", 1)
                .set("shampoo_beta", 0.999)
                .build();
        Autograd.Mode off = Autograd.noGrad()) {
      NDArray w = manager.zeros(new Shape(ROWS, COLS), DataType.FLOAT64);
      OptimizerState state = optimizer.newState(manager, List.of("w"), new NDList(w));
      for (double[] row : Gradients.normal(4, 200, SIZE)) {
        for (int i = 0; i < SIZE; i++) {
          row[i] *= 1 + i / COLS; // rows of different size, so that eigenvalues are apart
        }
        NDList g = new NDList(manager.create(row, new Shape(ROWS, COLS)));
        optimizer.step(state, g, manager.create(1d), 0.01, 0);
      }
      NDArray p = state.named().get("w/left_basis");
      NDArray d = p.transpose().matMul(state.named().get("w/left")).matMul(p);
      double[] values = d.toDoubleArray();
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < ROWS; j++) {
          double scale = Math.sqrt(values[i * ROWS + i] * values[j * ROWS + j]);
          assertThat(values[i * ROWS + j] / scale).isEqualTo(i == j ? 1 : 0, within(0.02));
        }
      }
      NDArray identity = p.transpose().matMul(p);
      assertThat(
              identity
                  .sub(manager.eye(ROWS).toType(DataType.FLOAT64, true))
                  .abs()
                  .max()
                  .getDouble())
          .isLessThan(1e-13);
    }
  }
}
