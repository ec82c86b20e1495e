package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.config.FinalRate;
import io.adamant.config.ScheduleConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Schedules by hand-computed values. */
class SchedulesTest {

  private static ScheduleConfig schedule(ScheduleConfig.Kind kind) {
    return ending(kind, FinalRate.absolute(1e-5));
  }

  private static ScheduleConfig ending(ScheduleConfig.Kind kind, FinalRate end) {
    return new ScheduleConfig(kind, 0.1, end, 0.2);
  }

  @ParameterizedTest
  @EnumSource(ScheduleConfig.Kind.class)
  void warmUpIsLinearAndNoStepHasTheRateZero(ScheduleConfig.Kind kind) {
    LearningRate rate = Schedules.of(schedule(kind), 4e-3, 300);
    assertThat(rate.at(0)).isCloseTo(4e-3 / 30, within(1e-18));
    assertThat(rate.at(14)).isCloseTo(2e-3, within(1e-18));
    assertThat(rate.at(29)).isEqualTo(4e-3);
    assertThat(rate.at(30)).isLessThanOrEqualTo(4e-3);
  }

  @Test
  void cosineIsHalfWayInTheMiddleAndEndsAtTheFinalRate() {
    LearningRate rate = Schedules.of(schedule(ScheduleConfig.Kind.COSINE), 4e-3, 300);
    assertThat(rate.at(29 + 135)).isCloseTo((4e-3 + 1e-5) / 2, within(1e-12));
    assertThat(rate.at(29 + 90)).isCloseTo(1e-5 + (4e-3 - 1e-5) * 0.75, within(1e-12));
    assertThat(rate.at(299)).isCloseTo(1e-5, within(1e-18));
    for (int s = 30; s < 300; s++) {
      assertThat(rate.at(s)).isLessThan(rate.at(s - 1));
    }
  }

  @Test
  void linearAndConstantAndWarmUpStableDecay() {
    LearningRate linear = Schedules.of(schedule(ScheduleConfig.Kind.LINEAR), 4e-3, 300);
    assertThat(linear.at(29 + 135)).isCloseTo((4e-3 + 1e-5) / 2, within(1e-12));
    assertThat(linear.at(299)).isCloseTo(1e-5, within(1e-18));
    LearningRate constant = Schedules.of(schedule(ScheduleConfig.Kind.CONSTANT), 4e-3, 300);
    assertThat(constant.at(299)).isEqualTo(4e-3);
    LearningRate wsd = Schedules.of(schedule(ScheduleConfig.Kind.WSD), 4e-3, 300);
    assertThat(wsd.at(238)).isEqualTo(4e-3);
    assertThat(wsd.at(269)).isCloseTo((4e-3 + 1e-5) / 2, within(1e-12));
    assertThat(wsd.at(299)).isCloseTo(1e-5, within(1e-18));
  }

  @Test
  void aPeakBelowTheFinalRateStaysWhereItIs() {
    LearningRate rate = Schedules.of(schedule(ScheduleConfig.Kind.COSINE), 1e-6, 100);
    assertThat(rate.at(50)).isEqualTo(1e-6);
    assertThat(rate.at(99)).isEqualTo(1e-6);
  }

  @Test
  void withoutWarmUpTheFirstStepIsNearThePeak() {
    ScheduleConfig none =
        new ScheduleConfig(ScheduleConfig.Kind.CONSTANT, 0, FinalRate.absolute(1e-5), 0.2);
    assertThat(Schedules.of(none, 0.5, 10).at(0)).isEqualTo(0.5);
  }

  @ParameterizedTest
  @EnumSource(
      value = ScheduleConfig.Kind.class,
      names = {"COSINE", "LINEAR", "WSD"})
  void aRelativeFinalRateFollowsThePeak(ScheduleConfig.Kind kind) {
    ScheduleConfig tenth = ending(kind, FinalRate.percent(10));
    for (double peak : new double[] {4e-3, 2, 1e-9}) {
      LearningRate rate = Schedules.of(tenth, peak, 300);
      assertThat(rate.at(29)).isEqualTo(peak);
      assertThat(rate.at(299)).isCloseTo(peak / 10, within(1e-15 * peak));
    }
    LearningRate level = Schedules.of(ending(kind, FinalRate.percent(100)), 4e-3, 300);
    assertThat(level.at(150)).isEqualTo(4e-3);
    LearningRate toZero = Schedules.of(ending(kind, FinalRate.percent(0)), 4e-3, 300);
    assertThat(toZero.at(299)).isCloseTo(0, within(1e-18));
  }
}
