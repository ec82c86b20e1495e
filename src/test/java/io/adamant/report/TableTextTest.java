package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.Csv;
import io.adamant.config.Configs;
import io.adamant.results.RunData;
import io.adamant.results.RunsCsv;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables as text. */
class TableTextTest {
  @TempDir Path folder;

  @Test
  void theTerminalsTableHasAtMostAHundredColumnsAndAligns() {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    study.run(
        "an_arm_with_a_name_that_is_longer_than_any_sane_person_would_choose",
        StudyFixture.config("adamw", 1e-9, 0),
        1,
        9.87);
    study.diverged("sgd", StudyFixture.config("sgd", 30, 0), 1, 120);
    List<String> lines = Reports.table(List.of(study.root())).terminal().lines().toList();
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    int end = lines.get(1).indexOf("loss") + 4;
    String adamw = lines.stream().filter(l -> l.startsWith("adamw")).findFirst().orElseThrow();
    assertThat(adamw.substring(0, end)).matches("adamw +5\\.\\d{4} ± 0\\.\\d{4}");
    assertThat(lines.stream().filter(l -> l.startsWith("sgd ")).findFirst().orElseThrow())
        .contains("diverged");
    assertThat(lines).contains("sgd: diverged at step 120 (21 steps skipped); 21 steps skipped.");
  }

  @Test
  void csvKeepsEveryDigit() {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    ComparisonTable table = Reports.table(List.of(study.root()));
    List<String> lines = table.csv().lines().toList();
    List<String> header = Arrays.asList(lines.get(0).split(",", -1));
    for (int i = 0; i < table.rows().size(); i++) {
      String[] cells = lines.get(i + 1).split(",", -1);
      assertThat(cells).hasSameSizeAs(header);
      assertThat(Double.parseDouble(cells[header.indexOf("val_loss")]))
          .isEqualTo(table.rows().get(i).valLoss());
      assertThat(Double.parseDouble(cells[header.indexOf("update_rms")]))
          .isEqualTo(table.rows().get(i).measured("update_rms"));
    }
  }

  @Test
  void csvQuotesWhatNeedsIt() {
    assertThat(Csv.text(List.of(List.of("a,b", "say \"x\"", "plain"))))
        .isEqualTo("\"a,b\",\"say \"\"x\"\"\",plain\n");
  }

  @Test
  void markdownHasAsManyCellsInEveryLine() {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    List<String> lines =
        Reports.table(List.of(study.root()))
            .markdown()
            .lines()
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    assertThat(lines).hasSize(2 + 5);
    assertThat(lines)
        .allSatisfy(line -> assertThat(line.chars().filter(c -> c == '|')).hasSize(10));
  }

  @Test
  void runsCsvHasALineARunWithItsConfiguration() {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    StudyData data = StudyData.read(List.of(study.root()));
    List<RunData> runs = data.runs();
    List<String> lines = RunsCsv.of(data.runs(), data.confirming()).lines().toList();
    assertThat(lines).hasSize(1 + 15);
    String[] header = lines.get(0).split(",", -1);
    assertThat(String.join(",", header))
        .startsWith(
            "arm,label,seed,id,status,val_loss,val_ppl,train_loss,tokens_per_s,seconds,steps,"
                + "tokens,weights_sha256,stage,");
    for (int i = 0; i < runs.size(); i++) {
      String[] cells = lines.get(i + 1).split(",", -1);
      Map<String, String> config = Configs.flatten(runs.get(i).config());
      assertThat(cells).hasSameSizeAs(header);
      assertThat(cells[4]).isEqualTo("finished");
      assertThat(cells[13]).isEqualTo("grid");
      assertThat(Double.parseDouble(cells[5])).isEqualTo(runs.get(i).summary().valLoss());
      IntStream.range(14, header.length)
          .forEach(k -> assertThat(cells[k]).isEqualTo(config.getOrDefault(header[k], "")));
      assertThat(header).contains("optimizer.beta1", "training.seed");
    }
  }
}
