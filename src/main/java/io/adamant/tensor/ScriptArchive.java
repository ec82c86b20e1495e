package io.adamant.tensor;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript archive written by Java: readable source and typed constants in, the bytes that
 * {@code torch::jit::load} reads out.
 *
 * <p>libtorch offers far more operators, with their gradients, than DJL's {@code NDArray}; all of
 * them can be called from TorchScript. No Python is needed to make the archive: it is a ZIP of
 * stored (uncompressed) entries that hold one pickled module, an empty constants tuple, a version
 * number and the source.
 *
 * @param source TorchScript: any number of functions {@code def f(x: Tensor) -> Tensor:}, called as
 *     {@code __torch__.f(x)}
 * @param methods the module's methods, as {@code def name(self, ...)} blocks without indentation
 * @param constants attributes that methods read as {@code self.name}: {@code Long}, {@code Double}
 *     or {@code Boolean} values
 */
public record ScriptArchive(String source, String methods, Map<String, Object> constants) {

  /** Copies the constants in their order. */
  public ScriptArchive {
    constants = new LinkedHashMap<>(constants);
    for (Map.Entry<String, Object> constant : constants.entrySet()) {
      typeName(constant); // refuses what cannot be written, before anything is
    }
  }

  /**
   * The archive.
   *
   * @return bytes for {@code torch::jit::load}
   */
  public byte[] bytes() {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (ZipOutputStream zip = new ZipOutputStream(out)) {
        store(zip, "data.pkl", pickledModule());
        store(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
        store(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
        store(zip, "code/__torch__.py", code().getBytes(StandardCharsets.UTF_8));
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing a TorchScript archive in memory failed", e);
    }
  }

  /**
   * The whole program, as libtorch compiles it; line numbers in its error messages refer to this.
   *
   * @return TorchScript source
   */
  public String code() {
    StringBuilder code = new StringBuilder(source).append("\nclass M(Module):\n");
    code.append("  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
    for (Map.Entry<String, Object> constant : constants.entrySet()) {
      code.append("  ").append(constant.getKey()).append(" : ").append(typeName(constant));
      code.append('\n');
    }
    // A serialized class types its receiver; the readable form "def f(self, ..." does not.
    methods
        .replaceAll("(?m)^( *def \\w+\\(self)\\b", "$1: __torch__.M")
        .lines()
        .forEach(line -> code.append("  ").append(line).append('\n'));
    return code.toString();
  }

  private static String typeName(Map.Entry<String, Object> constant) {
    Object value = constant.getValue();
    if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof Long) {
      return "int";
    } else if (value instanceof Double) {
      return "float";
    }
    throw new IllegalArgumentException(
        "constant " + constant.getKey() + " must be Long, Double or Boolean, found " + value);
  }

  /** Pickle, protocol 2: an instance of __torch__.M whose state is a dictionary. */
  private byte[] pickledModule() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream pickle = new DataOutputStream(bytes);
    pickle.write(new byte[] {(byte) 0x80, 2});
    pickle.writeBytes("c__torch__\nM\n)\u0081}(");
    unicode(pickle, "training");
    pickle.write(0x88);
    for (Map.Entry<String, Object> constant : constants.entrySet()) {
      unicode(pickle, constant.getKey());
      Object value = constant.getValue();
      if (value instanceof Boolean flag) {
        pickle.write(flag ? 0x88 : 0x89);
      } else if (value instanceof Double real) {
        pickle.write('G');
        pickle.writeDouble(real); // BINFLOAT is big-endian
      } else {
        pickle.write('J');
        pickle.writeInt(Integer.reverseBytes(Math.toIntExact((Long) value))); // little-endian
      }
    }
    pickle.writeBytes("ub.");
    return bytes.toByteArray();
  }

  private static void unicode(DataOutputStream pickle, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    pickle.write('X');
    pickle.writeInt(Integer.reverseBytes(utf8.length));
    pickle.write(utf8);
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry("adamant/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
