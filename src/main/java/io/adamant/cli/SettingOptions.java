package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.config.OptimizerConfig;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --set KEY=VALUE} of one optimizer's own settings. */
final class SettingOptions {

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting of the optimizer, such as beta1=0.95; repeatable.")
  private List<String> settings = new ArrayList<>();

  OptimizerConfig laidOver(OptimizerConfig config) {
    OptimizerConfig optimizer = config;
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new InputException("--set " + setting + ": expected: KEY=VALUE, such as beta1=0.95");
      }
      optimizer = optimizer.with(setting.substring(0, equals), setting.substring(equals + 1));
    }
    return optimizer;
  }
}
