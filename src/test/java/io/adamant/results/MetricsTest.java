package io.adamant.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines of metrics to curves. */
class MetricsTest {
  @TempDir Path folder;

  private Metrics read(String text) throws IOException {
    return Metrics.read(Files.writeString(folder.resolve("metrics.jsonl"), text));
  }

  @Test
  void aKeyIsACurveOverItsSteps() throws IOException {
    Metrics metrics =
        read(
            """
            {"step":1,"train_loss":8.5,"skipped":false}
            {"step":2,"train_loss":null,"skipped":true,"val_loss":8.25}
            {"step":3,"train_loss":8.0,"groups":{"all":{"update_rms":0.25,"later_idea":7}}}
            """);
    assertThat(metrics.curve("train_loss").xs()).containsExactly(1, 2, 3);
    assertThat(metrics.curve("train_loss").ys()).containsExactly(8.5, Double.NaN, 8.0);
    assertThat(metrics.curve("skipped").ys()).containsExactly(0, 1);
    assertThat(metrics.curve("val_loss").xs()).containsExactly(2);
    assertThat(metrics.curve(Metrics.group("all", "update_rms")).last()).isEqualTo(0.25);
    assertThat(metrics.keys()).contains("groups.all.later_idea");
    assertThat(metrics.curve("nothing").size()).isZero();
    assertThat(metrics.lastStep()).isEqualTo(3);
  }

  @Test
  void aTornLastLineIsIgnored() throws IOException {
    String whole = "{\"step\":1,\"train_loss\":8.5}\n";
    String torn = "{\"step\":2,\"train_loss\":8.25}";
    for (int length = 1; length < torn.length(); length++) {
      Metrics metrics = read(whole + torn.substring(0, length));
      assertThat(metrics.curve("train_loss").xs()).containsExactly(1);
    }
    assertThat(read(whole + torn).lastStep()).isEqualTo(2);
  }

  @Test
  void aBrokenLineInBetweenIsNamed() {
    assertThatThrownBy(() -> read("{\"step\":1}\n{\"step\":2,\n{\"step\":3}\n"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("metrics.jsonl:2");
    assertThatThrownBy(() -> read("{\"step\":1}\n{\"loss\":2}\n{\"step\":3}\n"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("metrics.jsonl:2: no step");
  }

  @Test
  void stepsThatWereRepeatedAfterACheckpointCountOnce() throws IOException {
    Metrics metrics =
        read(
            """
            {"step":1,"train_loss":9,"val_loss":9}
            {"step":2,"train_loss":8}
            {"step":3,"train_loss":7,"val_loss":7}
            {"step":2,"train_loss":8.5}
            {"step":3,"train_loss":7.5}
            """);
    assertThat(metrics.curve("train_loss").ys()).containsExactly(9, 8.5, 7.5);
    assertThat(metrics.curve("val_loss").xs()).containsExactly(1);
  }

  @Test
  void aMissingFileHasNoCurves() {
    assertThat(Metrics.read(folder.resolve("none.jsonl")).keys()).isEmpty();
  }

  @Test
  void oneCurveAndTheLastMeasurementAreThoseOfTheWholeFile() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    String measured = "{\"step\":%s,\"groups\":{\"all\":{\"snr\":%s}},\"train_loss\":%s}\n";
    String plain = "{\"step\":%s,\"more\":[1,{\"train_loss\":9}],\"train_loss\":%s}\n";
    String text =
        measured.formatted(10, 0.5, 7)
            + plain.formatted(11, "null")
            + measured.formatted(20, 0.9, 6)
            + plain.formatted(19, 5) // goes back: step 20 does not count any more
            + plain.formatted(20, 4);
    for (String end : List.of("", "{\"step\":21,\"tra", "{\"step\":21,\"train_loss\":3}")) {
      Files.writeString(file, text + end);
      assertThat(Metrics.readCurve(file, Metrics.TRAIN_LOSS))
          .isEqualTo(Metrics.read(file).curve(Metrics.TRAIN_LOSS));
      assertThat(Metrics.readLastMeasured(file).curve("groups.all.snr").last()).isEqualTo(0.5);
    }
    Files.writeString(file, "{\"ste\n" + text);
    assertThatThrownBy(() -> Metrics.readCurve(file, Metrics.TRAIN_LOSS))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("metrics.jsonl:1");
    Files.writeString(file, plain.formatted(1, 2).repeat(1));
    assertThat(Metrics.readLastMeasured(file).keys()).doesNotContain("groups.all.snr");
  }
}
