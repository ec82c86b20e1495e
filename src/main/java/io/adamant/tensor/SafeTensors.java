package io.adamant.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Named tensors in a file of the safetensors format: eight bytes of header length, a JSON header
 * with each tensor's type, shape and offsets, then the bytes.
 *
 * <p>DJL's own encoder holds the whole file in memory and writes no metadata; this one streams a
 * tensor at a time, so a file may be larger than 2 GiB.
 */
public final class SafeTensors {

  private static final int MAX_HEADER = 100_000_000;

  private SafeTensors() {}

  /**
   * Writes a new file, forced to the disk.
   *
   * @param file must not exist
   * @param tensors name to array: float32, float64 or int64
   * @param metadata text that travels in the header
   * @return SHA-256 of the file, in hexadecimal
   * @throws IOException if writing fails
   */
  public static String write(Path file, Map<String, NDArray> tensors, Map<String, String> metadata)
      throws IOException {
    Sha256 digest = new Sha256();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] header = header(tensors, metadata);
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      put(channel, digest, length.putLong(header.length).flip());
      put(channel, digest, ByteBuffer.wrap(header));
      for (NDArray tensor : tensors.values()) {
        put(channel, digest, tensor.toByteBuffer(true)); // without a copy on the heap
      }
      channel.force(true);
    }
    return digest.hex();
  }

  private static byte[] header(Map<String, NDArray> tensors, Map<String, String> metadata)
      throws IOException {
    ObjectNode root = Json.MAPPER.createObjectNode();
    ObjectNode about = root.putObject("__metadata__");
    metadata.forEach(about::put);
    long offset = 0;
    for (Map.Entry<String, NDArray> entry : tensors.entrySet()) {
      NDArray tensor = entry.getValue();
      long bytes = tensor.size() * tensor.getDataType().getNumOfBytes();
      ObjectNode node = root.putObject(entry.getKey());
      node.put("dtype", typeName(tensor.getDataType()));
      ArrayNode shape = node.putArray("shape");
      for (long size : tensor.getShape().getShape()) {
        shape.add(size);
      }
      node.putArray("data_offsets").add(offset).add(offset + bytes);
      offset += bytes;
    }
    byte[] json = Json.MAPPER.writeValueAsBytes(root);
    // Readers map the file: the tensors start at a multiple of eight bytes.
    String padding = " ".repeat((8 - json.length % 8) % 8);
    byte[] padded = new byte[json.length + padding.length()];
    System.arraycopy(json, 0, padded, 0, json.length);
    System.arraycopy(
        padding.getBytes(StandardCharsets.US_ASCII), 0, padded, json.length, padding.length());
    return padded;
  }

  private static void put(FileChannel channel, Sha256 digest, ByteBuffer bytes) throws IOException {
    digest.add(bytes.duplicate());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Reads all tensors of a file.
   *
   * @param file in the safetensors format
   * @param manager owner of the arrays
   * @return name to array, in the file's order
   * @throws IOException if the file is unreadable or not in the format
   */
  public static Map<String, NDArray> read(Path file, NDManager manager) throws IOException {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (Entry entry : entries(channel, file).values()) {
        ByteBuffer bytes = manager.allocateDirect(entry.bytes());
        tensors.put(entry.name(), entry.read(channel, bytes, manager, file));
      }
    }
    return tensors;
  }

  /**
   * Copies a file's tensors into arrays of the same names and shapes, one at a time, so that the
   * file is never in memory as a whole.
   *
   * @param file in the safetensors format
   * @param live name to array; unchanged if the file does not fit
   * @throws IOException if the file is unreadable or not in the format
   * @throws InputException if names, shapes or types differ
   */
  public static void restore(Path file, Map<String, NDArray> live) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Map<String, Entry> entries = entries(channel, file);
      if (!live.keySet().equals(entries.keySet())) {
        throw new InputException(
            file + " does not fit this run: it holds other tensors than the model has");
      }
      live.forEach((name, array) -> entries.get(name).check(array, file));
      int largest = entries.values().stream().mapToInt(Entry::bytes).max().orElse(0);
      ByteBuffer buffer = ByteBuffer.allocateDirect(largest);
      for (Map.Entry<String, NDArray> target : live.entrySet()) {
        Entry entry = entries.get(target.getKey());
        try (NDManager scope = target.getValue().getManager().newSubManager()) {
          ByteBuffer bytes = buffer.duplicate().limit(entry.bytes()).slice();
          Autograd.copy(entry.read(channel, bytes, scope, file), target.getValue());
        }
      }
    }
  }

  /** Where a tensor lies in a file. */
  private record Entry(String name, DataType type, Shape shape, long start, int bytes) {

    void check(NDArray array, Path file) {
      if (!array.getShape().equals(shape) || array.getDataType() != type) {
        throw new InputException(
            "%s does not fit this run: %s is %s %s, the model has %s %s"
                .formatted(file, name, type, shape, array.getDataType(), array.getShape()));
      }
    }

    /** Fills a direct buffer; on a CPU the array lives in it. */
    NDArray read(FileChannel channel, ByteBuffer bytes, NDManager manager, Path file)
        throws IOException {
      fill(bytes, channel, start, file);
      return manager.create(bytes.order(ByteOrder.nativeOrder()), shape, type);
    }
  }

  private static Map<String, Entry> entries(FileChannel channel, Path file) throws IOException {
    long length =
        fill(ByteBuffer.allocate(8), channel, 0, file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length <= 0 || length > Math.min(MAX_HEADER, channel.size() - 8)) {
      throw new IOException(file + " is not a safetensors file: header of " + length);
    }
    JsonNode root =
        Json.MAPPER.readTree(fill(ByteBuffer.allocate((int) length), channel, 8, file).array());
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> node : root.properties()) {
      if (!node.getKey().equals("__metadata__")) {
        entries.put(node.getKey(), entry(node.getKey(), node.getValue(), 8 + length, file));
      }
    }
    return entries;
  }

  private static Entry entry(String name, JsonNode node, long base, Path file) throws IOException {
    long start = node.get("data_offsets").get(0).asLong();
    long end = node.get("data_offsets").get(1).asLong();
    long[] sizes = new long[node.get("shape").size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = node.get("shape").get(i).asLong();
    }
    DataType type = type(node.get("dtype").asText(), file);
    return new Entry(name, type, new Shape(sizes), base + start, Math.toIntExact(end - start));
  }

  /** Fills a buffer from a place in the file and makes it ready to be read. */
  private static ByteBuffer fill(ByteBuffer bytes, FileChannel channel, long position, Path file)
      throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new IOException(file + " ends early");
      }
    }
    return bytes.flip();
  }

  /**
   * SHA-256 over tensors' bytes in the map's order.
   *
   * @param tensors name to array
   * @return hexadecimal
   */
  public static String sha256(Map<String, NDArray> tensors) {
    Sha256 digest = new Sha256();
    tensors.values().forEach(tensor -> digest.add(tensor.toByteBuffer(true)));
    return digest.hex();
  }

  private static String typeName(DataType type) {
    return switch (type) {
      case FLOAT32 -> "F32";
      case FLOAT64 -> "F64";
      case INT64 -> "I64";
      default -> throw new IllegalArgumentException("no safetensors type for " + type);
    };
  }

  private static DataType type(String name, Path file) throws IOException {
    return switch (name) {
      case "F32" -> DataType.FLOAT32;
      case "F64" -> DataType.FLOAT64;
      case "I64" -> DataType.INT64;
      default ->
          throw new IOException(
              file + " holds a tensor of type " + name + "; F32, F64, I64 are read");
    };
  }
}
