package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import org.junit.jupiter.api.Test;

/** Optimizers built in DJL's manner: what is wrong is refused at once. */
class BuilderTest {

  @Test
  void anUnknownSettingIsRefusedAtOnce() {
    FusedOptimizer.Builder builder = Signum.builder();
    assertThatThrownBy(() -> builder.set("beta2", 0.9))
        .isInstanceOf(InputException.class)
        .hasMessage("beta2: unknown setting; signum has beta1, mollifier, init");
    assertThatThrownBy(() -> SignSgd.builder().set("beta1", 0.9))
        .isInstanceOf(InputException.class)
        .hasMessage("beta1: unknown setting; signsgd has no settings");
  }

  @Test
  void aTextForANumberIsRefusedAtOnce() {
    FusedOptimizer.Builder builder = Signum.builder();
    assertThatThrownBy(() -> builder.set("beta1", "0.9"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "beta1: the text \"0.9\" is not allowed; allowed: a number in [0, 1);"
                + " signum has beta1, mollifier, init");
    assertThatThrownBy(() -> builder.set("beta1", 1)).isInstanceOf(InputException.class);
    assertThatThrownBy(() -> builder.set("init", true)).isInstanceOf(InputException.class);
    assertThatThrownBy(() -> builder.optWeightDecay(-1)).isInstanceOf(InputException.class);
  }

  @Test
  void numbersOfAnyKindAreRead() {
    try (FusedOptimizer optimizer =
        Muon.builder().set("beta1", 0.9f).set("rms_scale", 1).set("ns_steps", 3).build()) {
      assertThat(optimizer.settings())
          .containsEntry("beta1", 0.9)
          .containsEntry("rms_scale", 1.0)
          .containsEntry("ns_steps", 3L);
    }
  }

  @Test
  void settingsThatExcludeEachOtherAreRefused() {
    FusedOptimizer.Builder builder =
        DecoupledAdamW.builder().set("init", "gradient").set("bias_correction", true);
    assertThatThrownBy(builder::build)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("false with init: gradient");
  }

  @Test
  void aTrackerCountsTheStepsOfEachParameterAsDjlDoes() {
    try (NDManager manager = NDManager.newBaseManager();
        FusedOptimizer optimizer =
            SignSgd.builder().optLearningRateTracker(update -> update).build()) {
      NDArray one = manager.ones(new Shape(1));
      NDArray a = manager.zeros(new Shape(1));
      NDArray b = manager.zeros(new Shape(1));
      optimizer.update("a", a, one);
      optimizer.update("a", a, one);
      optimizer.update("b", b, one);
      assertThat(a.toFloatArray()).containsExactly(-3); // 1 + 2
      assertThat(b.toFloatArray()).containsExactly(-1);
    }
  }

  @Test
  void withoutALearningRateNoStepIsTaken() {
    try (NDManager manager = NDManager.newBaseManager();
        FusedOptimizer optimizer = SignSgd.builder().build()) {
      NDArray w = manager.ones(new Shape(1));
      assertThatThrownBy(() -> optimizer.update("w", w, w))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("optLearningRate");
    }
  }
}
