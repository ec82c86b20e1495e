package io.adamant.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  /** The header's key that is no tensor. */
  static final String METADATA = "__metadata__";

  /** Values of a larger tensor that are handed over at once: a buffer holds 2 GiB at most. */
  private static final long PIECE = 1L << 27;

  private SafeTensors() {}

  /**
   * A tensor that is about to be written.
   *
   * @param type of the values in the file: float32, float64, int64 or bfloat16
   * @param shape of it
   * @param values makes it, owned by the given manager or by somebody who outlives it
   */
  public record Source(DataType type, Shape shape, Values values) {

    /** Makes an array. */
    @FunctionalInterface
    public interface Values {
      /**
       * Makes the array.
       *
       * @param scope may own it; closed when it is written
       * @return float32 if it is written as bfloat16, else of the type that is written
       * @throws IOException if what it is made of cannot be read
       */
      NDArray make(NDManager scope) throws IOException;
    }
  }

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
    Map<String, Source> sources = new LinkedHashMap<>();
    tensors.forEach(
        (name, array) ->
            sources.put(name, new Source(array.getDataType(), array.getShape(), scope -> array)));
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      return write(file, sources, metadata, manager);
    }
  }

  /**
   * Writes a new file, forced to the disk, and holds one tensor at a time.
   *
   * @param file must not exist
   * @param tensors in the order of the file
   * @param metadata text that travels in the header
   * @param manager above those that own the tensors
   * @return SHA-256 of the file, in hexadecimal
   * @throws IOException if writing fails
   */
  public static String write(
      Path file, Map<String, Source> tensors, Map<String, String> metadata, NDManager manager)
      throws IOException {
    Sha256 digest = new Sha256();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] header = header(tensors, metadata);
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      put(channel, digest, length.putLong(header.length).flip());
      put(channel, digest, ByteBuffer.wrap(header));
      for (Source source : tensors.values()) {
        try (NDManager scope = manager.newSubManager()) {
          pieces(source.values().make(scope), source.type(), bytes -> put(channel, digest, bytes));
        }
      }
      channel.force(true);
    }
    return digest.hex();
  }

  /** Takes bytes of a tensor. */
  private interface Bytes {
    void take(ByteBuffer bytes) throws IOException;
  }

  /** Hands over a tensor's bytes, converted to a type, in as many buffers as it takes. */
  private static void pieces(NDArray tensor, DataType type, Bytes bytes) throws IOException {
    boolean shortened = type == DataType.BFLOAT16 && tensor.getDataType() == DataType.FLOAT32;
    if (tensor.size() <= PIECE) {
      ByteBuffer whole = tensor.toByteBuffer(true); // without a copy on the heap
      bytes.take(shortened ? shortened(whole) : whole);
      return;
    }
    for (long from = 0; from < tensor.size(); from += PIECE) {
      try (Autograd.Mode off = Autograd.noGrad();
          NDArray flat = tensor.reshape(tensor.size());
          NDArray piece =
              flat.get(new NDIndex("{}:{}", from, Math.min(from + PIECE, tensor.size())))) {
        ByteBuffer part = piece.toByteBuffer(true);
        bytes.take(shortened ? shortened(part) : part);
      }
    }
  }

  /** The upper halves of float32 values, rounded to the nearest, ties to even. */
  private static ByteBuffer shortened(ByteBuffer floats) {
    ByteBuffer from = floats.order(ByteOrder.nativeOrder());
    ByteBuffer to = ByteBuffer.allocate(from.remaining() / 2).order(ByteOrder.LITTLE_ENDIAN);
    while (from.hasRemaining()) {
      int bits = from.getInt();
      boolean nan = (bits & 0x7fffffff) > 0x7f800000;
      int rounded = nan ? bits | 0x400000 : bits + 0x7fff + (bits >>> 16 & 1);
      to.putShort((short) (rounded >>> 16));
    }
    return to.flip();
  }

  private static byte[] header(Map<String, Source> tensors, Map<String, String> metadata)
      throws IOException {
    ObjectNode root = Json.MAPPER.createObjectNode();
    ObjectNode about = root.putObject(METADATA);
    metadata.forEach(about::put);
    long offset = 0;
    for (Map.Entry<String, Source> entry : tensors.entrySet()) {
      Source tensor = entry.getValue();
      long bytes = tensor.shape().size() * tensor.type().getNumOfBytes();
      ObjectNode node = root.putObject(entry.getKey());
      node.put("dtype", typeName(tensor.type()));
      ArrayNode shape = node.putArray("shape");
      for (long size : tensor.shape().getShape()) {
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
   * @throws IOException if the file is unreadable
   * @throws InputException if it is not in the format
   */
  public static Map<String, NDArray> read(Path file, NDManager manager) throws IOException {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    try (SafeTensorsFile open = SafeTensorsFile.open(file)) {
      for (String name : open.shapes().keySet()) {
        tensors.put(name, open.read(name, manager));
      }
    }
    return tensors;
  }

  /**
   * Copies a file's tensors into arrays of the same names and shapes, in pieces, so that the file
   * is never in memory as a whole.
   *
   * @param file in the safetensors format
   * @param live name to array; unchanged if the file does not fit
   * @throws IOException if the file is unreadable
   * @throws InputException if it is not in the format, or names, shapes or types differ
   */
  public static void restore(Path file, Map<String, NDArray> live) throws IOException {
    try (SafeTensorsFile open = SafeTensorsFile.open(file)) {
      Map<String, Shape> shapes = open.shapes();
      if (!live.keySet().equals(shapes.keySet())) {
        throw new InputException(
            file + " does not fit this run: it holds other tensors than the model has");
      }
      live.forEach(
          (name, array) -> {
            DataType type = open.type(name);
            if (!array.getShape().equals(shapes.get(name)) || array.getDataType() != type) {
              throw new InputException(
                  "%s does not fit this run: %s is %s %s, the model has %s %s"
                      .formatted(
                          file,
                          name,
                          type,
                          shapes.get(name),
                          array.getDataType(),
                          array.getShape()));
            }
          });
      for (Map.Entry<String, NDArray> target : live.entrySet()) {
        open.copy(target.getKey(), 0, target.getValue(), false);
      }
    }
  }

  /**
   * SHA-256 over tensors' bytes in the map's order.
   *
   * @param tensors name to array
   * @return hexadecimal
   */
  public static String sha256(Map<String, NDArray> tensors) {
    Sha256 digest = new Sha256();
    try {
      for (NDArray tensor : tensors.values()) {
        pieces(tensor, tensor.getDataType(), digest::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a digest writes no file", e);
    }
    return digest.hex();
  }

  private static String typeName(DataType type) {
    return SafeTensorsFile.TYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == type)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no safetensors type for " + type));
  }
}
