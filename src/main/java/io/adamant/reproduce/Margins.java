package io.adamant.reproduce;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * {@code margins.csv}: the hash of each claim's words, rules and margins, noted before its first
 * run. A claim whose file says something else by now gets no verdict.
 */
final class Margins {
  private static final String HEADER = "claim,margin,first_run\n";

  private final Path file;
  private final Map<String, String> noted = new LinkedHashMap<>(); // claim to "margin,first_run"

  private Margins(Path file) {
    this.file = file;
  }

  static Margins read(Path file) {
    Margins margins = new Margins(file);
    try {
      if (Files.exists(file)) {
        for (String line : Files.readAllLines(file).stream().skip(1).toList()) {
          String[] cells = line.split(",", 2);
          if (cells.length == 2) {
            margins.noted.put(cells[0], cells[1]);
          }
        }
      }
      return margins;
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Refuses a claim that was changed after its first run.
   *
   * @throws InputException naming both hashes
   */
  void check(Claim claim) {
    String known = noted.get(claim.name());
    if (known != null && !known.split(",", 2)[0].equals(claim.margin())) {
      throw new InputException(
          "claim %s: its words, rules or margins were changed after its first run (%s has %s, the file %s); restore them, or state another claim under another name"
              .formatted(claim.name(), file, known.replace(',', ' '), claim.margin()));
    }
  }

  /** When a claim's margin was noted. */
  Optional<String> since(Claim claim) {
    return Optional.ofNullable(noted.get(claim.name())).map(known -> known.split(",", 2)[1]);
  }

  /** Notes a claim's margin if it is not yet, before its first run. */
  void note(Claim claim, String time) {
    check(claim);
    if (noted.putIfAbsent(claim.name(), claim.margin() + "," + time) == null) {
      try {
        Files.createDirectories(file.toAbsolutePath().getParent());
      } catch (IOException e) {
        throw new StorageException("write", file, e);
      }
      DurableFiles.write(
          file,
          HEADER
              + noted.entrySet().stream()
                  .map(entry -> entry.getKey() + "," + entry.getValue() + "\n")
                  .collect(Collectors.joining()));
    }
  }
}
