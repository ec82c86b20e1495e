package io.adamant.results;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.adamant.base.AppendedFile;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code samples.jsonl}, see {@link SampledText}. */
final class SampleSink implements MetricsSink {

  private final Path file;
  private AppendedFile lines;

  SampleSink(Path file) {
    this.file = file;
  }

  /** The texts of a file; what a killed process left of a line is no text. */
  static List<SampledText> read(Path file) {
    if (!Files.exists(file)) {
      return List.of();
    }
    List<SampledText> texts = new ArrayList<>();
    try {
      String all = Files.readString(file);
      String whole = all.substring(0, all.lastIndexOf('\n') + 1);
      for (String line : whole.lines().toList()) {
        texts.add(Json.MAPPER.readValue(line, SampledText.class));
      }
      return texts;
    } catch (JsonProcessingException e) {
      throw new InputException(
          "%s:%s: not a sample: %s".formatted(file, texts.size() + 1, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new StorageException("read", file, e);
    }
  }

  @Override
  public void begin(long stepsDone) {
    DurableFiles.write(
        file,
        read(file).stream()
            .filter(text -> text.step() <= stepsDone)
            .map(text -> Json.line(text) + "\n")
            .collect(Collectors.joining()));
    lines = new AppendedFile(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  @Override
  public void append(List<StepMetrics> steps) {
    StringBuilder text = new StringBuilder();
    for (StepMetrics step : steps) {
      if (step.more().get(Metrics.SAMPLE) instanceof Map<?, ?> sample) {
        Map<Object, Object> line = new LinkedHashMap<>();
        line.put(Metrics.STEP, step.step());
        line.putAll(sample);
        text.append(Json.line(line)).append('\n');
      }
    }
    lines.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void close() {
    if (lines != null) {
      lines.close();
    }
  }
}
