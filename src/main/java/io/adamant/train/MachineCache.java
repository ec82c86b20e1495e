package io.adamant.train;

import com.fasterxml.jackson.core.type.TypeReference;
import io.adamant.base.DurableFiles;
import io.adamant.base.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Numbers about this machine that took some effort to find, in a small JSON file of the user's
 * cache. A file that is damaged or cannot be written is as good as none.
 */
final class MachineCache {

  private final Path file;

  MachineCache(Path file) {
    this.file = file;
  }

  Optional<Double> get(String key) {
    return Optional.ofNullable(all().get(key));
  }

  void put(String key, double value) {
    Map<String, Double> all = all();
    all.put(key, value);
    try {
      DurableFiles.write(file, Json.pretty(all));
    } catch (UncheckedIOException e) {
      return; // found again next time
    }
  }

  private Map<String, Double> all() {
    try {
      return Json.MAPPER.readValue(file.toFile(), new TypeReference<TreeMap<String, Double>>() {});
    } catch (IOException e) {
      return new TreeMap<>();
    }
  }
}
