package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.Json;
import io.adamant.config.Configs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Editors on Windows put a byte-order mark before a text; corpora and tokenizers have own tests.
 */
class ByteOrderMarkTest {

  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), "\ufeff" + text);
  }

  @Test
  void isSkippedInConfigurations() throws IOException {
    Path run = file("run.yaml", "training: {steps: 7}\n");
    assertThat(Configs.readRun(run, List.of()).training().steps()).isEqualTo(7);
    Path study = file("study.yaml", "name: s\r\nbase: {}\r\narms: {a: {}}\r\n");
    assertThat(Configs.readStudy(study, List.of()).name()).isEqualTo("s");
  }

  @Test
  void isSkippedInNumbersAndJson() throws IOException {
    assertThat(CsvNumbers.read(file("g.csv", "1.5,2\n"))).isDeepEqualTo(new double[][] {{1.5, 2}});
    assertThat(Json.object(file("x.json", "{\"a\": 3}")).path("a").asInt()).isEqualTo(3);
  }
}
