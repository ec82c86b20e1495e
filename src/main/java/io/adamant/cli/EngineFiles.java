package io.adamant.cli;

import io.adamant.data.CacheDirectory;
import io.adamant.tensor.EngineFit;
import java.io.PrintWriter;
import java.util.function.Consumer;

/** What every command that trains makes sure of before the engine is loaded. */
final class EngineFiles {

  private EngineFiles() {}

  /**
   * Refuses a libtorch that DJL's native library does not fit; proven once, then remembered.
   *
   * @param err told before a pair is tried, which takes seconds, or minutes with a download
   */
  static void requireFit(PrintWriter err) {
    EngineFit.ofThisProcess(CacheDirectory.ofUser()).require(teller(err));
  }

  /** Writes lines that tell of the engine. */
  static Consumer<String> teller(PrintWriter err) {
    return line -> {
      err.println("adamant: " + line);
      err.flush();
    };
  }
}
