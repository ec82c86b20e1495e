package io.adamant.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --set}, for every command that reads a configuration; used as a mixin. */
final class SetOptions {

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Override a key of the configuration, such as optimizer.lr=3e-3; repeatable.")
  private List<String> overrides = new ArrayList<>();

  /** The overrides in their order, as {@code io.adamant.config.Configs} takes them. */
  List<String> overrides() {
    return List.copyOf(overrides);
  }
}
