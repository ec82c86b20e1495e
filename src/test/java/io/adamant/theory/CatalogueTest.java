package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
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
        at("update-rms", "snr=0.01"),
        at("snr", ""),
        at("sup-update", "beta1=0.95 beta2=0.8 steps=100"),
        at("weight-rms", "snr=0 lr=0.01 steps=500"),
        at("weight-rms", "snr=0.01 lr=0.01 weight-decay=0 steps=500"),
        at("weight-rms", "optimizer=signum snr=0 lr=0.01 steps=500"),
        at("weight-rms", "optimizer=signum snr=0.01 lr=0.01 weight-decay=0 steps=500"),
        at("weight-rms", "schedule=cosine steps=500"),
        at("total-update", ""),
        at("angle", "lr=0.01"),
        at("equilibrium", "optimizer=lion"),
        at("decay-sums", ""),
        at("sign-correlation", ""),
        at("noise-scale", ""),
        at("batch-magnification", ""),
        at("optimal-lr", ""),
        at("surge", ""),
        at("softsign", ""),
        at("softsign-lr", ""),
        at("sgdm-variance", ""),
        at("equal-betas", ""),
        at("signal", ""));
  }

  private static List<Formula> at(String quantity, String inputs) {
    Map<String, String> given = new LinkedHashMap<>();
    for (String input : inputs.isEmpty() ? new String[0] : inputs.split(" ", -1)) {
      given.put(input.substring(0, input.indexOf('=')), input.substring(input.indexOf('=') + 1));
    }
    return Quantities.named(quantity).at(given);
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
    Map<String, Double> update = values(at("update-rms", ""));
    Sharp.close(update.get("mean_field"), 0.2294, 5e-5);
    Sharp.close(update.get("parameter_free"), 0.2294, 5e-5);
    Sharp.relative(update.get("second_order"), 0.2262, 0.003);
    assertThat(update.get("sign_type")).isEqualTo(1);
    Sharp.close(update.get("ema_sign"), 0.2294, 5e-5);
    Sharp.close(update.get("sgdm"), 0.2294, 5e-5);
    Map<String, Double> withSignal = values(at("update-rms", "snr=0.1"));
    Sharp.relative(withSignal.get("second_order"), 0.3623, 0.003);
    Sharp.close(withSignal.get("parameter_free"), 0.2294, 5e-5);
  }

  @Test
  void weightRmsHasTheArticlesNumbers() {
    Map<String, Double> adamw = values(at("weight-rms", ""));
    Sharp.close(adamw.get("zero_mean"), 0.0707107, 1e-6);
    Sharp.close(adamw.get("stationary_mean_field"), 0.0707107, 1e-6);
    Sharp.relative(adamw.get("mean_field"), 0.0707, 1e-3);
    Sharp.relative(adamw.get("quick_estimate"), 0.0707107 * 0.2294, 1e-3);
    Sharp.relative(adamw.get("exact_finite"), adamw.get("exact_stationary"), 1e-6);
    Sharp.relative(adamw.get("recursion"), adamw.get("second_order_stationary"), 1e-6);
    Sharp.relative(adamw.get("second_order_stationary"), 0.0707 * 0.989, 2e-3);
    Sharp.relative(adamw.get("without_decay"), Math.sqrt(0.01 + 0.1), 1e-9);
    Map<String, Double> signum = values(at("weight-rms", "optimizer=signum"));
    Sharp.relative(signum.get("stationary_mean_field"), 0.0707107 * Math.sqrt(19), 1e-4);
    Sharp.relative(signum.get("as_printed"), Math.sqrt(0.0707107 * Math.sqrt(19)), 1e-4);
    Sharp.relative(signum.get("slow_decay"), 0.0707107 * Math.sqrt(13.28), 1e-3);
    Sharp.relative(signum.get("exact_stationary"), 0.0707107 * Math.sqrt(13.28), 5e-3);
    Sharp.relative(signum.get("recursion"), signum.get("exact_finite"), 1e-6);
  }

  @Test
  void whatDoesNotApplyIsLeftOut() {
    assertThat(values(at("weight-rms", "snr=0.01 lr=0.01 weight-decay=0 steps=50")))
        .containsOnlyKeys("exact_finite", "recursion");
    assertThat(values(at("weight-rms", "snr=0.01 lr=0.01 steps=50")))
        .doesNotContainKeys("stationary_mean_field", "zero_mean", "without_decay");
    assertThat(values(at("weight-rms", "optimizer=signum lr=0.01 weight-decay=0 steps=50")))
        .containsOnlyKeys("exact_finite", "recursion");
  }

  @Test
  void smallQuantitiesHaveTheTablesNumbers() {
    Map<String, Double> sup = values(at("sup-update", "beta2=0.999 steps=4000"));
    Sharp.relative(sup.get("limit"), 7.27, 1e-3);
    Sharp.relative(sup.get("after"), 7.27, 1e-3);
    Sharp.relative(sup.get("constant_gradient"), 1, 0.02);
    Map<String, Double> batch = values(at("batch-magnification", "beta1=0.95 batch=8"));
    Sharp.relative(batch.get("magnification"), 39, 1e-9);
    Sharp.relative(batch.get("effective_batch"), 312, 1e-9);
    Map<String, Double> angle = values(at("angle", ""));
    Sharp.relative(angle.get("mean_field"), Math.sqrt(2e-4 / 19), 1e-9);
    Sharp.relative(angle.get("second_order"), angle.get("mean_field"), 0.01);
    Map<String, String> point = Inputs.of(POINT);
    point.put("beta1", "0.5");
    Map<String, Double> surge = values(Quantities.named("surge").at(point));
    Sharp.relative(surge.get("adam_diagonal"), POINT.noiseScaleSimple(), 1e-9);
    Sharp.relative(surge.get("adam_diagonal_fall"), 0.0572, 2e-3);
    assertThat(surge.get("sign_sgd")).isInfinite();
    Map<String, Double> soft = values(at("softsign", "gradient=0 epsilon=10"));
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
