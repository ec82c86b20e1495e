package io.adamant.cli;

import io.adamant.data.CacheDirectory;
import io.adamant.tensor.EngineFit;

/** What every command that trains makes sure of before the engine is loaded. */
final class EngineFiles {

  private EngineFiles() {}

  /** Refuses a libtorch that DJL's native library does not fit; proven once, then remembered. */
  static void requireFit() {
    EngineFit.ofThisProcess(CacheDirectory.ofUser()).require();
  }
}
