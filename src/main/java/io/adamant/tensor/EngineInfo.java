package io.adamant.tensor;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * The engine that this process runs on.
 *
 * @param djlVersion of Deep Java Library
 * @param libtorchVersion of the PyTorch library
 * @param libtorch the folder that the library was loaded from
 * @param builtFor the version of libtorch that the bundled native library of DJL is made for; empty
 *     if none is bundled
 * @param threads threads within one operator, as the engine chose them
 * @param cuda what it sees of CUDA
 */
public record EngineInfo(
    String djlVersion,
    String libtorchVersion,
    Path libtorch,
    Optional<String> builtFor,
    int threads,
    CudaView cuda) {

  /**
   * Loads the engine and looks at it.
   *
   * @return what there is
   * @throws ai.djl.engine.EngineException if the native libraries cannot be loaded
   */
  public static EngineInfo detect() {
    Engine engine = Engine.getInstance();
    return new EngineInfo(
        Engine.getDjlVersion(),
        engine.getVersion(),
        Path.of(LibUtils.getLibtorchPath()),
        bundledLibraryIsFor(),
        TorchRuntime.threads(),
        CudaView.detect());
  }

  private static Optional<String> bundledLibraryIsFor() {
    Properties properties = new Properties();
    try (InputStream in = EngineInfo.class.getResourceAsStream("/jnilib/pytorch.properties")) {
      if (in == null) {
        return Optional.empty();
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("reading jnilib/pytorch.properties failed", e);
    }
    String version = properties.getProperty("jni_version", ""); // libtorch's, a hyphen, DJL's
    return Optional.of(version.replaceFirst("-.*", "")).filter(text -> !text.isEmpty());
  }
}
