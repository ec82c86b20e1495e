package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.optim.GradientClipping;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.results.RunSummary.Finding;
import io.adamant.tensor.TorchRuntime;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DivergenceDoctorTest {

  private static double healthy(long step) {
    return 4.5 + 4 * Math.exp(-step / 60.0);
  }

  @TempDir Path temp;

  private static DivergenceDoctor watched(
      long steps, boolean unbounded, LongToDoubleFunction loss) {
    DivergenceDoctor doctor = new DivergenceDoctor(unbounded ? List.of("matrices") : List.of());
    Random random = new Random(5);
    for (long step = 1; step <= steps; step++) {
      doctor.taken(step, loss.applyAsDouble(step) + 0.05 * random.nextGaussian());
    }
    return doctor;
  }

  @Test
  void aHealthyRunHasNoFindings() {
    assertThat(watched(400, true, DivergenceDoctorTest::healthy).findings()).isEmpty();
    assertThat(watched(400, true, DivergenceDoctorTest::healthy).worse()).isFalse();
  }

  @Test
  void aSpikeIsNamedWithItsFirstStep() {
    DivergenceDoctor doctor = watched(400, false, s -> healthy(s) + (s == 301 || s == 333 ? 2 : 0));
    assertThat(doctor.findings()).extracting(Finding::kind).containsExactly("loss_spike");
    assertThat(doctor.findings().get(0).step()).isEqualTo(301);
  }

  @Test
  void aRunThatFellBackAndOneThatNeverLearnedAreOnAPlateau() {
    List<Finding> fell =
        watched(400, false, s -> s < 200 ? healthy(s) : 4.6 + (s - 200) / 100.0).findings();
    assertThat(fell).extracting(Finding::kind).containsExactly("plateau");
    assertThat(fell.get(0).step()).isBetween(250L, 320L);

    List<Finding> never = watched(200, false, s -> 8.3).findings();
    assertThat(never).extracting(Finding::kind).containsExactly("plateau");
    assertThat(never.get(0).step()).isEqualTo(DivergenceDoctor.PATIENCE);
  }

  @Test
  void anUnboundedUpdateIsBlamedOnlyWhenSomethingHappened() {
    DivergenceDoctor doctor = watched(100, true, DivergenceDoctorTest::healthy);
    doctor.skipped(101, "head.weight");
    assertThat(doctor.findings())
        .extracting(Finding::kind)
        .containsExactly("non_finite", "update_overflow");
    assertThat(doctor.findings()).extracting(Finding::tensor).containsOnly("head.weight");
    assertThat(doctor.findings()).extracting(Finding::step).containsOnly(101L);
    assertThat(doctor.findings().get(1).detail()).startsWith("beta1^2 > beta2 in matrices:");
  }

  /** The rule of theory.md section 1.1 is each group's own, whichever optimizer the rest has. */
  @Test
  void unboundedUpdatesAreFoundInEveryGroup() {
    Path corpus = TestRuns.corpus(temp);
    try (TokenDataset data = TestRuns.data(TestRuns.config(corpus), temp.resolve("cache"))) {
      assertThat(unbounded(data, corpus)).isEmpty();
      String[] wide = {"optimizer.beta1=0.95", "optimizer.beta2=0.8"};
      assertThat(unbounded(data, corpus, wide)).containsExactly("matrices", "vectors");
      // 0.9^2 = 0.81 lies above 0.8 and below 0.82, 0.9 alone above both
      String first = "optimizer.beta1=0.9";
      assertThat(unbounded(data, corpus, first, "optimizer.beta2=0.8")).isNotEmpty();
      assertThat(unbounded(data, corpus, first, "optimizer.beta2=0.82")).isEmpty();
      // Lion's coefficients are no moments; the group's own AdamW is, and so are Muon's vectors.
      String lion = "optimizer.type=lion";
      assertThat(unbounded(data, corpus, lion, wide[0], wide[1])).isEmpty();
      String[] own = {
        "groups.ends.match=(embedding|head)[.].*",
        "groups.ends.optimizer=softsign_adam",
        "groups.ends.beta1=0.95",
        "groups.ends.beta2=0.8",
        "groups.rest.match=layer.*",
        "groups.rest.optimizer=muon",
        "groups.rest.adam_beta1=0.95",
        "groups.rest.adam_beta2=0.8"
      };
      assertThat(unbounded(data, corpus, own)).containsExactly("ends.matrices", "rest.vectors");
    }
  }

  private static List<String> tensors(TokenDataset data, RunConfig config) {
    KernelPath path = KernelPath.of(config.training().kernels());
    try (Session session = new Session(config, data, Device.cpu(), path)) {
      return session.tensorNames();
    }
  }

  private static List<String> unbounded(TokenDataset data, Path corpus, String... overrides) {
    RunConfig config = TestRuns.config(corpus, overrides);
    KernelPath path = KernelPath.of(config.training().kernels());
    try (Session session = new Session(config, data, Device.cpu(), path)) {
      return UnboundedUpdates.of(session.groups());
    }
  }

  @Test
  void itGoesOnWhereACheckpointStood() throws JsonProcessingException {
    LongToDoubleFunction loss = s -> healthy(s) + (s == 90 ? 3 : 0);
    DivergenceDoctor whole = watched(130, false, loss);
    DivergenceDoctor first = watched(100, false, loss);
    DivergenceDoctor second = new DivergenceDoctor(List.of());
    ObjectMapper json = new ObjectMapper();
    second.restore(
        json.readValue(
            json.writeValueAsString(first.state()), new TypeReference<Map<String, Object>>() {}));
    Random random = new Random(5);
    for (long step = 1; step <= 130; step++) {
      double noisy = loss.applyAsDouble(step) + 0.05 * random.nextGaussian();
      if (step > 100) {
        second.taken(step, noisy);
      }
    }
    assertThat(second.state()).isEqualTo(whole.state());
    assertThat(second.findings()).hasSize(1);
  }

  @Test
  void theGuardNamesTheFirstBadTensor() {
    TorchRuntime.prepareThread(1);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        GradientClipping clipping = new GradientClipping(manager, 1, 0, 4, 20)) {
      NDList losses = new NDList(manager.create(1f));
      NDArray good = manager.ones(new Shape(3));
      NDArray bad = manager.create(new float[] {1, Float.NaN});
      NDArray worse = manager.create(new float[] {Float.POSITIVE_INFINITY});
      clipping.clipAndGuard(manager, losses, new NDList(good, bad, worse), 0);
      clipping.clipAndGuard(manager, losses, new NDList(good), 1);
      GradientClipping.StepOutcome[] outcomes = clipping.read(0, 2);
      assertThat(outcomes[0].taken()).isFalse();
      assertThat(outcomes[0].firstBad()).isEqualTo(1);
      assertThat(outcomes[1].taken()).isTrue();
      assertThat(outcomes[1].firstBad()).isEqualTo(-1);
    }
  }

  @Test
  void theSummaryNamesStepAndTensorAndThePolicyDecides() {
    Path corpus = TestRuns.corpus(temp);
    String[] wild = {"schedule.kind=constant", "schedule.warmup=0", "training.steps=220"};
    RunConfig overflow = TestRuns.config(corpus, "optimizer.lr=1e39", wild[0], wild[1]);
    RunConfig stuck = TestRuns.config(corpus, "optimizer.lr=0", wild[0], wild[1], wild[2]);
    try (TokenDataset data = TestRuns.data(stuck, temp.resolve("cache"))) {
      RunSummary bad = TestRuns.train(overflow, data, temp.resolve("bad"));
      assertThat(bad.findings().get(0).kind()).isEqualTo("non_finite");
      assertThat(bad.findings().get(0).step()).isEqualTo(bad.firstBadStep().getAsLong());
      // The loss itself is not finite, so each gradient is, and the first of them is named.
      assertThat(bad.findings().get(0).tensor()).isEqualTo(tensors(data, overflow).get(0));

      RunSummary on = TestRuns.train(stuck, data, temp.resolve("on"));
      assertThat(on.status()).isEqualTo(RunStatus.FINISHED);
      assertThat(on.findings()).extracting(Finding::kind).containsExactly("plateau");

      RunConfig stop = stuck.with(Map.of("training.on_divergence", "stop"));
      RunSummary stopped = TestRuns.train(stop, data, temp.resolve("stopped"));
      assertThat(stopped.status()).isEqualTo(RunStatus.DIVERGED);
      assertThat(stopped.reason()).startsWith("plateau at step 150");
      assertThat(stopped.steps()).isBetween(150L, 160L);
      assertThat(RunDirectory.summary(temp.resolve("stopped"))).contains(stopped);
    }
  }
}
