package io.adamant.results;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import io.adamant.config.Configs;
import io.adamant.config.MeasureConfig;
import io.adamant.config.RunConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of a run: {@code run.yaml}, {@code manifest.json}, {@code metrics.jsonl}, {@code
 * summary.json}, {@code checkpoint/}. Everything but the metrics appears whole or not at all.
 */
public final class RunDirectory implements AutoCloseable {

  /** The resolved configuration. */
  public static final String RUN = "run.yaml";

  /** Where the numbers come from. */
  public static final String MANIFEST = "manifest.json";

  /** One line per step. */
  public static final String METRICS = "metrics.jsonl";

  /** Texts that the model continued on the way, one line each. */
  public static final String SAMPLES = "samples.jsonl";

  /** How the run ended. */
  public static final String SUMMARY = "summary.json";

  /** The folder of checkpoints. */
  public static final String CHECKPOINT = "checkpoint";

  private final Path root;
  private FileChannel metrics;
  private BackgroundSinks sinks = new BackgroundSinks(List.of());

  /**
   * Opens a directory, and makes it if it is not there. Only one process may train in it: whoever
   * runs studies gives each attempt at a run a directory of its own.
   *
   * @param root the directory
   * @throws StorageException if it cannot be made
   */
  public RunDirectory(Path root) {
    this.root = root;
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new StorageException("make the run directory", root, e);
    }
  }

  /**
   * The directory.
   *
   * @return its path
   */
  public Path root() {
    return root;
  }

  /**
   * Where checkpoints go.
   *
   * @return {@code checkpoint/}
   */
  public Path checkpoints() {
    return root.resolve(CHECKPOINT);
  }

  /**
   * Writes the resolved configuration.
   *
   * @param config of the run
   */
  public void write(RunConfig config) {
    DurableFiles.write(root.resolve(RUN), Configs.toYaml(config));
  }

  /**
   * Writes where the run's numbers come from.
   *
   * @param manifest of the run
   */
  public void write(Manifest manifest) {
    DurableFiles.write(root.resolve(MANIFEST), Json.pretty(manifest.toMap()));
  }

  /**
   * Writes how the run ended.
   *
   * @param summary of the run
   */
  public void write(RunSummary summary) {
    DurableFiles.write(root.resolve(SUMMARY), Json.pretty(summary.toMap()));
  }

  /**
   * Whether a directory holds a run.
   *
   * @param root any path
   * @return true if it has a {@code run.yaml}
   */
  public static boolean isRun(Path root) {
    return Files.isRegularFile(root.resolve(RUN));
  }

  /**
   * The resolved configuration.
   *
   * @param root a run directory
   * @return what {@code run.yaml} holds
   * @throws InputException if there is none or it cannot be understood
   */
  public static RunConfig config(Path root) {
    return Configs.readRecorded(root.resolve(RUN));
  }

  /**
   * Where the run's numbers come from.
   *
   * @param root a run directory
   * @return what {@code manifest.json} holds; empty where there is none
   * @throws InputException if it cannot be understood
   */
  public static Manifest manifest(Path root) {
    return Manifest.read(root.resolve(MANIFEST));
  }

  /**
   * All that was recorded while training.
   *
   * @param root a run directory
   * @return what {@code metrics.jsonl} holds; without lines where there is none
   * @throws InputException if a line of the file cannot be understood
   */
  public static Metrics metrics(Path root) {
    return Metrics.read(root.resolve(METRICS));
  }

  /**
   * The texts that the model continued while it was trained.
   *
   * @param root a run directory
   * @return in order of step; none where there is no such file
   * @throws InputException if a line of the file cannot be understood
   */
  public static List<SampledText> samples(Path root) {
    return SampleSink.read(root.resolve(SAMPLES));
  }

  /**
   * The summary that an earlier session left.
   *
   * @param root a run directory
   * @return it, if there is one
   * @throws InputException if it cannot be understood
   */
  public static Optional<RunSummary> summary(Path root) {
    Path file = root.resolve(SUMMARY);
    return Files.exists(file)
        ? Optional.of(RunSummary.of(Json.object(file), file.toString()))
        : Optional.empty();
  }

  /**
   * Opens the metrics for appending after a certain length; what lies behind it belongs to steps
   * that a resumed run does again.
   *
   * @param length bytes to keep
   * @return bytes that are there: fewer if lines were lost, down to the last whole one
   */
  public long openMetrics(long length) {
    Path file = root.resolve(METRICS);
    try {
      metrics =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      DurableFiles.force(root);
      long kept = metrics.size() < length ? wholeLines() : length;
      metrics.truncate(kept);
      metrics.position(kept);
      return kept;
    } catch (IOException e) {
      throw new StorageException("open", file, e);
    }
  }

  /** Length of the file up to its last line feed. */
  private long wholeLines() throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long end = metrics.size(); end > 0; end--) {
      one.clear();
      metrics.read(one, end - 1);
      if (one.get(0) == '\n') {
        return end;
      }
    }
    return 0;
  }

  /**
   * Writes the metrics to other files too.
   *
   * @param measure says which
   * @param stepsDone before this session
   */
  public void openSinks(MeasureConfig measure, long stepsDone) {
    List<MetricsSink> files = new ArrayList<>();
    if (measure.csv()) {
      files.add(new CsvSink(root.resolve("metrics.csv")));
    }
    if (measure.tensorboard()) {
      files.add(new TensorBoardSink(root.resolve("tensorboard")));
    }
    if (measure.sampleEvery() > 0) {
      files.add(new SampleSink(root.resolve(SAMPLES)));
    }
    sinks.close();
    sinks = new BackgroundSinks(files);
    sinks.begin(stepsDone);
  }

  /**
   * Appends lines in one write.
   *
   * @param lines in order of step
   * @return length of the file after it
   */
  public long append(List<StepMetrics> lines) {
    StringBuilder text = new StringBuilder();
    try {
      for (StepMetrics line : lines) {
        Map<String, Object> map = line.toMap();
        map.remove(Metrics.SAMPLE);
        text.append(Json.line(map)).append('\n');
      }
      ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        metrics.write(bytes);
      }
      sinks.append(lines);
      return metrics.size();
    } catch (IOException e) {
      throw new StorageException("write", root.resolve(METRICS), e);
    }
  }

  /** Forces the metrics to the disk, before a checkpoint that counts on them. */
  public void forceMetrics() {
    sinks.finish();
    try {
      metrics.force(false);
    } catch (IOException e) {
      throw new StorageException("write", root.resolve(METRICS), e);
    }
  }

  @Override
  public void close() {
    try (MetricsSink closing = sinks) {
      if (metrics != null) {
        metrics.close();
      }
    } catch (IOException e) {
      throw new StorageException("close", root.resolve(METRICS), e);
    }
  }
}
