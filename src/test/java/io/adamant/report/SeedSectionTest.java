package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.chart.Section;
import io.adamant.stats.Design;
import io.adamant.stats.DetectableDifference;
import io.adamant.stats.SignificanceGroups;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.math3.stat.StatUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose loss is lower by more than noise. */
class SeedSectionTest {

  @TempDir Path folder;

  private static StudyData data(StudyFixture study) {
    return StudyData.read(List.of(study.root()));
  }

  private static Section section(StudyData data) {
    return SeedSection.of(data, ComparisonTable.of(data));
  }

  @Test
  void equalArmsShareALetterAndAFarOneDoesNot() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    for (long seed = 1; seed <= 4; seed++) {
      double wobble = 0.01 * seed;
      study.run("a", StudyFixture.config("adamw", 4e-3, 0.1), seed, 5 + wobble);
      study.run("b", StudyFixture.config("lion", 4e-3, 0.1), seed, 5.001 + wobble * wobble);
      study.run("c", StudyFixture.config("sgdm", 1, 0), seed, 7 - wobble);
    }
    StudyData data = data(study);
    SeedStatistics statistics = SeedStatistics.of(data, ComparisonTable.of(data)).orElseThrow();
    assertThat(statistics.design()).isEqualTo(Design.PAIRED);
    assertThat(statistics.rows()).hasSize(3);
    SeedStatistics.Row last = statistics.rows().get(2);
    assertThat(last.arm().name()).isEqualTo("c");
    assertThat(last.group()).doesNotContain(statistics.rows().get(0).group());
    assertThat(last.moreSeeds()).as("resolved").isEmpty();
    List<List<String>> rows = section(data).tables().get(0).rows();
    assertThat(rows.get(0).get(5)).isEqualTo("best");
    assertThat(rows.get(2).get(5)).startsWith("[1.").doesNotContain("-");
  }

  @Test
  void pairedSeedsDetectByTheNoiseOfTheirDifferences() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    double[] a = {5, 5.5, 6.1, 5.7};
    double[] b = {5.02, 5.49, 6.12, 5.7}; // seeds matter much, but alike to both
    for (int seed = 0; seed < 4; seed++) {
      study.run("a", StudyFixture.config("adamw", 4e-3, 0.1), seed, a[seed]);
      study.run("b", StudyFixture.config("lion", 4e-3, 0.1), seed, b[seed]);
    }
    StudyData data = data(study);
    SeedStatistics statistics = SeedStatistics.of(data, ComparisonTable.of(data)).orElseThrow();
    List<double[]> losses =
        statistics.rows().stream()
            .map(row -> row.arm().values(run -> run.summary().valLoss()))
            .toList();
    double[] apart = new double[4];
    Arrays.setAll(apart, seed -> losses.get(0)[seed] - losses.get(1)[seed]);
    double deviation = Math.sqrt(StatUtils.variance(apart));
    assertThat(deviation).as("far less than the spread of the seeds").isBetween(0.005, 0.03);
    double one = DetectableDifference.of(Design.PAIRED, 1, 4).difference();
    double[] detectable = statistics.detectable().orElseThrow();
    assertThat(detectable[0]).isCloseTo(one * deviation, within(1e-9));
    // χ² of 3 degrees of freedom: 0.2157953 and 9.348404 cut off 2.5 % each
    assertThat(detectable[1]).isCloseTo(detectable[0] * Math.sqrt(3 / 9.348404), within(1e-7));
    assertThat(detectable[2]).isCloseTo(detectable[0] * Math.sqrt(3 / 0.2157953), within(1e-7));
    assertThat(section(data).sentences().get(0)).contains("detected with 80 % probability");
  }

  @Test
  void armsOfDifferentSeedsAreNotPaired() {
    StudyFixture study = new StudyFixture(folder.resolve("s"));
    for (long seed = 1; seed <= 2; seed++) {
      study.run("a", StudyFixture.config("adamw", 4e-3, 0.1), seed, 5 + 0.1 * seed);
      study.run("b", StudyFixture.config("lion", 4e-3, 0.1), seed + 1, 5 + 0.1 * seed);
    }
    assertThat(section(data(study)).sentences().get(0))
        .contains("Welch", "too few seeds to say")
        .doesNotContain("80 %");
  }

  @Test
  void equalArmsAreSeldomCalledDifferent() {
    Random random = new Random(3);
    int significant = 0;
    for (int comparison = 0; comparison < 100; comparison++) {
      double[] a = new double[5];
      double[] b = new double[5];
      for (int seed = 0; seed < 5; seed++) {
        double shared = random.nextGaussian();
        a[seed] = 5 + shared + 0.3 * random.nextGaussian();
        b[seed] = 5 + shared + 0.3 * random.nextGaussian();
      }
      Map<String, double[]> arms = Map.of("a", a, "b", b);
      SignificanceGroups groups = SignificanceGroups.of(arms, Design.PAIRED, SeedStatistics.ALPHA);
      significant += groups.pairs().get(0).significant() ? 1 : 0;
    }
    assertThat(significant).isBetween(1, 10);
  }
}
