package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.data.ShardExport.Format;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Token shards written for other programs. */
class ShardExportTest {
  @TempDir Path folder;

  private Path text(String word) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      text.append(word).append(' ').append(i).append("\n<|endoftext|>\n");
    }
    return Files.writeString(folder.resolve(word + ".txt"), text);
  }

  private TokenDataset open(Path corpus) {
    DatasetSpec spec = new DatasetSpec(corpus.toString(), "bytes", 257, Optional.empty(), 0.1);
    return TokenDataset.open(spec, folder.resolve("cache"), line -> {});
  }

  private ShardExport export(TokenDataset data, Format format) {
    return new ShardExport(data, format, "set", 200, folder.resolve("out"));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenReadsBackAsTheSameData(Format format) throws IOException {
    try (TokenDataset data = open(text("some"))) {
      ShardExport export = export(data, format);
      long[] told = new long[1];
      assertThat(export.write(count -> told[0] += count)).isEqualTo(export.files());
      assertThat(told[0]).isEqualTo(data.train().size() + data.validation().size());
      long bytes = 0;
      for (String name : names()) {
        bytes += name.endsWith(".bin") ? Files.size(folder.resolve("out").resolve(name)) : 0;
      }
      assertThat(export.bytes()).isEqualTo(bytes);
      try (TokenDataset back = open(folder.resolve("out"))) {
        assertThat(back.dataSha256()).isEqualTo(data.dataSha256());
        assertThat(back.statistics())
            .usingRecursiveComparison()
            .ignoringFields("validationText") // which ids alone do not tell
            .isEqualTo(data.statistics());
      }
    }
  }

  /** Byte by byte as the formats' descriptions have it. */
  @Test
  void theFilesAreAsTheirReadersWantThem() throws IOException {
    try (TokenDataset data = open(text("some"))) {
      export(data, Format.LLMC).write(count -> {});
      assertThat(names())
          .containsExactly(
              ".prepare.lock",
              "prepare.json",
              "set_train_000001.bin",
              "set_train_000002.bin",
              "set_train_000003.bin",
              "set_val_000000.bin");
      ByteBuffer first =
          ByteBuffer.wrap(Files.readAllBytes(folder.resolve("out/set_train_000001.bin")))
              .order(ByteOrder.LITTLE_ENDIAN);
      assertThat(first.capacity()).isEqualTo(1024 + 400);
      assertThat(List.of(first.getInt(0), first.getInt(4), first.getInt(8), first.getInt(12)))
          .containsExactly(20240520, 1, 200, 0);
      assertThat(first.getShort(1024)).isEqualTo((short) 's');
    }
  }

  @Test
  void aRunThatWasKilledGoesOnAfterItsLastFinishedFile() throws IOException {
    try (TokenDataset data = open(text("some"))) {
      ShardExport export = export(data, Format.MODDED);
      List<byte[]> whole = new ArrayList<>();
      export.write(count -> {});
      for (String name : names()) {
        whole.add(Files.readAllBytes(folder.resolve("out").resolve(name)));
      }
      Path kept = folder.resolve("out/set_train_000001.bin");
      Object time = Files.getLastModifiedTime(kept);
      Files.delete(folder.resolve("out/set_train_000002.bin"));
      Files.writeString(folder.resolve("out/.set_train_000002.bin.abc.tmp"), "half");
      assertThat(export.write(count -> {})).isEqualTo(1);
      assertThat(Files.getLastModifiedTime(kept)).isEqualTo(time);
      assertThat(names()).hasSize(whole.size());
      for (int i = 0; i < whole.size(); i++) {
        assertThat(Files.readAllBytes(folder.resolve("out").resolve(names().get(i))))
            .isEqualTo(whole.get(i));
      }
    }
  }

  @Test
  void aFolderOfOtherShardsIsLeftAsItIs() throws IOException {
    Path out = folder.resolve("out");
    try (TokenDataset data = open(text("some"));
        TokenDataset other = open(text("other"))) {
      export(data, Format.NANOGPT).write(count -> {});
      byte[] before = Files.readAllBytes(out.resolve("train.bin"));
      for (ShardExport export : List.of(export(other, Format.NANOGPT), export(data, Format.LLMC))) {
        assertThatThrownBy(() -> export.write(count -> {}))
            .isInstanceOf(InputException.class)
            .hasMessageStartingWith(out + ": prepare.json says that other shards are there");
      }
      Files.delete(out.resolve("prepare.json"));
      assertThatThrownBy(() -> export(data, Format.NANOGPT).write(count -> {}))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith(out + " holds shards that are not from here");
      assertThat(Files.readAllBytes(out.resolve("train.bin"))).isEqualTo(before);
    }
  }

  @Test
  void largeVocabulariesAreForFormatsThatHaveThem() throws IOException {
    ByteBuffer ids = ByteBuffer.allocate(1024 + 400).order(ByteOrder.LITTLE_ENDIAN);
    ids.putInt(20240801).putInt(7).putInt(100);
    for (int i = 0; i < 100; i++) {
      ids.putInt(1024 + 4 * i, 100_000 + i);
    }
    Path file = Files.write(folder.resolve("ids"), ids.array());
    DatasetSpec spec = new DatasetSpec(file.toString(), "none", 128_256, Optional.empty(), 0.1);
    try (TokenDataset data = TokenDataset.open(spec, folder.resolve("cache"), line -> {})) {
      for (Format format : Format.values()) {
        if (format == Format.LLMC) {
          export(data, format).write(count -> {});
        } else {
          assertThatThrownBy(() -> export(data, format))
              .isInstanceOf(InputException.class)
              .hasMessageContaining("16 bits for a token, and the vocabulary has 128256");
        }
      }
      byte[] written = Files.readAllBytes(folder.resolve("out/set_train_000001.bin"));
      assertThat(Arrays.copyOfRange(written, 1024, written.length))
          .isEqualTo(Arrays.copyOfRange(ids.array(), 1024, 1024 + 4 * 90));
    }
  }

  @Test
  void aForecastOfAShortTextIsExact() throws IOException {
    Path text = text("some");
    try (TokenDataset data = open(text)) {
      DataForecast forecast =
          TokenDataset.forecast(DatasetSpec.of(text.toString(), "bytes", 257), line -> {});
      assertThat(forecast.sampled()).isFalse();
      assertThat(forecast.tokens()).isEqualTo(data.train().size() + data.validation().size());
      assertThat(forecast.bytes()).hasValue(Files.size(text));
      assertThat(forecast.stored()).isEqualTo(2 * forecast.tokens());
    }
  }

  @Test
  void aForecastOfALongTextIsClose() throws IOException {
    Path text = Files.writeString(folder.resolve("long.txt"), "A line of text.\n".repeat(300_000));
    DataForecast forecast =
        TokenDataset.forecast(DatasetSpec.of(text.toString(), "bytes", 257), line -> {});
    assertThat(forecast.sampled()).isTrue();
    assertThat((double) forecast.tokens()).isBetween(0.85 * 4_800_001, 1.15 * 4_800_001);
  }
}
