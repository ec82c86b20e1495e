package io.adamant.tensor;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;

/**
 * The memory that an array's numbers lie in, on whatever device, for libraries that read and write
 * it in place. It is the array's as long as that lives and no operator gives it other memory;
 * operators in place do not.
 *
 * @param address of the first byte
 * @param bytes how many
 */
public record TensorMemory(long address, long bytes) {

  private static final class Torch {
    private static final NativeLibrary LIBRARY = load();
    private static final Function DATA = LIBRARY.getFunction("aoti_torch_get_data_ptr");
    private static final Function STRIDES = LIBRARY.getFunction("aoti_torch_get_strides");

    private static NativeLibrary load() {
      Engine.getInstance();
      Path file = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
      return NativeLibrary.getInstance(file.toString());
    }

    private static Pointer ask(Function function, NDArray array) {
      PointerByReference result = new PointerByReference();
      int error = function.invokeInt(new Object[] {handle(array), result});
      if (error != 0) {
        throw new IllegalStateException(function.getName() + " failed with " + error);
      }
      return result.getValue();
    }

    private static Pointer handle(NDArray array) {
      return new Pointer(((PtNDArray) array).getHandle());
    }
  }

  /**
   * The memory of an array.
   *
   * @param array of any shape, its numbers one behind the other in the order of its indices
   * @return where they lie
   * @throws IllegalArgumentException if they lie otherwise, as those of a transposed view
   */
  public static TensorMemory of(NDArray array) {
    requireContiguous(array);
    Pointer data = Torch.ask(Torch.DATA, array);
    long bytes = array.size() * array.getDataType().getNumOfBytes();
    return new TensorMemory(data == null ? 0 : Pointer.nativeValue(data), bytes);
  }

  private static void requireContiguous(NDArray array) {
    Shape shape = array.getShape();
    if (shape.dimension() == 0 || shape.size() == 0) {
      return;
    }
    long[] strides = Torch.ask(Torch.STRIDES, array).getLongArray(0, shape.dimension());
    long expected = 1;
    for (int i = shape.dimension() - 1; i >= 0; i--) {
      if (shape.get(i) != 1 && strides[i] != expected) {
        throw new IllegalArgumentException("an array of " + shape + " is not contiguous");
      }
      expected *= shape.get(i);
    }
  }

  /**
   * A part of it.
   *
   * @param offset first byte
   * @param length bytes
   * @return the part
   */
  public TensorMemory part(long offset, long length) {
    if (offset < 0 || length < 0 || offset + length > bytes) {
      throw new IndexOutOfBoundsException("%s + %s of %s".formatted(offset, length, bytes));
    }
    return new TensorMemory(address + offset, length);
  }

  /**
   * For JNA.
   *
   * @return the address
   */
  public Pointer pointer() {
    return new Pointer(address);
  }
}
