package io.adamant.tensor;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Batches on their way to a device. DJL's own {@code create} copies from pageable memory and waits
 * until the GPU has done everything that is queued before the copy; it knows no pinned memory.
 * libtorch does: here a kernel copies into pinned memory, which the host has done at once, and
 * queues the rest.
 */
public final class Upload implements AutoCloseable {

  private static final String METHOD =
      """
      def upload(self, x: Tensor, like: Tensor) -> Tensor:
        if like.is_cuda:
          x = x.pin_memory()
        return x.to(like.device, x.dtype, True, True)
      """;

  private final NDManager host;
  private final NDManager device;
  private final ScriptModule module;
  private final NDArray like;
  private boolean queues = true;

  /**
   * Compiles the kernel.
   *
   * @param manager of the device that arrays go to
   */
  public Upload(NDManager manager) {
    this(manager, METHOD);
  }

  /** With another kernel. */
  Upload(NDManager manager, String method) {
    device = manager.newSubManager();
    host = NDManager.newBaseManager(Device.cpu());
    module = new ScriptModule(device, new ScriptArchive("", method, Map.of()));
    like = device.zeros(new Shape());
  }

  /**
   * Queues a copy.
   *
   * @param owner of the array on the device
   * @param bytes direct, in the machine's order; free to be filled again on return
   * @param shape of the array
   * @param type of its numbers
   * @return the array on the device
   */
  public NDArray create(NDManager owner, ByteBuffer bytes, Shape shape, DataType type) {
    if (queues) {
      try (NDArray here = host.create(bytes, shape, type)) {
        return module.call(owner, "upload", here, like).singletonOrThrow();
      } catch (EngineException e) {
        if (DeviceMemory.ranOut(e)) {
          throw e;
        }
        queues = false; // a libtorch without pinned memory: as DJL does it
      }
    }
    return owner.create(bytes, shape, type);
  }

  /**
   * Whether copies are queued.
   *
   * @return false once the kernel has failed
   */
  public boolean queues() {
    return queues;
  }

  @Override
  public void close() {
    like.close();
    module.close();
    device.close();
    host.close();
  }
}
