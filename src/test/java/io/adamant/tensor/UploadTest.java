package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** The kernel as libtorch compiles it; the branch with pinned memory needs a GPU. */
class UploadTest {

  @Test
  void theArrayIsACopyThatTheNextFillingDoesNotReach() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(6 * Long.BYTES).order(ByteOrder.nativeOrder());
    bytes.asLongBuffer().put(new long[] {1, 2, 3, 4, 5, 50_303});
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        Upload upload = new Upload(manager)) {
      NDArray array = upload.create(manager, bytes, new Shape(2, 3), DataType.INT64);
      bytes.asLongBuffer().put(new long[] {9, 9, 9, 9, 9, 9});

      assertThat(upload.queues()).isTrue();
      assertThat(array.getShape()).isEqualTo(new Shape(2, 3));
      assertThat(array.getDataType()).isEqualTo(DataType.INT64);
      assertThat(array.toLongArray()).containsExactly(1, 2, 3, 4, 5, 50_303);
      assertThat(manager.getManagedArrays()).contains(array);
    }
  }

  @Test
  void aFailingKernelFallsBackToDjlsOwnWay() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
    bytes.asLongBuffer().put(new long[] {7, 8});
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        Upload upload =
            new Upload(
                manager,
                "def upload(self, x: Tensor, like: Tensor) -> Tensor:\n  return torch.mm(x, like)")) {
      NDArray array = upload.create(manager, bytes, new Shape(2), DataType.INT64);

      assertThat(upload.queues()).isFalse();
      assertThat(array.toLongArray()).containsExactly(7, 8);
    }
  }
}
