package io.adamant.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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

  private static final ObjectMapper JSON = new ObjectMapper();
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
    MessageDigest digest = sha256();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] header = header(tensors, metadata);
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      put(channel, digest, length.putLong(header.length).flip());
      put(channel, digest, ByteBuffer.wrap(header));
      for (NDArray tensor : tensors.values()) {
        put(channel, digest, tensor.toByteBuffer());
      }
      channel.force(true);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static byte[] header(Map<String, NDArray> tensors, Map<String, String> metadata)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
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
    byte[] json = JSON.writeValueAsBytes(root);
    // Readers map the file: the tensors start at a multiple of eight bytes.
    String padding = " ".repeat((8 - json.length % 8) % 8);
    byte[] padded = new byte[json.length + padding.length()];
    System.arraycopy(json, 0, padded, 0, json.length);
    System.arraycopy(
        padding.getBytes(StandardCharsets.US_ASCII), 0, padded, json.length, padding.length());
    return padded;
  }

  private static void put(FileChannel channel, MessageDigest digest, ByteBuffer bytes)
      throws IOException {
    digest.update(bytes.duplicate());
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
      long headerLength = take(channel, 0, 8, file).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (headerLength <= 0 || headerLength > Math.min(MAX_HEADER, channel.size() - 8)) {
        throw new IOException(file + " is not a safetensors file: header of " + headerLength);
      }
      JsonNode root = JSON.readTree(take(channel, 8, (int) headerLength, file).array());
      for (Map.Entry<String, JsonNode> entry : root.properties()) {
        if (!entry.getKey().equals("__metadata__")) {
          tensors.put(
              entry.getKey(), tensor(channel, 8 + headerLength, entry.getValue(), manager, file));
        }
      }
    }
    return tensors;
  }

  private static NDArray tensor(
      FileChannel channel, long base, JsonNode node, NDManager manager, Path file)
      throws IOException {
    long start = node.get("data_offsets").get(0).asLong();
    long end = node.get("data_offsets").get(1).asLong();
    long[] sizes = new long[node.get("shape").size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = node.get("shape").get(i).asLong();
    }
    DataType type = type(node.get("dtype").asText(), file);
    ByteBuffer bytes = take(channel, base + start, Math.toIntExact(end - start), file);
    bytes.order(ByteOrder.nativeOrder());
    ByteBuffer direct = manager.allocateDirect(bytes.capacity());
    direct.put(bytes).rewind();
    return manager.create(direct, new Shape(sizes), type);
  }

  private static ByteBuffer take(FileChannel channel, long position, int count, Path file)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
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
    MessageDigest digest = sha256();
    tensors.values().forEach(tensor -> digest.update(tensor.toByteBuffer()));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
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
