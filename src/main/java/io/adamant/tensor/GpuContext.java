package io.adamant.tensor;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.Optional;

/** What other libraries need of libtorch to work on a GPU beside it. */
public final class GpuContext {

  private static final class Torch {
    private static final Optional<NativeLibrary> LIBRARY = load();

    private static Optional<NativeLibrary> load() {
      try {
        String file = folder().resolve(System.mapLibraryName("torch_cuda")).toString();
        return Optional.of(NativeLibrary.getInstance(file));
      } catch (UnsatisfiedLinkError e) {
        return Optional.empty(); // a libtorch for CPUs
      }
    }
  }

  private GpuContext() {}

  /**
   * Where libtorch's libraries are; loads the engine if that has not happened.
   *
   * @return a folder
   */
  public static Path folder() {
    Engine.getInstance();
    return Path.of(LibUtils.getLibtorchPath());
  }

  /**
   * The CUDA stream on which libtorch computes for this thread: what is queued there too comes in
   * the order in which it was queued.
   *
   * @param gpu number of the GPU
   * @return a {@code cudaStream_t}; null, CUDA's default stream, where libtorch does not tell,
   *     which is the one it uses unless it was told otherwise
   */
  public static Pointer stream(int gpu) {
    PointerByReference stream = new PointerByReference();
    return ask("aoti_torch_get_current_cuda_stream", gpu, stream) ? stream.getValue() : null;
  }

  /**
   * Makes a GPU the one that this thread's calls of CUDA are about.
   *
   * @param gpu number of the GPU
   * @throws IllegalStateException if that cannot be done and the GPU is not 0, where threads begin
   */
  public static void select(int gpu) {
    // A guard sets the device when it is made; it is never closed, which would set it back.
    if (!ask("aoti_torch_create_cuda_guard", gpu, new PointerByReference()) && gpu != 0) {
      throw new IllegalStateException(
          "this libtorch cannot select GPU %s; let each process see one GPU (CUDA_VISIBLE_DEVICES)"
              .formatted(gpu));
    }
  }

  private static boolean ask(String name, int gpu, PointerByReference answer) {
    if (Torch.LIBRARY.isEmpty()) {
      return false;
    }
    Function function;
    try {
      function = Torch.LIBRARY.get().getFunction(name);
    } catch (UnsatisfiedLinkError e) {
      return false; // a libtorch older than that function
    }
    int error = function.invokeInt(new Object[] {gpu, answer});
    if (error != 0) {
      throw new IllegalStateException(name + " failed with " + error + " for GPU " + gpu);
    }
    return true;
  }
}
