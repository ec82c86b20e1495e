package io.adamant.reproduce;

import io.adamant.config.PlannedRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** A folder of claims on a model that is never trained, and tables of runs that were never run. */
final class Claims {
  private final Path folder;

  Claims(Path folder) {
    this.folder = folder;
    for (Scale scale : Scale.values()) {
      write(
          "scales/" + scale.word() + ".yaml",
          """
          about: a model that is not trained
          corpus: no text
          seeds: {grid: 1, fresh: [11, 12, 13]}
          extensions: 2
          base:
            model: {layers: 1, width: 16, heads: 2, context: 16}
            training: {steps: 10}
          """);
    }
  }

  void write(String file, String text) {
    try {
      Path path = folder.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Seeds that choose nothing, for all scales. */
  Claims withSeedsApart() {
    for (Scale scale : Scale.values()) {
      Path file = folder.resolve("scales/" + scale.word() + ".yaml");
      try {
        write(
            "scales/" + scale.word() + ".yaml",
            Files.readString(file).replace("13]}", "13], compare: [21, 22, 23]}"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return this;
  }

  /** AdamW against Signum, each over three rates. */
  Claims withOrder() {
    write(
        "order.yaml",
        """
        title: The order
        claim: Signum ends above AdamW.
        published: [{what: the gap, value: '.061', source: the paper}]
        checks:
          Signum above AdamW: {rule: difference, quantity: val_loss, of: signum, minus: adamw, at_least: 0}
        tune: arms
        tiny:
          arms:
            adamw:
              optimizer: {type: adamw, beta1: 0.9, beta2: 0.9}
              grid: {optimizer.lr: [1.0e-3, 2.0e-3, 4.0e-3]}
            signum:
              optimizer: {type: signum, beta1: 0.9}
              grid: {optimizer.lr: [1.0e-3, 2.0e-3, 4.0e-3]}
        small: tiny
        """);
    return this;
  }

  /** Signum's best rate over three momenta. */
  Claims withSlope() {
    write(
        "slope.yaml",
        """
        title: The slope
        claim: Signum's best rate follows 1 - beta.
        published: [{what: slope, value: 1, source: the paper}]
        checks:
          slope: {rule: rate_slope, of: signum, at_least: 0.5, at_most: 1.5}
        tune: cells
        tiny:
          arms:
            signum:
              optimizer: {type: signum}
              grid:
                optimizer.beta1: [0.8, 0.9, 0.95]
                optimizer.lr: [1.0e-3, 2.0e-3, 4.0e-3]
        """);
    return this;
  }

  ClaimLibrary read() {
    return ClaimLibrary.read(folder);
  }

  static RunRow row(PlannedRun wanted, double loss) {
    Map<String, String> cells = new LinkedHashMap<>();
    cells.put("id", "none");
    cells.put("config", ConfigKey.of(wanted.config()));
    cells.put("scale", "tiny");
    cells.put("arm", wanted.arm());
    cells.put("seed", Long.toString(wanted.config().training().seed()));
    cells.put("optimizer", wanted.config().optimizer().type());
    cells.put("lr", Double.toString(wanted.config().optimizer().lr()));
    cells.put(
        "beta1", String.valueOf(wanted.config().optimizer().settings().getOrDefault("beta1", "")));
    cells.put("status", Double.isFinite(loss) ? "finished" : "diverged");
    cells.put("val_loss", Double.isFinite(loss) ? Double.toString(loss) : "");
    cells.put("seconds", "10.0");
    cells.put("tokens", "1000");
    cells.put("corpus", "wordnet");
    return new RunRow(cells);
  }

  /** Answers every stage of a trial until it is complete. */
  static Trial completed(TrialDesign design, RunTable table, ToDoubleFunction<PlannedRun> loss) {
    Trial trial = Trial.of(design, table);
    for (int stage = 0; !trial.complete(); stage++) {
      if (stage > 20) {
        throw new AssertionError("the trial never ends: " + trial.missing());
      }
      List<PlannedRun> missing = trial.missing();
      missing.forEach(wanted -> table.append(row(wanted, loss.applyAsDouble(wanted))));
      trial = Trial.of(design, table);
    }
    return trial;
  }
}
