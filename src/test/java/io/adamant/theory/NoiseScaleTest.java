package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NoiseScaleTest {

  private static final double[][] ROOT = {
    {1.0, 0.4, 0.0, 0.2}, {0.0, 0.8, -0.3, 0.1}, {0.5, 0.0, 0.6, 0.0}, {0.0, 0.2, 0.3, 1.1}
  };

  /**
   * Sums over sampled gradients g + A·z of the quantities that LocalGeometry has in closed form.
   */
  @Test
  void noiseScalesAreRatiosOfSampledQuadraticForms() {
    int d = 4;
    double[][] covariance = new double[d][d];
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          covariance[i][j] += ROOT[i][k] * ROOT[j][k];
        }
      }
    }
    LocalGeometry at = LocalGeometry.of(OneStep.GRADIENT, covariance, OneStep.HESSIAN);
    double square = form(OneStep.GRADIENT, null);
    double curved = form(OneStep.GRADIENT, OneStep.HESSIAN);
    Sampled simple = Sampled.of(41, 200_000, random -> form(noise(random), null) / square);
    Sampled noise =
        Sampled.of(42, 200_000, random -> form(noise(random), OneStep.HESSIAN) / curved);
    Sharp.within(at.noiseScaleSimple(), simple.mean(), simple.interval());
    Sharp.within(at.noiseScaleCurved(), noise.mean(), noise.interval());
    Sharp.relative(at.maximalLearningRate(), square / curved, 1e-12);
    double l1 = 0;
    for (double g : OneStep.GRADIENT) {
      l1 += Math.signum(g) * g;
    }
    double signs = form(new double[] {1, -1, 1, 1}, OneStep.HESSIAN);
    Sharp.relative(at.signCurvature(), signs, 1e-12);
    Sharp.relative(at.gradientL1(), l1, 1e-12);
    Sharp.relative(at.curvatureTrace(), 7.5, 1e-12);
  }

  private static double[] noise(SplittableRandom random) {
    double[] z = {
      random.nextGaussian(), random.nextGaussian(), random.nextGaussian(), random.nextGaussian()
    };
    double[] x = new double[4];
    for (int i = 0; i < 4; i++) {
      for (int k = 0; k < 4; k++) {
        x[i] += ROOT[i][k] * z[k];
      }
    }
    return x;
  }

  /** xᵀMx, with M the identity where it is null. */
  private static double form(double[] x, double[][] matrix) {
    double total = 0;
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x.length; j++) {
        total += matrix == null ? (i == j ? x[i] * x[j] : 0) : x[i] * matrix[i][j] * x[j];
      }
    }
    return total;
  }

  /** Takes the best SGD step on the quadratic and measures what the loss loses on average. */
  @ParameterizedTest
  @CsvSource({"0.5", "4"})
  void efficiencyIsTheMeasuredLossDecrease(double batch) {
    LocalGeometry at = LocalGeometry.of(OneStep.GRADIENT, OneStep.SIGMA, OneStep.HESSIAN);
    double lr = OptimalLearningRate.sgd(at, batch);
    double largest = NoiseScale.maximalLossDecrease(at.gradientSquare(), at.gradientCurvature());
    Sampled decrease =
        Sampled.of(
            43,
            400_000,
            random -> {
              double[] g = OneStep.GRADIENT.clone();
              double along = 0;
              for (int i = 0; i < g.length; i++) {
                g[i] += OneStep.SIGMA[i] / Math.sqrt(batch) * random.nextGaussian();
                along += g[i] * OneStep.GRADIENT[i];
              }
              return lr * along - lr * lr / 2 * form(g, OneStep.HESSIAN);
            });
    double value = largest * NoiseScale.efficiency(at.noiseScaleCurved(), batch);
    Sharp.within(value, decrease.mean(), decrease.interval());
  }

  @Test
  void stepsAndSamplesObeyTheirLaw() {
    for (double batch : new double[] {0.3, 5, 800}) {
      double steps = NoiseScale.relativeSteps(20, batch);
      double samples = NoiseScale.relativeSamples(20, batch);
      Sharp.relative((steps - 1) * (samples - 1) + 1, 2, 1e-12);
      // E = B·S: relative samples over relative steps is B/B_noise, because E_min = B_noise·S_min.
      Sharp.relative(samples / steps, batch / 20, 1e-12);
    }
  }

  @Test
  void strengthIsTheMeanFieldOfASign() {
    // g/√(g² + σ²/B) for a coordinate with σ²/g² = 8 and B = 2.
    Sharp.relative(NoiseScale.signStrength(8, 2), 3 / Math.sqrt(9 + 36), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"0.0,1", "0.5,3", "0.8,9", "0.9,19", "0.95,39", "0.975,79"})
  void magnificationMatchesItsTable(double beta1, double factor) {
    Sharp.relative(EffectiveBatch.magnification(beta1), factor, 1e-12);
    Sharp.relative(EffectiveBatch.effectiveBatch(beta1, 32), 32 * factor, 1e-12);
  }

  @Property(tries = 50)
  void momentsAfterAStartFromZeroAreDirectSums(
      @ForAll @DoubleRange(min = 0, max = 0.99) double beta1) {
    int steps = 17;
    double mean = 0;
    double square = 0;
    for (int k = 0; k < steps; k++) {
      double weight = (1 - beta1) * Math.pow(beta1, k);
      mean += weight;
      square += weight * weight;
    }
    Sharp.relative(EffectiveBatch.meanAfter(beta1, steps), mean, 1e-9);
    Sharp.relative(EffectiveBatch.noiseRatioAfter(beta1, steps), square, 1e-9);
    assertThat(EffectiveBatch.noiseRatioAfter(beta1, 100_000))
        .isEqualTo(EffectiveBatch.noiseRatio(beta1));
  }
}
