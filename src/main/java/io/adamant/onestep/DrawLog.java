package io.adamant.onestep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.AppendedFile;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was measured at a point, a line each, forced to the disk: a first line that says what it is
 * of, then {@code {"key": "block 16 0", "values": [..]}}. A last line that was cut off by a kill is
 * taken away and measured again.
 */
public final class DrawLog implements AutoCloseable {

  private static final String OF = "of";
  private static final String BLOCKS = "blocks";
  private static final String KEY = "key";
  private static final String VALUES = "values";

  private final Path file;
  private final Map<String, double[]> found = new LinkedHashMap<>();
  private final AppendedFile lines;
  private int blocks;

  /**
   * Opens a log, or begins it.
   *
   * @param file where
   * @param of what names population and design
   * @throws InputException if it is of something else, or damaged before its last line
   */
  public DrawLog(Path file, String of) {
    this.file = file;
    try {
      DurableFiles.createFolder(file.toAbsolutePath().getParent());
      long whole = Files.exists(file) ? read(Files.readAllBytes(file), of) : 0;
      lines = new AppendedFile(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lines.keep(whole);
      DurableFiles.force(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new StorageException("open", file, e);
    }
  }

  private long read(byte[] bytes, String of) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.lastIndexOf('\n') + 1;
    String[] lines = end == 0 ? new String[0] : text.substring(0, end).split("\n", -1);
    for (int i = 0; i < lines.length - 1; i++) {
      JsonNode line = parsed(lines[i], i + 1);
      if (i == 0) {
        if (!line.path(OF).isTextual() || !line.path(BLOCKS).canConvertToInt()) {
          throw damaged(1);
        }
        if (!line.path(OF).asText().equals(of)) {
          throw new InputException(
              file
                  + ":1: measured with other weights, data or options; expected: the same ones, or"
                  + " another --out");
        }
        blocks = line.path(BLOCKS).asInt();
        continue;
      }
      JsonNode values = line.path(VALUES);
      double[] numbers = new double[values.size()];
      for (int k = 0; k < numbers.length; k++) {
        if (!values.path(k).isNumber()) {
          throw damaged(i + 1);
        }
        numbers[k] = values.path(k).asDouble();
      }
      if (!line.path(KEY).isTextual()
          || numbers.length == 0
          || found.put(line.path(KEY).asText(), numbers) != null) {
        throw damaged(i + 1);
      }
    }
    return text.substring(0, end).getBytes(StandardCharsets.UTF_8).length;
  }

  private JsonNode parsed(String line, int number) {
    try {
      return Json.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw damaged(number);
    }
  }

  private InputException damaged(int line) {
    return new InputException(
        "%s:%s: damaged; expected: a line as this program wrote it; delete the file to measure anew"
            .formatted(file, line));
  }

  /** Chains for each batch size that this log is to have; 0 for one that has not begun. */
  public int blocks() {
    return blocks;
  }

  /**
   * Writes the first line.
   *
   * @param of what names population and design
   * @param count chains for each batch size
   */
  public void begin(String of, int count) {
    blocks = count;
    Map<String, Object> line = new LinkedHashMap<>();
    line.put(OF, of);
    line.put(BLOCKS, count);
    write(line);
  }

  /** What was measured so far, by key. */
  public Map<String, double[]> found() {
    return found;
  }

  void append(String key, double[] values) {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new IllegalStateException(key + " is " + value + "; a finite number was expected");
      }
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put(KEY, key);
    line.put(VALUES, values);
    write(line);
    found.put(key, values);
  }

  private void write(Map<String, Object> line) {
    lines.write(ByteBuffer.wrap((Json.line(line) + "\n").getBytes(StandardCharsets.UTF_8)));
    lines.force();
  }

  @Override
  public void close() {
    lines.close();
  }
}
