package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors survive the file to the bit, and a broken file is noticed. */
class SafeTensorsTest {

  @TempDir Path temp;
  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private Map<String, NDArray> tensors() {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    tensors.put("a", manager.create(new float[] {1.5f, -0f, Float.MIN_VALUE}, new Shape(3, 1)));
    tensors.put("b.c", manager.create(Math.PI));
    tensors.put("d", manager.create(new long[] {Long.MIN_VALUE, 7}, new Shape(2)));
    return tensors;
  }

  @Test
  void everyTypeComesBackToTheBit() throws IOException {
    Path file = temp.resolve("t.safetensors");
    Map<String, NDArray> tensors = tensors();
    SafeTensors.write(file, tensors, Map.of("format", "pt"));
    Map<String, NDArray> back = SafeTensors.read(file, manager);
    assertThat(back.keySet()).containsExactly("a", "b.c", "d");
    tensors.forEach(
        (name, array) -> {
          assertThat(back.get(name).getShape()).isEqualTo(array.getShape());
          assertThat(back.get(name).getDataType()).isEqualTo(array.getDataType());
          assertThat(back.get(name).toByteArray()).isEqualTo(array.toByteArray());
        });
    assertThat(SafeTensors.sha256(back)).isEqualTo(SafeTensors.sha256(tensors));
  }

  @Test
  void theLayoutIsTheFormats() throws IOException {
    Path file = temp.resolve("t.safetensors");
    SafeTensors.write(file, tensors(), Map.of("format", "pt"));
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) bytes.getLong();
    assertThat(header % 8).isZero();
    assertThat(bytes.capacity()).isEqualTo(8 + header + 12 + 8 + 16);
    byte[] json = new byte[header];
    bytes.get(json);
    assertThat(new String(json, StandardCharsets.UTF_8))
        .startsWith("{\"__metadata__\":{\"format\":\"pt\"}")
        .contains("\"a\":{\"dtype\":\"F32\",\"shape\":[3,1],\"data_offsets\":[0,12]}")
        .contains("\"b.c\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[12,20]}");
    assertThat(bytes.getFloat()).isEqualTo(1.5f);
  }

  @Test
  void aFileThatExistsIsNotOverwritten() throws IOException {
    Path file = Files.writeString(temp.resolve("t.safetensors"), "mine");
    assertThatThrownBy(() -> SafeTensors.write(file, tensors(), Map.of()))
        .isInstanceOf(IOException.class);
    assertThat(Files.readString(file)).isEqualTo("mine");
  }

  @Test
  void aTruncatedFileIsNoticed() throws IOException {
    Path file = temp.resolve("t.safetensors");
    SafeTensors.write(file, tensors(), Map.of());
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {4, 20, whole.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> SafeTensors.read(file, manager)).isInstanceOf(IOException.class);
    }
  }
}
