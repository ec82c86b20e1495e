package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import io.adamant.chart.Digits;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.data.DataForecast;
import io.adamant.data.DataStatistics;
import io.adamant.data.DatasetSpec;
import io.adamant.data.Overlap;
import io.adamant.data.ShardExport;
import io.adamant.data.TokenDataset;
import io.adamant.train.Training;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant prepare}. */
@Command(
    name = "prepare",
    description = {
      "Tokenize the text of a run without training it.",
      "Says first how large the tokens will be. With --format, also writes them as files that other",
      "programs read; run the same command again to go on after the last finished file."
    },
    footer = {
      "",
      "Examples:",
      "  ./adamant prepare run.yaml",
      "  ./adamant prepare run.yaml --format nanogpt --out data     train.bin and val.bin",
      "  ./adamant prepare run.yaml --format llmc --out data --shard-tokens 10000000"
    })
final class PrepareCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private SetOptions set;

  @Parameters(paramLabel = "RUN.yaml", description = "The run's configuration.")
  private Path file;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description = "Write token shards, as one of ${COMPLETION-CANDIDATES} reads them.",
      completionCandidates = Formats.class)
  private String format;

  @Option(names = "--out", paramLabel = "DIR", description = "The folder of the shards.")
  private Path out;

  @Option(
      names = "--shard-tokens",
      paramLabel = "N",
      description = "The most tokens of a shard (default: 100000000); nanogpt has one a split.")
  private Integer shardTokens;

  /** The formats' names, for help and completion. */
  private static final class Formats extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Formats() {
      super(Arrays.stream(ShardExport.Format.values()).map(Words::of).toList());
    }
  }

  @Override
  public Integer call() {
    Optional<ShardExport.Format> wanted =
        Optional.ofNullable(format)
            .map(word -> Words.of("--format", ShardExport.Format.class, word));
    check(wanted);
    RunConfig run = Configs.readRun(file, set.overrides());
    DatasetSpec data = Training.dataset(run);
    PrintWriter err = spec.commandLine().getErr();
    TokenDataset.requireFiles(data);
    Path cache = CacheDirectory.ofUser();
    forecast(TokenDataset.forecast(data, err::println), cache, wanted.isPresent());
    try (TokenDataset tokens = TokenDataset.open(data, cache, err::println)) {
      counts(tokens);
      if (wanted.isPresent()) {
        write(tokens, wanted.get(), data, cache);
      }
    }
    return 0;
  }

  private void check(Optional<ShardExport.Format> wanted) {
    if (wanted.isPresent() != (out != null)) {
      throw new InputException(
          wanted.isPresent()
              ? "--format " + format + " needs --out DIR"
              : "--out " + out + " is for shards: give --format too");
    }
    if (shardTokens != null && (wanted.isEmpty() || wanted.get() == ShardExport.Format.NANOGPT)) {
      throw new InputException("--shard-tokens is for --format llmc and modded");
    }
    if (shardTokens != null && shardTokens < 1) {
      throw new InputException("--shard-tokens must be at least 1, found " + shardTokens);
    }
  }

  private void forecast(DataForecast forecast, Path cache, boolean exported) {
    OptionalLong bytes = forecast.bytes();
    if (bytes.isPresent()) {
      line("files", "%s", size(bytes.getAsLong()));
    }
    String about = forecast.sampled() ? "about " : "";
    String sample =
        Digits.format(", by the first %,d characters of each source", DataForecast.SAMPLE);
    line("tokens", "%s%,d%s", about, forecast.tokens(), forecast.sampled() ? sample : "");
    disk(about, forecast.stored(), cache);
    if (exported) {
      long shards = forecast.tokens() * forecast.width();
      disk(about, shards, out);
      requireRoom(about, shards - written());
    }
    spec.commandLine().getOut().flush();
  }

  /** Says what a folder has to take; of the cache nobody knows yet what it has already. */
  private void disk(String about, long bytes, Path folder) {
    long free = free(folder.toAbsolutePath());
    line("disk", "%s%s in %s, which has %s free", about, size(bytes), folder, size(free));
  }

  private void requireRoom(String about, long bytes) {
    long free = free(out.toAbsolutePath());
    if (bytes > free) {
      throw new StorageException(
          "%s has %s free, and the shards need %s%s more"
              .formatted(out.toAbsolutePath(), size(free), about, size(bytes)));
    }
  }

  /** Bytes of the shards that an earlier start has finished. */
  private long written() {
    if (!Files.isDirectory(out)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(out)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new StorageException("list", out, e);
    }
  }

  private static long free(Path folder) {
    Path there = folder;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    try {
      return Files.getFileStore(there).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE; // not every mounted folder says; writing will tell
    }
  }

  private void counts(TokenDataset tokens) {
    DataStatistics counts = tokens.statistics();
    line("training", "%,d tokens, %,d documents", counts.trainTokens(), counts.trainDocuments());
    line(
        "validation",
        "%,d tokens, %,d documents",
        counts.validationTokens(),
        counts.validationDocuments());
    tokens.overlap().flatMap(Overlap::warning).ifPresent(line -> line("duplicates", "%s", line));
    for (Path store : tokens.stores()) {
      if (Files.exists(store)) {
        line("in", "%s, %s", store, size(store.toFile().length()));
      }
    }
    spec.commandLine().getOut().flush();
  }

  private void write(TokenDataset tokens, ShardExport.Format wanted, DatasetSpec data, Path cache) {
    String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
    int most = shardTokens == null ? ShardExport.DEFAULT_SHARD_TOKENS : shardTokens;
    ShardExport export = new ShardExport(tokens, wanted, name, most, out);
    int written;
    PrintWriter err = spec.commandLine().getErr();
    try (WorkBar bar = new WorkBar("writing", export.tokens(), err)) {
      written = export.write(bar::advance);
    }
    DatasetSpec back =
        new DatasetSpec(out.toString(), data.tokenizer(), data.vocab(), Optional.empty(), 0.5);
    try (TokenDataset read = TokenDataset.open(back, cache, line -> {})) {
      if (!read.dataSha256().equals(tokens.dataSha256())) {
        throw new InputException(
            "%s reads back as other tokens; delete it and write it again".formatted(out));
      }
    }
    int earlier = export.files() - written;
    line(
        "shards",
        "%,d files in %s, %s%s; they read back as the same tokens",
        export.files(),
        out,
        size(export.bytes()),
        earlier == 0 ? "" : Digits.format(", %,d of them there before", earlier));
    List<String> keys =
        List.of(
            "data.corpus: " + out,
            "data.tokenizer: " + data.tokenizer(),
            "data.vocab: " + tokens.tokenizer().vocabularySize());
    line("to train on", "%s", String.join(", ", keys));
  }

  private void line(String name, String format, Object... values) {
    spec.commandLine()
        .getOut()
        .println(Digits.format("%-14s", name) + Digits.format(format, values));
  }

  static String size(long bytes) {
    return bytes < 1L << 20
        ? Digits.format("%,d bytes", bytes)
        : Digits.format("%,.1f MiB", bytes / 1048576.0);
  }
}
