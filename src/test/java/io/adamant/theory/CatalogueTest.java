package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CatalogueTest {

  private static final LocalGeometry POINT =
      LocalGeometry.of(OneStep.GRADIENT, OneStep.SIGMA, OneStep.HESSIAN);

  static List<List<Formula>> lists() {
    return List.of(
        UpdateCatalogue.updateRms(0.9, 0.95, 0.01),
        UpdateCatalogue.snrFromUpdateRms(0.9, 0.3),
        UpdateCatalogue.snrFromMomentum(0.9, 0.3),
        WeightCatalogue.weightRmsAdamw(0.9, 0.95, 0, 0.01, 0.1, 500, 0.1),
        WeightCatalogue.weightRmsAdamw(0.9, 0.95, 0.01, 0.01, 0, 500, 0.1),
        WeightCatalogue.weightRmsSignum(0.9, 0, 0.01, 0.1, 500, 0.1),
        WeightCatalogue.weightRmsSignum(0.9, 0.01, 0.01, 0, 500, 0.1),
        WeightCatalogue.totalUpdateContribution(0.9, 0.95),
        UpdateCatalogue.supUpdate(0.95, 0.8, 100),
        WeightCatalogue.anglePerStep(0.9, 0.95, 0.01, 0.1),
        LearningRateCatalogue.noiseScale(POINT, 32),
        LearningRateCatalogue.batchMagnification(0.9, 32),
        LearningRateCatalogue.optimalLearningRate(POINT, 0.9, 32),
        LearningRateCatalogue.surge(POINT, 0.9),
        LearningRateCatalogue.softSign(0.5, 1));
  }

  @ParameterizedTest
  @MethodSource("lists")
  void keysAreUniqueWithinAQuantity(List<Formula> formulas) {
    assertThat(formulas).isNotEmpty().extracting(Formula::key).doesNotHaveDuplicates();
  }

  private static Map<String, Double> values(List<Formula> formulas) {
    return formulas.stream().collect(Collectors.toMap(Formula::key, Formula::value));
  }

  /** Numbers of the specification's tables, so that no key can carry another formula's value. */
  @Test
  void updateRmsHasTheTablesNumbers() {
    Map<String, Double> update = values(UpdateCatalogue.updateRms(0.9, 0.95, 0));
    Sharp.close(update.get("mean_field"), 0.2294, 5e-5);
    Sharp.close(update.get("parameter_free"), 0.2294, 5e-5);
    Sharp.relative(update.get("second_order"), 0.2262, 0.003);
    assertThat(update.get("sign_type")).isEqualTo(1);
    Sharp.close(update.get("ema_sign"), 0.2294, 5e-5);
    Sharp.close(update.get("sgdm"), 0.2294, 5e-5);
    Map<String, Double> withSignal = values(UpdateCatalogue.updateRms(0.9, 0.95, 0.1));
    Sharp.relative(withSignal.get("second_order"), 0.3623, 0.003);
    Sharp.close(withSignal.get("parameter_free"), 0.2294, 5e-5);
  }

  @Test
  void weightRmsHasTheArticlesNumbers() {
    Map<String, Double> adamw =
        values(WeightCatalogue.weightRmsAdamw(0.9, 0.95, 0, 0.001, 0.1, 100_000, 0.1));
    Sharp.close(adamw.get("zero_mean"), 0.0707107, 1e-6);
    Sharp.close(adamw.get("stationary_mean_field"), 0.0707107, 1e-6);
    Sharp.relative(adamw.get("mean_field"), 0.0707, 1e-3);
    Sharp.relative(adamw.get("quick_estimate"), 0.0707107 * 0.2294, 1e-3);
    Sharp.relative(adamw.get("exact_finite"), adamw.get("exact_stationary"), 1e-6);
    Sharp.relative(adamw.get("recursion"), adamw.get("second_order_stationary"), 1e-6);
    Sharp.relative(adamw.get("second_order_stationary"), 0.0707 * 0.989, 2e-3);
    Sharp.relative(adamw.get("without_decay"), Math.sqrt(0.01 + 0.1), 1e-9);
    Map<String, Double> signum =
        values(WeightCatalogue.weightRmsSignum(0.9, 0, 0.001, 0.1, 100_000, 0.1));
    Sharp.relative(signum.get("stationary_mean_field"), 0.0707107 * Math.sqrt(19), 1e-4);
    Sharp.relative(signum.get("as_printed"), Math.sqrt(0.0707107 * Math.sqrt(19)), 1e-4);
    Sharp.relative(signum.get("slow_decay"), 0.0707107 * Math.sqrt(13.28), 1e-3);
    Sharp.relative(signum.get("exact_stationary"), 0.0707107 * Math.sqrt(13.28), 5e-3);
    Sharp.relative(signum.get("recursion"), signum.get("exact_finite"), 1e-6);
  }

  @Test
  void whatDoesNotApplyIsLeftOut() {
    assertThat(values(WeightCatalogue.weightRmsAdamw(0.9, 0.95, 0.01, 0.01, 0.0, 50, 0.1)))
        .containsOnlyKeys("exact_finite", "recursion");
    assertThat(values(WeightCatalogue.weightRmsAdamw(0.9, 0.95, 0.01, 0.01, 0.1, 50, 0.1)))
        .doesNotContainKeys("stationary_mean_field", "zero_mean", "without_decay");
    assertThat(values(WeightCatalogue.weightRmsSignum(0.9, 0.0, 0.01, 0.0, 50, 0.1)))
        .containsOnlyKeys("exact_finite", "recursion");
  }

  @Test
  void smallQuantitiesHaveTheTablesNumbers() {
    Map<String, Double> sup = values(UpdateCatalogue.supUpdate(0.9, 0.999, 4000));
    Sharp.relative(sup.get("limit"), 7.27, 1e-3);
    Sharp.relative(sup.get("after"), 7.27, 1e-3);
    Sharp.relative(sup.get("constant_gradient"), 1, 0.02);
    Map<String, Double> batch = values(LearningRateCatalogue.batchMagnification(0.95, 8));
    Sharp.relative(batch.get("magnification"), 39, 1e-9);
    Sharp.relative(batch.get("effective_batch"), 312, 1e-9);
    Map<String, Double> angle = values(WeightCatalogue.anglePerStep(0.9, 0.95, 0.001, 0.1));
    Sharp.relative(angle.get("mean_field"), Math.sqrt(2e-4 / 19), 1e-9);
    Sharp.relative(angle.get("second_order"), angle.get("mean_field"), 0.01);
    Map<String, Double> surge = values(LearningRateCatalogue.surge(POINT, 0.5));
    Sharp.relative(surge.get("adam_diagonal"), POINT.noiseScaleSimple(), 1e-9);
    Sharp.relative(surge.get("adam_diagonal_fall"), 0.0572, 2e-3);
    assertThat(surge.get("sign_sgd")).isInfinite();
    Map<String, Double> soft = values(LearningRateCatalogue.softSign(0, 10));
    Sharp.relative(soft.get("scaled_variance"), 0.971, 1e-3);
    assertThat(soft.get("mean")).isZero();
  }

  @Test
  void anIncompleteFormulaIsTurnedAway() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Formula("Bad Key", "t", 1, Unit.RATIO, "e", "v", "s"))
        .withMessageContaining("Bad Key");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Formula("key", "t", Double.NaN, Unit.RATIO, "e", "v", "s"))
        .withMessageContaining("not a number");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Formula("key", "t", 1, Unit.RATIO, " ", "v", "s"))
        .withMessageContaining("empty");
  }
}
