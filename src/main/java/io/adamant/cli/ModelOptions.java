package io.adamant.cli;

import io.adamant.chart.Digits;
import io.adamant.data.Tokenizer;
import io.adamant.inference.LanguageModel;
import io.adamant.tensor.Devices;
import io.adamant.train.StoredModel;
import java.io.PrintWriter;
import picocli.CommandLine.Mixin;

/** The model that a command uses, and what computes it; used as a mixin. */
final class ModelOptions {

  @Mixin private StoredModelOptions model;

  @Mixin private ComputeOptions compute;

  /** What is asked for, before anything slow happens. */
  StoredModel stored() {
    compute.check();
    return model.open();
  }

  /** Loads it and tells of it. */
  LanguageModel load(StoredModel stored, Tokenizer tokenizer, PrintWriter err) {
    EngineFiles.requireFit(err);
    long start = System.nanoTime();
    LanguageModel loaded =
        new LanguageModel(stored, tokenizer, Devices.select(compute.device()), compute.threads());
    err.println(
        Digits.format(
            "%s: %,d parameters; weights loaded in %.2f s",
            stored.description(), stored.size().parameters(), (System.nanoTime() - start) / 1e9));
    err.flush();
    return loaded;
  }
}
