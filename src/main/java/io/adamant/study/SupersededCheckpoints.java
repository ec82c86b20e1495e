package io.adamant.study;

import io.adamant.base.StorageException;
import io.adamant.results.RunDirectory;
import io.adamant.train.CheckpointStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checkpoints that the runs of a study no longer need, since these have a result: all but the
 * newest and the one with the lowest validation loss.
 *
 * @param runs how many runs have any
 * @param folders the checkpoints
 * @param bytes on disk
 */
public record SupersededCheckpoints(int runs, List<Path> folders, long bytes) {

  /** Takes a copy. */
  public SupersededCheckpoints {
    folders = List.copyOf(folders);
  }

  /**
   * Looks for them.
   *
   * @param items runs of the study
   * @param directory of the study
   */
  public static SupersededCheckpoints of(List<StudyPlan.Item> items, StudyDirectory directory) {
    List<Path> folders = new ArrayList<>();
    int runs = 0;
    for (StudyPlan.Item item : items) {
      if (directory.hasResult(item.id())) {
        List<Path> own =
            new CheckpointStore(directory.run(item.id()).resolve(RunDirectory.CHECKPOINT))
                .superseded();
        folders.addAll(own);
        runs += own.isEmpty() ? 0 : 1;
      }
    }
    return new SupersededCheckpoints(
        runs, folders, folders.stream().mapToLong(SupersededCheckpoints::size).sum());
  }

  private static long size(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new StorageException("list", folder, e);
    }
  }

  /** Deletes them, each in one step. */
  public void delete() {
    folders.forEach(folder -> new CheckpointStore(folder.getParent()).delete(List.of(folder)));
  }
}
