package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Against values worked out by hand: lr 0.8, 110 steps, 10 of warm-up. */
class RateScheduleTest {

  private static double at(String schedule, long step) {
    return RateSchedule.of(schedule).at(0.8, step, 110, 10);
  }

  @Test
  void warmUpIsLinearForAll() {
    for (RateSchedule schedule : RateSchedule.values()) {
      assertThat(schedule.at(0.8, 1, 110, 10)).isEqualTo(0.08, within(1e-12));
      assertThat(schedule.at(0.8, 10, 110, 10)).isEqualTo(0.8, within(1e-12));
    }
  }

  @Test
  void shapes() {
    assertThat(at("constant", 110)).isEqualTo(0.8, within(1e-12));
    assertThat(at("linear", 35)).isEqualTo(0.6, within(1e-12));
    assertThat(at("linear", 110)).isEqualTo(0, within(1e-12));
    assertThat(at("cosine", 35)).isEqualTo(0.4 * (1 + Math.sqrt(0.5)), within(1e-12));
    assertThat(at("cosine", 60)).isEqualTo(0.4, within(1e-12));
    assertThat(at("cosine", 110)).isEqualTo(0, within(1e-12));
  }

  @Test
  void aWarmUpThatNeverEndsIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RateSchedule.LINEAR.at(0.8, 1, 10, 10))
        .withMessageContaining("warmup = 10");
  }
}
