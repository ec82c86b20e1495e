package io.adamant.cli;

import io.adamant.base.Granted;
import io.adamant.base.InputException;
import io.adamant.chart.Digits;
import io.adamant.data.Tokenizer;
import io.adamant.inference.LanguageModel;
import io.adamant.tensor.Devices;
import io.adamant.train.StoredModel;
import java.io.PrintWriter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The model that a command uses, and what computes it; used as a mixin. */
final class ModelOptions {

  @Mixin private StoredModelOptions model;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the CPU (default: all that are granted).")
  private Integer threads;

  /** What is asked for, before anything slow happens. */
  StoredModel stored() {
    try {
      Devices.requireKnown(device);
    } catch (InputException e) {
      throw e.at("--device");
    }
    if (threads != null && threads < 1) {
      throw InputException.badValue("--threads", threads, "a whole number, at least 1");
    }
    return model.open();
  }

  /** Loads it and tells of it. */
  LanguageModel load(StoredModel stored, Tokenizer tokenizer, PrintWriter err) {
    EngineFiles.requireFit(err);
    long start = System.nanoTime();
    int count = threads == null ? Granted.here().threads() : threads;
    LanguageModel loaded = new LanguageModel(stored, tokenizer, Devices.select(device), count);
    err.println(
        Digits.format(
            "%s: %,d parameters; weights loaded in %.2f s",
            stored.description(), stored.size().parameters(), (System.nanoTime() - start) / 1e9));
    err.flush();
    return loaded;
  }
}
