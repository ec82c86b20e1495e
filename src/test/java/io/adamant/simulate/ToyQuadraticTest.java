package io.adamant.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.adamant.simulate.ToyQuadratic.Design;
import io.adamant.simulate.ToyQuadratic.Spectrum;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The problem itself: spectrum, blocks, batches, rotations. */
class ToyQuadraticTest {
  static Stream<Arguments> problems() {
    return Stream.of(Spectrum.values())
        .flatMap(s -> Stream.of(Design.values()).map(d -> Arguments.of(s, d)));
  }

  private static double[] unit(int i) {
    double[] e = new double[9];
    e[i] = 1;
    return e;
  }

  private static double[][] hessian(ToyQuadratic problem) {
    double[][] h = new double[9][];
    Arrays.setAll(h, i -> problem.gradient(unit(i)));
    return h;
  }

  private static double[] weights(long seed) {
    return new Random(seed).doubles(9, -1, 1).toArray();
  }

  @ParameterizedTest
  @MethodSource("problems")
  void hasTheEigenvaluesBlockByBlock(Spectrum spectrum, Design design) {
    double[][] h = hessian(ToyQuadratic.draw(spectrum, design, 3));
    for (int block = 0; block < 9; block += 3) {
      double[][] own = new double[3][];
      for (int i = 0; i < 3; i++) {
        own[i] = Arrays.copyOfRange(h[block + i], block, block + 3);
        for (int j = 0; j < 9; j++) {
          if (j / 3 != block / 3) {
            assertThat(h[block + i][j]).isZero();
          }
        }
      }
      double[] eigenvalues =
          new EigenDecomposition(new Array2DRowRealMatrix(own)).getRealEigenvalues();
      Arrays.sort(eigenvalues);
      double[] expected = Arrays.copyOfRange(spectrum.eigenvalues(), block, block + 3);
      assertThat(eigenvalues).containsExactly(expected, within(1e-8));
    }
  }

  @ParameterizedTest
  @MethodSource("problems")
  void theMeanOverAllBatchesIsTheGradient(Spectrum spectrum, Design design) {
    ToyQuadratic problem = ToyQuadratic.draw(spectrum, design, 4);
    double[] w = weights(1);
    double[] mean = new double[9];
    for (int a = 0; a < 9; a++) {
      for (int b = 0; b < a; b++) {
        for (int c = 0; c < b; c++) {
          double[] g = problem.gradient(w, new int[] {a, b, c});
          for (int i = 0; i < 9; i++) {
            mean[i] += g[i] / 84;
          }
        }
      }
    }
    assertThat(mean).containsExactly(problem.gradient(w), within(1e-8));
  }

  @ParameterizedTest
  @EnumSource
  void lossAndGradientBelongTogether(Spectrum spectrum) {
    ToyQuadratic problem = ToyQuadratic.draw(spectrum, Design.NOTEBOOK, 5);
    double[] w = weights(2);
    for (int i = 0; i < 9; i++) {
      double[] above = w.clone();
      double[] below = w.clone();
      above[i] += 0.5;
      below[i] -= 0.5;
      double slope = problem.loss(above) - problem.loss(below); // exact for a quadratic
      assertThat(slope).isEqualTo(problem.gradient(w)[i], within(1e-9));
    }
  }

  /** In the notebook's design a sample is an eigenvector of H; in the text's it is not. */
  @Test
  void theDesignsShareTheHessianAndDifferInTheNoise() {
    ToyQuadratic notebook = ToyQuadratic.draw(Spectrum.HOMOGENEOUS, Design.NOTEBOOK, 6);
    ToyQuadratic symmetric = ToyQuadratic.draw(Spectrum.HOMOGENEOUS, Design.SYMMETRIC, 6);
    assertThat(hessian(symmetric)).isDeepEqualTo(hessian(notebook));
    double[] w = weights(3);
    for (int j = 0; j < 9; j++) {
      assertThat(sineToHessian(notebook, notebook.gradient(w, new int[] {j}))).isLessThan(1e-6);
      assertThat(sineToHessian(symmetric, symmetric.gradient(w, new int[] {j})))
          .isGreaterThan(1e-3);
    }
  }

  /** The sine of the angle between x and Hx, 0 for an eigenvector. */
  private static double sineToHessian(ToyQuadratic problem, double[] x) {
    double[] hx = problem.gradient(x);
    double xx = 0;
    double xh = 0;
    double hh = 0;
    for (int i = 0; i < 9; i++) {
      xx += x[i] * x[i];
      xh += x[i] * hx[i];
      hh += hx[i] * hx[i];
    }
    return Math.sqrt(Math.max(0, 1 - xh * xh / (xx * hh)));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void theNoiseVanishesAtTheOptimum(Spectrum spectrum, Design design) {
    ToyQuadratic problem = ToyQuadratic.draw(spectrum, design, 7);
    assertThat(problem.gradient(new double[9], new int[] {0, 4, 8})).containsOnly(0.0);
  }

  /** For uniform rotations E L(1, …, 1) = ½ Σλ = 7653: 2000 draws, 4 standard errors. */
  @Test
  void rotationsAreUniform() {
    double[] ones = new double[9];
    Arrays.fill(ones, 1);
    double sum = 0;
    double squares = 0;
    int draws = 2000;
    for (int seed = 0; seed < draws; seed++) {
      double loss = ToyQuadratic.draw(Spectrum.HOMOGENEOUS, Design.NOTEBOOK, seed).loss(ones);
      sum += loss;
      squares += loss * loss;
    }
    double mean = sum / draws;
    double error = Math.sqrt((squares / draws - mean * mean) / draws);
    assertThat(error).isLessThan(120);
    assertThat(mean).isEqualTo(7653, within(4 * error));
  }

  @Test
  void batchesAreUniformWithoutReplacement() {
    Random random = new Random(8);
    int[] counts = new int[9];
    for (int draw = 0; draw < 9000; draw++) {
      int[] batch = ToyQuadratic.batch(random, 3);
      assertThat(Arrays.stream(batch).distinct().count()).isEqualTo(3);
      for (int column : batch) {
        counts[column]++;
      }
    }
    for (int count : counts) {
      assertThat(count).isBetween(3000 - 180, 3000 + 180); // 4 standard deviations
    }
    assertThat(ToyQuadratic.batch(random, 9)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void warmUpAndCosine() {
    WarmupCosine schedule = new WarmupCosine(2, 500, 25);
    assertThat(schedule.at(0)).isZero();
    assertThat(schedule.at(5)).isEqualTo(0.4, within(1e-15));
    assertThat(schedule.at(25)).isEqualTo(2);
    assertThat(schedule.at(25 + 95)).isEqualTo(1 + Math.cos(Math.PI / 5), within(1e-14));
    assertThat(schedule.at(499)).isBetween(0.0, 1e-4);
    assertThatIllegalArgumentException().isThrownBy(() -> new WarmupCosine(1, 5, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> new WarmupCosine(-1, 5, 1));
  }
}
