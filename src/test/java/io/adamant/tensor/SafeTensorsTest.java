package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
      assertThatThrownBy(() -> SafeTensors.read(file, manager))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(file + " is not a safetensors file");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|8|not a JSON object",
        "{a|8|header is not JSON",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} x|8|header is not JSON",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|8|Duplicate field 'a'",
        "{'a':{'dtype':'F31','shape':[2],'data_offsets':[0,8]}}|8|tensor a has the unknown dtype 'F31'",
        "{'a':{'dtype':'F32','data_offsets':[0,8]}}|8|tensor a has no shape",
        "{'a':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}}|8|tensor a has the shape [2.5]",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|8|tensor a has the shape [-2]",
        "{'a':{'dtype':'F32','shape':[2]}}|8|tensor a has no data_offsets",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|8|tensor a has data_offsets [8, 0]",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}|8|tensor a is F32 [3], and its data_offsets [0, 8] give it 8 bytes",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}|0|tensor a is F32",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|7|tensor a ends at byte",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|9|1 bytes after tensor a belong to no tensor",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}|12|4 bytes between the header and tensor a belong to no tensor",
        "{'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|12|tensor b begins 4 bytes before the end of tensor a",
      })
  void aHeaderThatDoesNotFitTheBytesIsRefused(String header, int bytes, String message)
      throws IOException {
    Path file = raw(header.replace('\'', '"'), new byte[bytes]);
    assertThatThrownBy(() -> SafeTensorsFile.open(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void aHeaderBeyondTheFileIsRefusedWithItsLength() throws IOException {
    Path file = temp.resolve("t.safetensors");
    for (long length : new long[] {1_000_000, -1, 0, Long.MAX_VALUE}) {
      ByteBuffer bytes = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      Files.write(file, bytes.array());
      assertThatThrownBy(() -> SafeTensorsFile.open(file))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining(Long.toUnsignedString(length));
    }
  }

  private Path raw(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json).put(data);
    return Files.write(temp.resolve("raw.safetensors"), bytes.array());
  }

  /** Sign, exponent and mantissa by the formats' definitions; the largest, smallest, and zeros. */
  @Test
  void shorterFloatsAreReadAsTheyAreDefined() throws IOException {
    String header =
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[0,12]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[12,20]}}";
    ByteBuffer data = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    for (int half : new int[] {0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x8000}) {
      data.putShort((short) half);
    }
    for (int brain : new int[] {0x3f80, 0xc0a0, 0x7f7f, 0x0001}) {
      data.putShort((short) brain);
    }
    try (SafeTensorsFile file = SafeTensorsFile.open(raw(header, data.array()))) {
      NDArray h = manager.zeros(new Shape(6));
      file.copy("h", 0, h, true);
      assertThat(h.toFloatArray()).containsExactly(1, -2, 65504, 0x1p-24f, 1023 * 0x1p-24f, -0f);
      NDArray b = manager.zeros(new Shape(3));
      file.copy("b", 1, b, true);
      assertThat(b.toFloatArray()).containsExactly(-5, 0x1.fep127f, Float.intBitsToFloat(1 << 16));
    }
  }

  @Test
  void brainFloatsAreRoundedToTheNearestTiesToEven() throws IOException {
    float[] values = {1, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f, 1 + 0x1.02p-8f, -1 - 0x1.fep-9f, 3.4e38f};
    Path file = temp.resolve("t.safetensors");
    NDArray array = manager.create(values);
    SafeTensors.write(
        file,
        Map.of("a", new SafeTensors.Source(DataType.BFLOAT16, array.getShape(), scope -> array)),
        Map.of(),
        manager);
    assertThat(Files.size(file) % 8).isEqualTo(values.length * 2 % 8);
    try (SafeTensorsFile open = SafeTensorsFile.open(file)) {
      NDArray back = manager.zeros(array.getShape());
      open.copy("a", 0, back, false);
      assertThat(back.toFloatArray())
          .containsExactly(
              1, 1, 1 + 0x1p-6f, 1 + 0x1p-7f, -1, Float.POSITIVE_INFINITY); // 3.4e38 is above all
    }
  }

  @Test
  void valuesThatAreNotFiniteAreRefusedWhereTheyMayNotBe() throws IOException {
    Path file = temp.resolve("t.safetensors");
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      NDArray array = manager.create(new float[] {1, value, 3});
      Files.deleteIfExists(file);
      SafeTensors.write(file, Map.of("w", array), Map.of());
      try (SafeTensorsFile open = SafeTensorsFile.open(file)) {
        NDArray to = manager.zeros(array.getShape());
        open.copy("w", 0, to, false);
        assertThat(to.toFloatArray()).containsExactly(1, value, 3);
        assertThatThrownBy(() -> open.copy("w", 0, to, true))
            .isInstanceOf(InputException.class)
            .hasMessageContaining(file + ": tensor w has values that are NaN or infinite");
      }
    }
  }

  @Test
  void aTypeThatCannotBeReadIsRefusedOnlyWhenItIsRead() throws IOException {
    String header = "{\"mask\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}";
    try (SafeTensorsFile file = SafeTensorsFile.open(raw(header, new byte[2]))) {
      assertThat(file.shapes()).containsOnlyKeys("mask");
      assertThatThrownBy(() -> file.read("mask", manager))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("tensor mask has dtype BOOL");
    }
  }

  /** The file is sparse: it takes no room. */
  @Test
  void aTensorOfMoreThanTwoGigabytesIsReadInParts() throws IOException {
    long values = 1L << 30;
    String header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1024,1048576],\"data_offsets\":[0,%s]}}"
            .formatted(4 * values);
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    Path path = temp.resolve("large.safetensors");
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      ByteBuffer start = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
      channel.write(start.putLong(json.length).put(json).flip());
      ByteBuffer last = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(7);
      channel.write(last.flip(), 8 + json.length + 4 * (values - 1));
    }
    try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
      NDArray end = manager.ones(new Shape(2, 2));
      file.copy("a", values - 4, end, true);
      assertThat(end.toFloatArray()).containsExactly(0, 0, 0, 7);
    }
  }

  /** Several pieces into one array. */
  @Test
  void aTensorOfSeveralPiecesComesBackToTheBit() throws IOException {
    NDArray array = manager.arange(9_000_000).toType(DataType.FLOAT32, false).reshape(3000, 3000);
    Path file = temp.resolve("t.safetensors");
    SafeTensors.write(file, Map.of("a", array), Map.of());
    NDArray back = manager.zeros(array.getShape());
    SafeTensors.restore(file, Map.of("a", back));
    assertThat(back.contentEquals(array)).isTrue();
  }
}
