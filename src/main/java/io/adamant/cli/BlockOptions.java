package io.adamant.cli;

import io.adamant.base.Granted;
import io.adamant.simulate.Blocks;
import java.util.function.LongConsumer;
import picocli.CommandLine.Option;

/** Seed and threads of a simulation; used as a mixin. */
final class BlockOptions {

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of all random numbers (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads; they do not change the result (default: all that are granted).")
  private Integer threads;

  Blocks blocks(LongConsumer progress) {
    int count = threads == null ? Granted.here().threads() : threads;
    return new Blocks(count, seed, progress);
  }
}
