package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
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
        .startsWith("report.html", "table.md", "table.csv", "runs.csv")
        .contains("seeds.csv", "time.csv");
    try (Stream<Path> entries = Files.walk(out)) {
      assertThat(entries.filter(Files::isRegularFile)).containsExactlyInAnyOrderElementsOf(files);
    }
    ComparisonTable table = Reports.table(List.of(study.root()));
    assertThat(out.resolve("table.md"))
        .content()
        .startsWith(table.markdown())
        .contains("## Differences and noise", "## Time to loss", "| behind the best by |");
  }

  @Test
  void aCopiedFolderReportsIdentically() throws IOException {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    study.confirmation(
        "adamw", "winner", study.run("adamw", StudyFixture.config("adamw", 4e-3, 0.1), 11, 5.1));
    Reports.write(List.of(study.root()), folder.resolve("out"), true);
    Path copy = folder.resolve("elsewhere/under another name");
    copy(study.root(), copy);
    List<Path> files = Reports.write(List.of(copy), folder.resolve("out2"), true);
    assertThat(files).hasSizeGreaterThan(20);
    for (Path file : files) {
      Path twin = folder.resolve("out").resolve(folder.resolve("out2").relativize(file).toString());
      assertThat(file).hasSameBinaryContentAs(twin);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Path twin = to.resolve(from.relativize(path).toString());
        Files.createDirectories(twin.getParent());
        Files.copy(path, twin);
      }
    }
  }

  @Test
  void badInputWritesNothing() {
    Path out = folder.resolve("out");
    assertThatThrownBy(() -> Reports.write(List.of(folder), out, true))
        .isInstanceOf(InputException.class);
    assertThat(out).doesNotExist();
  }
}
