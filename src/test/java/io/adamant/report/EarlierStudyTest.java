package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.results.Manifest;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A study of version 0.1.0 (two seeds each of AdamW, Signum and an SGD that diverges, without
 * checkpoints) beside the report that this version wrote: later ones read the same from its files.
 */
class EarlierStudyTest {

  private static final Path STUDY = Path.of("src/test/resources/studies/before");

  @TempDir private Path out;

  @Test
  void allNumbersOfAnEarlierStudyAreReadAsTheyWere() throws IOException {
    Reports.write(List.of(STUDY), out, false);

    for (Path expected : csvFiles()) {
      Path written = out.resolve(STUDY.relativize(expected));
      if (expected.endsWith("runs.csv")) {
        List<List<String>> before = cells(expected);
        assertThat(only(before.get(0), cells(written))).isEqualTo(before);
      } else {
        assertThat(written).hasSameTextualContentAs(expected);
      }
    }
    List<List<String>> before = rowsOfArms(STUDY.resolve("table.md"));
    List<List<String>> now = rowsOfArms(out.resolve("table.md"));
    assertThat(before).hasSize(17);
    assertThat(now).usingElementComparator((a, b) -> sameNumbers(a, b) ? 0 : 1).isEqualTo(before);
  }

  private static List<List<String>> cells(Path csv) throws IOException {
    return Files.readAllLines(csv).stream().map(line -> List.of(line.split(",", -1))).toList();
  }

  /** Settings that came later have columns of their own. */
  private static List<List<String>> only(List<String> columns, List<List<String>> table) {
    return table.stream()
        .map(line -> columns.stream().map(name -> line.get(table.get(0).indexOf(name))).toList())
        .toList();
  }

  @Test
  void resultsAndProvenanceOfARunAreReadAsTheyWere() {
    Map<String, List<RunData>> arms =
        StudyData.read(List.of(STUDY)).runs().stream().collect(Collectors.groupingBy(RunData::arm));

    assertThat(arms.keySet()).containsExactlyInAnyOrder("adamw", "signum", "sgdm");
    RunData diverged = arms.get("sgdm").get(0);
    assertThat(diverged.summary().status()).isEqualTo(RunStatus.DIVERGED);
    assertThat(diverged.summary().skippedSteps()).isEqualTo(4);
    assertThat(diverged.summary().firstBadStep()).hasValue(2);
    assertThat(diverged.manifest().text(Manifest.Key.KERNEL_PATH)).isEqualTo("onednn+explicit");
    assertThat(diverged.manifest().number(Manifest.Key.UNIGRAM_CROSS_ENTROPY)).isBetween(2.0, 4.0);
    RunData finished = arms.get("adamw").get(0);
    assertThat(finished.metrics().curve("train_loss").size()).isEqualTo(20);
    assertThat(finished.metrics().curve("val_loss").size()).isEqualTo(4);
    assertThat(finished.measured("update_rms")).isBetween(0.5, 0.7);
  }

  private static List<Path> csvFiles() throws IOException {
    try (Stream<Path> files = Files.walk(STUDY)) {
      return files.filter(file -> file.toString().endsWith(".csv")).toList();
    }
  }

  /**
   * Cells of the table rows that are about an arm; headings are prose. Without the section that
   * came later, of what rate and decay mean.
   */
  private static List<List<String>> rowsOfArms(Path markdown) throws IOException {
    String later = "(?s)\n## What rate and decay mean\n.*?(?=\n## |$)";
    return Files.readString(markdown)
        .replaceFirst(later, "")
        .lines()
        .filter(line -> line.matches("\\| (adamw|signum|sgdm)\\b.*"))
        .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
        .toList();
  }

  /** Columns may print more or fewer digits of the same number. */
  private static boolean sameNumbers(List<String> a, List<String> b) {
    return a.size() == b.size()
        && Stream.iterate(0, i -> i < a.size(), i -> i + 1)
            .allMatch(i -> sameNumber(a.get(i), b.get(i)));
  }

  private static boolean sameNumber(String a, String b) {
    if (a.equals(b)) {
      return true;
    }
    try {
      BigDecimal one = new BigDecimal(a.replace(",", ""));
      BigDecimal other = new BigDecimal(b.replace(",", ""));
      int digits = Math.min(one.scale(), other.scale());
      BigDecimal unit = BigDecimal.ONE.movePointLeft(digits);
      return one.setScale(digits, RoundingMode.HALF_UP)
              .subtract(other.setScale(digits, RoundingMode.HALF_UP))
              .abs()
              .compareTo(unit)
          <= 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
