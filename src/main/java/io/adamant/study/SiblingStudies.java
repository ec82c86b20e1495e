package io.adamant.study;

import io.adamant.base.DurableFiles;
import io.adamant.base.Json;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunSummary;
import io.adamant.results.StudyBundle;
import io.adamant.results.StudyRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The other studies under the same results root. A run has one identity wherever it is asked for,
 * so what one of them has trained is copied, and what one of them is training is waited for.
 */
final class SiblingStudies {

  /** Says of a run that was not trained here where it was. */
  static final String ORIGIN = "origin.json";

  private final Path study;

  SiblingStudies(Path study) {
    this.study = study.toAbsolutePath().normalize();
  }

  /** The folder of a run's result in another study. */
  Optional<Path> result(String id) {
    return studies().stream()
        .map(sibling -> sibling.resolve("runs").resolve(id))
        .filter(Attempts::isComplete)
        .findFirst();
  }

  /**
   * The claim of another study's process on a run, if it lives. We claimed it before we looked, as
   * every study does, so of two that claim it at once at least one sees the other; both may, and
   * try again after pauses of different length.
   */
  Optional<ClaimFiles> claim(String id, LeaseWatch watch) {
    return studies().stream()
        .map(sibling -> new ClaimFiles(sibling.resolve("work").resolve(id)))
        .filter(
            files ->
                files
                    .look()
                    .filter(state -> state.held() && !RunClaim.isGone(files, watch, state))
                    .isPresent())
        .findFirst();
  }

  /**
   * Copies a run's result, by hard links where the system has them, and notes where it came from.
   *
   * @return false if it cannot be read
   */
  boolean copy(Path result, Path attempt) {
    try {
      Folders.link(result, attempt);
      Map<String, Object> origin = new LinkedHashMap<>();
      origin.put("study", result.getParent().getParent().getFileName().toString());
      origin.put("folder", result.toString());
      origin.put("copied", Instant.now().toString());
      origin.put(
          RunSummary.WEIGHTS_SHA256,
          RunDirectory.summary(result).map(RunSummary::weightsSha256).orElse("unknown"));
      DurableFiles.write(attempt.resolve(ORIGIN), Json.pretty(origin));
      return true;
    } catch (IOException | UncheckedIOException e) {
      Folders.delete(attempt);
      return false;
    }
  }

  private List<Path> studies() {
    try (Stream<Path> folders = Files.list(study.getParent())) {
      return folders
          .filter(folder -> !folder.equals(study) && StudyRecord.isStudy(folder))
          .filter(folder -> !StudyBundle.isBundle(folder)) // its runs have no weights
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }
}
