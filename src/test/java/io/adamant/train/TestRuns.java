package io.adamant.train;

import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** Tiny runs on a tiny made-up language, for tests: a step takes a few milliseconds. */
public final class TestRuns {

  private TestRuns() {}

  /** Writes a corpus with structure to learn: words of a small lexicon in a fixed cyclic order. */
  public static Path corpus(Path directory) {
    String[] words = {"ada", "bo", "cleo", "dan", "eve", "finn", "gus", "hal"};
    Random random = new Random(7);
    StringBuilder text = new StringBuilder();
    int at = 0;
    for (int i = 0; i < 20_000; i++) {
      at = (at + (random.nextInt(10) == 0 ? 3 : 1)) % words.length;
      text.append(words[at]).append(i % 12 == 11 ? ".\n" : " ");
    }
    Path file = directory.resolve("corpus.txt");
    try {
      Files.createDirectories(directory);
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  /** A run of a 2-layer model of width 16 on that corpus. */
  public static RunConfig config(Path corpus, String... overrides) {
    String yaml =
        """
        model: {layers: 2, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        optimizer: {type: adamw, lr: 1.0e-2, beta1: 0.9, beta2: 0.95}
        training: {steps: 40, batch: 4, micro_batch: 2, threads: 1, eval_every: 20, eval_tokens: 1024,
                   checkpoint_every: 10, log_every: 5}
        """
            .formatted(corpus);
    return Training.resolve(Configs.parseRun(yaml, List.of(overrides)));
  }

  /** Opens the run's data with a cache of its own. */
  public static TokenDataset data(RunConfig config, Path cache) {
    return TokenDataset.open(Training.dataset(config), cache, line -> {});
  }

  /** Trains in a directory until done or told to stop. */
  public static RunSummary train(
      RunConfig config, TokenDataset data, Path root, BooleanSupplier stop) {
    return new Training(config, data, List.of(), ProgressListener.NONE).train(root, stop);
  }

  /** Trains to the end. */
  public static RunSummary train(RunConfig config, TokenDataset data, Path root) {
    return train(config, data, root, () -> false);
  }
}
