package io.adamant.cli;

import io.adamant.base.Granted;
import io.adamant.base.InputException;
import io.adamant.tensor.Devices;
import picocli.CommandLine.Option;

/** What computes; used as a mixin. */
final class ComputeOptions {

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

  /** Refuses what no machine has, before anything slow happens. */
  void check() {
    try {
      Devices.requireKnown(device);
    } catch (InputException e) {
      throw e.at("--device");
    }
    if (threads != null && threads < 1) {
      throw InputException.badValue("--threads", threads, "a whole number, at least 1");
    }
  }

  /** By name. */
  String device() {
    return device;
  }

  int threads() {
    return threads == null ? Granted.here().threads() : threads;
  }
}
