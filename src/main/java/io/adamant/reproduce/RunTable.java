package io.adamant.reproduce;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import io.adamant.results.Metrics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code runs.csv}: every run that any claim has had, a line each. A run listed here is done, its
 * folder need not exist. Lines are only ever added, each in one write under a lock, so that several
 * processes may share the file; a line torn by a crash is ignored, and cut off by the next one. A
 * file that an older version began keeps its columns.
 */
final class RunTable {
  private static final String HEADER = String.join(",", RunRow.COLUMNS);

  private final Path file;
  private final Map<String, RunRow> rows = new LinkedHashMap<>(); // by config

  private RunTable(Path file) {
    this.file = file;
  }

  static RunTable read(Path file) {
    RunTable table = new RunTable(file);
    table.reload();
    return table;
  }

  private void reload() {
    try {
      if (Files.exists(file)) {
        parse(Files.readString(file));
      }
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private void parse(String text) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty()) {
      return;
    }
    boolean torn = lines.size() > 1 && !text.endsWith("\n");
    rows(
            file,
            torn ? lines.subList(0, lines.size() - 1) : lines,
            List.of("config", "status", Metrics.VAL_LOSS),
            "not a table of runs; expected: a first line with " + HEADER)
        .forEach(row -> rows.putIfAbsent(row.get("config"), new RunRow(row)));
  }

  /** Lines of a CSV file without quotes as cells by column. */
  static List<Map<String, String>> rows(
      Path file, List<String> lines, List<String> needed, String complaint) {
    List<String> columns = lines.isEmpty() ? List.of() : List.of(lines.get(0).split(",", -1));
    if (!columns.containsAll(needed)) {
      throw new InputException(file + ":1: " + complaint);
    }
    List<Map<String, String>> rows = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      List<String> cells = List.of(lines.get(i).split(",", -1));
      if (cells.size() != columns.size()) {
        throw new InputException(
            "%s:%s: %s cells; expected: %s".formatted(file, i + 1, cells.size(), columns.size()));
      }
      Map<String, String> row = new LinkedHashMap<>();
      for (int c = 0; c < columns.size(); c++) {
        row.put(columns.get(c), cells.get(c));
      }
      rows.add(row);
    }
    return rows;
  }

  synchronized Optional<RunRow> find(String config) {
    return Optional.ofNullable(rows.get(config));
  }

  synchronized Collection<RunRow> rows() {
    return new ArrayList<>(rows.values());
  }

  /**
   * Adds a run, unless it is listed already, here or by another process meanwhile.
   *
   * @return whether a line was written
   */
  synchronized boolean append(RunRow row) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        reload();
        if (!lock.isValid() || rows.containsKey(row.text("config"))) {
          return false;
        }
        long end = wholeLines(channel);
        channel.truncate(end);
        channel.position(end);
        String text =
            end == 0 ? HEADER + "\n" + row.line(RunRow.COLUMNS) + "\n" : row.line(columns()) + "\n";
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
        rows.put(row.text("config"), row);
        return true;
      }
    } catch (IOException e) {
      throw new StorageException("write", file, e);
    }
  }

  private List<String> columns() throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return List.of(lines.findFirst().orElseThrow().split(",", -1));
    }
  }

  /** Bytes up to the end of the last whole line. */
  private static long wholeLines(FileChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long end = channel.size(); end > 0; end--) {
      one.clear();
      channel.read(one, end - 1);
      if (one.get(0) == '\n') {
        return end;
      }
    }
    return 0;
  }
}
