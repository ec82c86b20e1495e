package io.adamant.tensor;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
 * <p>A serialized program differs from what one writes: functions are called as {@code
 * __torch__.f(x)}, dtypes are numbers, and a module offers methods only. All of that is added here,
 * so that sources are plain TorchScript.
 *
 * @param source TorchScript: any number of functions {@code def f(x: Tensor) -> Tensor:}
 * @param methods the module's methods, as {@code def name(self, ...)} blocks without indentation;
 *     empty for a method a function of the source, of the same name and arguments, whose parameters
 *     that are named like a constant have its value
 * @param constants attributes that methods read as {@code self.name}: {@code Long}, {@code Double},
 *     {@code Boolean} or {@code String} values
 */
public record ScriptArchive(String source, String methods, Map<String, Object> constants) {

  private static final Pattern FUNCTION = Pattern.compile("(?ms)^def (\\w+)\\((.*?)\\) -> (.+?):$");

  /** c10's codes of what kernels use. */
  private static final Map<String, String> CODES =
      Map.of(
          "torch.bfloat16", "15",
          "torch.float64", "7",
          "torch.int64", "4",
          "torch.int32", "3",
          "torch.float32", "6",
          "torch.contiguous_format", "0");

  /**
   * An archive whose methods are the source's functions.
   *
   * @param source TorchScript functions
   * @param constants values of the parameters that have their names
   */
  public ScriptArchive(String source, Map<String, Object> constants) {
    this(source, "", constants);
  }

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
    StringBuilder code = new StringBuilder(serialized(source)).append("\nclass M(Module):\n");
    code.append("  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
    for (Map.Entry<String, Object> constant : constants.entrySet()) {
      code.append("  ").append(constant.getKey()).append(" : ").append(typeName(constant));
      code.append('\n');
    }
    // A serialized class types its receiver; the readable form "def f(self, ..." does not.
    serialized(methods.isEmpty() ? passThrough() : methods)
        .replaceAll("(?m)^( *def \\w+\\(self)\\b", "$1: __torch__.M")
        .lines()
        .forEach(line -> code.append("  ").append(line).append('\n'));
    return code.toString();
  }

  /** Calls of the source's functions by their whole names, dtypes as numbers. */
  private String serialized(String text) {
    String names =
        FUNCTION
            .matcher(source)
            .results()
            .map(function -> function.group(1))
            .collect(Collectors.joining("|"));
    String called =
        names.isEmpty()
            ? text
            : text.replaceAll("(?<![\\w.])(?<!def )(" + names + ")\\(", "__torch__.$1(");
    for (Map.Entry<String, String> code : CODES.entrySet()) {
      called = called.replace(code.getKey(), code.getValue());
    }
    return called;
  }

  /** A method for each function of the source. */
  private String passThrough() {
    StringBuilder text = new StringBuilder();
    FUNCTION
        .matcher(source)
        .results()
        .forEach(
            function -> {
              List<String> given = new ArrayList<>(List.of("self"));
              List<String> passed = new ArrayList<>();
              for (String parameter : function.group(2).split(",(?![^\\[]*\\])", -1)) {
                String name = parameter.strip().replaceFirst(":.*", "");
                boolean constant = constants.containsKey(name);
                passed.add(constant ? "self." + name : name);
                if (!constant) {
                  given.add(parameter.strip());
                }
              }
              text.append(
                  "def %s(%s) -> %s:\n  %s%s(%s)\n"
                      .formatted(
                          function.group(1),
                          String.join(", ", given),
                          function.group(3),
                          function.group(3).equals("None") ? "" : "return ",
                          function.group(1),
                          String.join(", ", passed)));
            });
    return text.toString();
  }

  private static String typeName(Map.Entry<String, Object> constant) {
    Object value = constant.getValue();
    if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof Long) {
      return "int";
    } else if (value instanceof Double) {
      return "float";
    } else if (value instanceof String) {
      return "str";
    }
    throw new IllegalArgumentException(
        "constant "
            + constant.getKey()
            + " must be Long, Double, Boolean or String, found "
            + value);
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
      } else if (value instanceof String text) {
        unicode(pickle, text);
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
