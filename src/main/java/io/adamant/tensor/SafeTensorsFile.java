package io.adamant.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.Float16Utils;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of the safetensors format, open for reading: eight bytes of header length, a JSON header
 * with each tensor's type, shape and offsets, then the tensors' bytes, each of which belongs to
 * exactly one tensor.
 *
 * <p>The header is checked as a whole before any tensor is read. Values are read in pieces of a few
 * MiB, so neither a file nor a tensor has to fit into memory.
 */
public final class SafeTensorsFile implements AutoCloseable {

  /** The longest header that the format allows, in bytes. */
  private static final int MAX_HEADER = 100_000_000;

  /** Values that are read at once. */
  private static final int PIECE = 1 << 22;

  /** Bytes of a value by the format's name of its type. */
  private static final Map<String, Integer> BYTES =
      Map.ofEntries(
          Map.entry("BOOL", 1),
          Map.entry("U8", 1),
          Map.entry("I8", 1),
          Map.entry("F8_E4M3", 1),
          Map.entry("F8_E5M2", 1),
          Map.entry("I16", 2),
          Map.entry("U16", 2),
          Map.entry("F16", 2),
          Map.entry("BF16", 2),
          Map.entry("I32", 4),
          Map.entry("U32", 4),
          Map.entry("F32", 4),
          Map.entry("I64", 8),
          Map.entry("U64", 8),
          Map.entry("F64", 8));

  /** The types that can be read. */
  static final Map<String, DataType> TYPES =
      Map.of(
          "F32", DataType.FLOAT32,
          "F64", DataType.FLOAT64,
          "F16", DataType.FLOAT16,
          "BF16", DataType.BFLOAT16,
          "I64", DataType.INT64);

  private static final ObjectReader STRICT =
      Json.MAPPER.reader().with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private final Path path;
  private final FileChannel channel;
  private final Map<String, Entry> entries;

  /** Where a tensor lies in the file. */
  private record Entry(String name, String type, Shape shape, long start, long end) {}

  private SafeTensorsFile(Path path, FileChannel channel, Map<String, Entry> entries) {
    this.path = path;
    this.channel = channel;
    this.entries = Collections.unmodifiableMap(entries);
  }

  /**
   * Opens a file and checks its header.
   *
   * @param path of the file
   * @return the file, to be closed by the caller
   * @throws IOException if it cannot be read
   * @throws InputException if it is not of the format; the message names the file and the tensor
   */
  public static SafeTensorsFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new SafeTensorsFile(path, channel, entries(channel, path));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Map<String, Entry> entries(FileChannel channel, Path path) throws IOException {
    long size = channel.size();
    if (size < 8) {
      throw bad(path, "it has %s bytes, fewer than a header's length takes".formatted(size));
    }
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    long length = fill(bytes, channel, 0, path).getLong();
    if (length < 2 || length > Math.min(MAX_HEADER, size - 8)) {
      throw bad(
          path,
          "its header is said to have %s bytes, the file has %s"
              .formatted(Long.toUnsignedString(length), size));
    }
    byte[] header = fill(ByteBuffer.allocate((int) length), channel, 8, path).array();
    JsonNode root;
    try {
      root = STRICT.readTree(new String(header, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw bad(path, "its header is not JSON: " + e.getOriginalMessage());
    }
    if (!root.isObject()) {
      throw bad(path, "its header is not a JSON object");
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> node : root.properties()) {
      if (!node.getKey().equals(SafeTensors.METADATA)) {
        entries.put(node.getKey(), entry(node.getKey(), node.getValue(), 8 + length, path));
      }
    }
    requireEveryByteOnce(entries, 8 + length, size, path);
    return entries;
  }

  private static Entry entry(String name, JsonNode node, long base, Path path) {
    String type = node.path("dtype").asText();
    Integer bytes = BYTES.get(type);
    if (bytes == null) {
      throw bad(path, "tensor %s has the unknown dtype '%s'".formatted(name, type));
    }
    List<Long> shape = wholeNumbers(node.path("shape"), name, "shape", path);
    List<Long> offsets = wholeNumbers(node.path("data_offsets"), name, "data_offsets", path);
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw bad(path, "tensor %s has data_offsets %s".formatted(name, offsets));
    }
    long length = offsets.get(1) - offsets.get(0);
    long needed = bytes;
    try {
      for (long dimension : shape) {
        needed = Math.multiplyExact(needed, dimension);
      }
    } catch (ArithmeticException e) {
      needed = -1;
    }
    if (needed != length) {
      throw bad(
          path,
          "tensor %s is %s %s, and its data_offsets %s give it %s bytes"
              .formatted(name, type, shape, offsets, length));
    }
    long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
    return new Entry(name, type, new Shape(sizes), base + offsets.get(0), base + offsets.get(1));
  }

  private static List<Long> wholeNumbers(JsonNode list, String name, String key, Path path) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode number : list) {
      // Below 2^62, so that sums of two do not overflow.
      if (!number.isIntegralNumber()
          || !number.canConvertToLong()
          || number.asLong() < 0
          || number.asLong() >= 1L << 62) {
        throw bad(path, "tensor %s has the %s %s".formatted(name, key, list));
      }
      numbers.add(number.asLong());
    }
    if (!list.isArray()) {
      throw bad(path, "tensor %s has no %s".formatted(name, key));
    }
    return numbers;
  }

  private static void requireEveryByteOnce(
      Map<String, Entry> entries, long base, long size, Path path) {
    List<Entry> inOrder = new ArrayList<>(entries.values());
    inOrder.sort(Comparator.comparingLong(Entry::start).thenComparingLong(Entry::end));
    long end = base;
    String before = "the header";
    for (Entry entry : inOrder) {
      if (entry.end() > size) {
        throw bad(
            path,
            "it has %s bytes, and tensor %s ends at byte %s"
                .formatted(size, entry.name(), entry.end()));
      } else if (entry.start() < end) {
        throw bad(
            path,
            "tensor %s begins %s bytes before the end of %s"
                .formatted(entry.name(), end - entry.start(), before));
      } else if (entry.start() > end) {
        throw bad(
            path,
            "%s bytes between %s and tensor %s belong to no tensor"
                .formatted(entry.start() - end, before, entry.name()));
      }
      end = entry.end();
      before = "tensor " + entry.name();
    }
    if (end < size) {
      throw bad(path, "%s bytes after %s belong to no tensor".formatted(size - end, before));
    }
  }

  private static InputException bad(Path path, String why) {
    return new InputException(path + " is not a safetensors file: " + why);
  }

  /** Fills a buffer from a place in the file and makes it ready to be read. */
  private static ByteBuffer fill(ByteBuffer bytes, FileChannel channel, long position, Path path)
      throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new IOException(path + " ends early");
      }
    }
    return bytes.flip();
  }

  /**
   * The tensors in the file.
   *
   * @return name to shape, in the header's order
   */
  public Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    entries.forEach((name, entry) -> shapes.put(name, entry.shape()));
    return shapes;
  }

  /**
   * The type in which a tensor is read.
   *
   * @param name of the tensor
   * @return its own
   * @throws InputException if it is none of F64, F32, F16, BF16 and I64
   */
  public DataType type(String name) {
    String type = entries.get(name).type();
    DataType known = TYPES.get(type);
    if (known == null) {
      throw new InputException(
          "%s: tensor %s has dtype %s; read are F64, F32, F16, BF16 and I64"
              .formatted(path, name, type));
    }
    return known;
  }

  /**
   * Copies values of a tensor into an array, converted to its type.
   *
   * @param name of the tensor
   * @param first the index of the first value, in the order of the file
   * @param to as many values as it has are read; contiguous, on any device
   * @param finite whether values that are NaN or infinite are refused
   * @throws IOException if the file cannot be read
   * @throws InputException if the type cannot be read, or a value is refused
   */
  public void copy(String name, long first, NDArray to, boolean finite) throws IOException {
    Entry entry = entries.get(name);
    DataType type = type(name);
    int width = type.getNumOfBytes();
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(PIECE, to.size()) * width);
    for (long done = 0; done < to.size(); done += PIECE) {
      long count = Math.min(PIECE, to.size() - done);
      ByteBuffer bytes = buffer.duplicate().limit((int) count * width).slice();
      fill(bytes, channel, entry.start() + (first + done) * width, path);
      try (NDManager scope = to.getManager().newSubManager();
          Autograd.Mode off = Autograd.noGrad()) {
        bytes.order(ByteOrder.nativeOrder());
        // On a CPU the array lives in the buffer.
        NDArray piece =
            width == 2
                ? scope.create(widened(bytes, type), new Shape(count), DataType.FLOAT32)
                : scope.create(bytes, new Shape(count), type);
        NDArray values = piece.toType(to.getDataType(), false);
        values.attach(scope);
        if (finite) {
          NDArray sum = values.mul(0).sum(); // NaN and infinity times 0 are NaN
          sum.attach(scope);
          if (Double.isNaN(sum.toType(DataType.FLOAT64, false).getDouble())) {
            throw new InputException(
                "%s: tensor %s has values that are NaN or infinite".formatted(path, name));
          }
        }
        NDArray flat = to.reshape(to.size());
        flat.attach(scope);
        if (count < to.size()) {
          flat.set(new NDIndex("{}:{}", done, done + count), values);
        } else {
          Autograd.copy(values, flat);
        }
      }
    }
  }

  /** Float16 or bfloat16 values as float32. */
  private static ByteBuffer widened(ByteBuffer from, DataType type) {
    ByteBuffer to = ByteBuffer.allocateDirect(2 * from.remaining()).order(ByteOrder.nativeOrder());
    while (from.hasRemaining()) {
      short bits = from.getShort();
      to.putFloat(
          type == DataType.FLOAT16
              ? Float16Utils.halfToFloat(bits)
              : Float.intBitsToFloat(bits << 16));
    }
    return to.flip();
  }

  /**
   * Reads a tensor in its own type, the types of two bytes as float32.
   *
   * @param name of the tensor
   * @param manager owner of the array
   * @return the array
   * @throws IOException if the file cannot be read
   * @throws InputException if the type cannot be read
   */
  public NDArray read(String name, NDManager manager) throws IOException {
    DataType type = type(name);
    NDArray array =
        manager.create(
            entries.get(name).shape(), type.getNumOfBytes() == 2 ? DataType.FLOAT32 : type);
    copy(name, 0, array, false);
    return array;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
