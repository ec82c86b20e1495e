package io.adamant.results;

import io.adamant.base.AppendedFile;
import io.adamant.base.DurableFiles;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code metrics.csv}, one number per row: {@code step,key,value}. Steps do not all have the same
 * keys, so one row per step would be mostly empty; every data frame library pivots this form.
 */
final class CsvSink implements MetricsSink {

  private static final String HEADER = "step,key,value\n";

  private final Path file;
  private AppendedFile rows;

  CsvSink(Path file) {
    this.file = file;
  }

  @Override
  public void begin(long stepsDone) {
    try {
      String kept = HEADER;
      if (stepsDone > 0 && Files.exists(file)) {
        kept +=
            Files.readAllLines(file).stream()
                .skip(1)
                .filter(row -> row.chars().filter(c -> c == ',').count() == 2)
                .filter(row -> Long.parseLong(row.substring(0, row.indexOf(','))) <= stepsDone)
                .map(row -> row + "\n")
                .collect(Collectors.joining());
      }
      DurableFiles.write(file, kept);
    } catch (IOException e) {
      throw new StorageException("read", file, e);
    }
    rows = new AppendedFile(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  @Override
  public void append(List<StepMetrics> lines) {
    StringBuilder text = new StringBuilder();
    for (StepMetrics line : lines) {
      MetricsSink.numbers(line)
          .forEach(
              (key, value) ->
                  text.append(line.step())
                      .append(',')
                      .append(key)
                      .append(',')
                      .append(value)
                      .append('\n'));
    }
    rows.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void close() {
    if (rows != null) {
      rows.close();
    }
  }
}
