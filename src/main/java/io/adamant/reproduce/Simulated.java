package io.adamant.reproduce;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a simulation gave: kept in {@code simulated/EXPERIMENT.json}, so that the page can be
 * written again without it, and shared by the claims that it tests.
 *
 * @param seconds it took
 * @param numbers by key, for the checks
 * @param figures to be drawn
 */
record Simulated(double seconds, Map<String, Estimate> numbers, List<Figure> figures) {

  Simulated {
    numbers = new LinkedHashMap<>(numbers);
    figures = List.copyOf(figures);
  }

  static Optional<Simulated> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.MAPPER.readValue(file.toFile(), Simulated.class));
    } catch (IOException e) {
      throw new InputException(file + " is not a simulation's record: " + e.getMessage(), e);
    }
  }

  void write(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      DurableFiles.write(file, Json.line(this) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers can be written", e);
    } catch (IOException e) {
      throw new StorageException("write", file, e);
    }
  }

  /** An estimate a check of the claim, in order. */
  Map<ClaimCheck, Estimate> of(Claim claim) {
    Map<ClaimCheck, Estimate> estimates = new LinkedHashMap<>();
    for (ClaimCheck check : claim.checks()) {
      Estimate estimate = numbers.get(check.input("of"));
      if (estimate == null) {
        throw new InputException(
            "claim %s: check '%s' names %s; the simulation gives %s"
                .formatted(claim.name(), check.name(), check.input("of"), numbers.keySet()));
      }
      estimates.put(check, estimate);
    }
    return estimates;
  }
}
