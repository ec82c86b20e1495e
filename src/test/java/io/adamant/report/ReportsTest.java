package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The door of the room. */
class ReportsTest {
  @TempDir Path folder;

  @Test
  void writesItsFilesAndNothingElse() throws IOException {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    Path out = folder.resolve("out");
    Reports.write(List.of(study.root()), out, false);
    List<Path> files = Reports.write(List.of(study.root()), out, false);
    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .containsExactly("report.html", "table.md", "table.csv", "runs.csv");
    try (Stream<Path> entries = Files.list(out)) {
      assertThat(entries).containsExactlyInAnyOrderElementsOf(files);
    }
    ComparisonTable table = Reports.table(List.of(study.root()));
    assertThat(out.resolve("table.md")).content().isEqualTo(TableText.markdown(table));
  }

  @Test
  void badInputWritesNothing() {
    Path out = folder.resolve("out");
    assertThatThrownBy(() -> Reports.write(List.of(folder), out, true))
        .isInstanceOf(ConfigException.class);
    assertThat(out).doesNotExist();
  }
}
