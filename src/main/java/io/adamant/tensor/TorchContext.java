package io.adamant.tensor;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Switches of libtorch that DJL has no call for: TensorFloat-32 in matrix products and the choice
 * of deterministic kernels. Both concern CUDA only and belong to the whole process.
 *
 * <p>They are members of {@code at::Context}, called by their exported names: those of libtorch
 * 1.12 to at least 2.7. A libtorch without them is reported as such, never silently ignored.
 */
public final class TorchContext {

  private final NativeLibrary library;

  private TorchContext(NativeLibrary library) {
    this.library = library;
  }

  /**
   * The switches of the loaded libtorch; loads the engine if that has not happened.
   *
   * @return empty if this libtorch does not export them, or JNA cannot be loaded
   */
  public static Optional<TorchContext> ofEngine() {
    Engine.getInstance();
    Path file = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
    try {
      TorchContext context = new TorchContext(NativeLibrary.getInstance(file.toString()));
      context.tf32();
      context.deterministic();
      return Optional.of(context);
    } catch (LinkageError e) {
      return Optional.empty();
    }
  }

  /**
   * Whether float32 matrix products on CUDA may round their operands to TensorFloat-32.
   *
   * @return the switch; libtorch starts with false, unless {@code TORCH_ALLOW_TF32_CUBLAS_OVERRIDE}
   *     is 1, as in some container images
   */
  public boolean tf32() {
    return get("_ZNK2at7Context15allowTF32CuBLASEv");
  }

  /**
   * Allows or forbids TensorFloat-32: operands with 10 bits of mantissa instead of 23.
   *
   * @param allowed the switch
   */
  public void tf32(boolean allowed) {
    set("_ZN2at7Context18setAllowTF32CuBLASEb", allowed);
  }

  /**
   * Whether libtorch takes only kernels that give the same bits each time.
   *
   * @return the switch, false at the start
   */
  public boolean deterministic() {
    return get("_ZNK2at7Context23deterministicAlgorithmsEv");
  }

  /**
   * Asks for kernels that give the same bits each time: on CUDA the backward pass of fused
   * attention has both kinds. An operator without such a kernel then fails instead of differing. On
   * CUDA, libtorch wants {@code CUBLAS_WORKSPACE_CONFIG} to be {@code :4096:8} or {@code :16:8}
   * with it.
   *
   * @param wanted the switch
   */
  public void deterministic(boolean wanted) {
    set("_ZN2at7Context26setDeterministicAlgorithmsEbb", wanted, false);
    // Else it would fill all memory that it hands out, a help for debugging that costs time.
    set("_ZN2at7Context39setDeterministicFillUninitializedMemoryEb", !wanted);
  }

  private boolean get(String member) {
    return (function(member).invokeInt(new Object[] {context()}) & 0xFF) != 0;
  }

  private void set(String member, boolean... values) {
    Object[] arguments = new Object[1 + values.length];
    arguments[0] = context();
    for (int i = 0; i < values.length; i++) {
      arguments[i + 1] = values[i] ? 1 : 0; // a Boolean would arrive as -1
    }
    function(member).invokeVoid(arguments);
  }

  private Pointer context() {
    return function("_ZN2at13globalContextEv").invokePointer(new Object[0]);
  }

  private Function function(String name) {
    return library.getFunction(name);
  }
}
