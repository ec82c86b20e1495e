package io.adamant.reproduce;

import io.adamant.base.Sha256;
import io.adamant.config.RunConfig;
import io.adamant.config.RunId;
import io.adamant.train.Training;
import java.nio.file.Path;

/**
 * The identity of a run as a claim asks for it: its settings and the names of its texts. Unlike the
 * name of its folder it depends neither on the texts' content nor on the version of the numerics,
 * so that it is known without opening anything, and a run that is listed stays done.
 */
final class ConfigKey {
  private ConfigKey() {}

  static String of(RunConfig config) {
    RunConfig resolved =
        Training.resolve(config.with("training.device", "cpu").with("training.threads", 1));
    String texts =
        name(config.data().corpus())
            + "|"
            + name(config.data().validationCorpus())
            + "|"
            + name(config.data().tokenizer());
    return RunId.of(resolved, new Sha256().add(texts).hex(), 0);
  }

  /** The last part of a path, wherever a machine keeps the text. */
  static String name(String text) {
    Path last = text.isEmpty() ? null : Path.of(text).getFileName();
    return last == null ? text : last.toString();
  }
}
