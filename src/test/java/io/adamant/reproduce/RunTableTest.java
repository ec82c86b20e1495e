package io.adamant.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code runs.csv}: added to, never rewritten, shared. */
class RunTableTest {
  @TempDir Path temp;
  private Path file;

  @BeforeEach
  void name() {
    file = temp.resolve("reproduction").resolve("runs.csv");
  }

  private static RunRow row(String config, double loss) {
    return new RunRow(
        Map.of(
            "config",
            config,
            "status",
            "finished",
            "val_loss",
            Double.toString(loss),
            "train_curve",
            "3.5;3.25;"));
  }

  @Test
  void aRunThatIsListedIsFoundByWhoeverReadsTheFileLater() throws IOException {
    assertThat(RunTable.read(file).append(row("aa", 1.25))).isTrue();
    assertThat(RunTable.read(file).append(row("bb", 2.5))).isTrue();
    RunTable later = RunTable.read(file);
    assertThat(later.find("aa").orElseThrow().quantity("val_loss")).isEqualTo(1.25);
    assertThat(later.find("bb").orElseThrow().trainCurve()).containsExactly(3.5, 3.25, Double.NaN);
    assertThat(later.find("cc")).isEmpty();
    assertThat(Files.readAllLines(file)).hasSize(3);
    assertThat(Files.readAllLines(file).get(0)).isEqualTo(String.join(",", RunRow.COLUMNS));
  }

  /** A table of an older version has fewer columns; what it lacks is unknown, and it stays so. */
  @Test
  void anOlderTableKeepsItsColumns() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "config,status,val_loss\naa,finished,1.25\n");
    assertThat(RunTable.read(file).append(row("bb", 2.5))).isTrue();
    assertThat(Files.readAllLines(file))
        .containsExactly("config,status,val_loss", "aa,finished,1.25", "bb,finished,2.5");
    assertThat(RunTable.read(file).find("bb").orElseThrow().trainCurve()).isEmpty();
  }

  @Test
  void aRunIsListedOnceWhoeverAddsIt() throws IOException {
    RunTable one = RunTable.read(file);
    RunTable other = RunTable.read(file);
    assertThat(one.append(row("aa", 1.25))).isTrue();
    assertThat(one.append(row("aa", 9))).isFalse();
    assertThat(other.append(row("aa", 9))).isFalse(); // read before the line was there
    assertThat(other.find("aa").orElseThrow().quantity("val_loss")).isEqualTo(1.25);
    assertThat(Files.readAllLines(file)).hasSize(2);
  }

  @Test
  void aTornLastLineCountsForNothingAndIsCutOff() throws IOException {
    RunTable.read(file).append(row("aa", 1));
    String whole = Files.readString(file);
    Files.writeString(file, whole + "id,bb,tiny");
    RunTable table = RunTable.read(file);
    assertThat(table.rows()).hasSize(1);
    assertThat(table.append(row("bb", 2))).isTrue();
    assertThat(Files.readString(file)).startsWith(whole).hasLineCount(3);
    assertThat(RunTable.read(file).rows()).hasSize(2);
  }

  @Test
  void manyThreadsLoseNoLine() throws Exception {
    List<Thread> threads = new ArrayList<>();
    RunTable shared = RunTable.read(file);
    for (int t = 0; t < 4; t++) {
      int number = t;
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < 25; i++) {
                  shared.append(row(number + "-" + i, i));
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(RunTable.read(file).rows()).hasSize(100);
  }

  @Test
  void anotherFileOrABrokenLineIsBadInput() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "a,b\n1,2\n");
    assertThatThrownBy(() -> RunTable.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("runs.csv:1: not a table of runs");
    Files.writeString(file, String.join(",", RunRow.COLUMNS) + "\nx,y\nz\n");
    assertThatThrownBy(() -> RunTable.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("runs.csv:2: 2 cells; expected: " + RunRow.COLUMNS.size());
  }

  @Test
  void columnsMayBeAddedLater() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "config,status,val_loss\naa,finished,1.5\nbb,diverged,\n");
    RunTable table = RunTable.read(file);
    assertThat(table.find("aa").orElseThrow().quantity("val_loss")).isEqualTo(1.5);
    assertThat(table.find("aa").orElseThrow().trainCurve()).isEmpty();
    assertThat(table.find("bb").orElseThrow().quantity("val_loss")).isNaN();
  }
}
