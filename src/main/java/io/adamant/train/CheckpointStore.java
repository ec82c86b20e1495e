package io.adamant.train;

import ai.djl.ndarray.NDArray;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Checkpoints of a run: a folder {@code step-NNNNNNNN} each, see {@link Checkpoint}. A folder gets
 * its name only when it is complete and on the disk, and loses it before anything in it is deleted,
 * so a kill at any moment leaves the ones before it whole.
 */
public final class CheckpointStore {

  private static final String COMPLETE = "step-";
  private static final String WRITING = ".writing-";
  private static final String DELETING = ".deleting-";
  private static final String DAMAGED = "damaged-";

  private static final Pattern NUMBER = Pattern.compile(COMPLETE + "\\d{8,18}");

  private final Path root;

  /**
   * A store in a folder, which need not exist.
   *
   * @param root such as {@code runs/ID/checkpoint}
   */
  public CheckpointStore(Path root) {
    this.root = root;
  }

  /**
   * Writes a checkpoint. One of the same step that is there already stays: a run has one state
   * after a step.
   *
   * @param state the state of training to save
   * @param weights name to array
   * @param optimizer name to array
   * @param readout name to array; empty if there is none
   */
  public void save(
      TrainState state,
      Map<String, NDArray> weights,
      Map<String, NDArray> optimizer,
      Map<String, NDArray> readout) {
    Path target = root.resolve(name(state.step()));
    Path temporary = root.resolve(WRITING + name(state.step()));
    try {
      if (Files.exists(target)) {
        return;
      }
      DurableFiles.createFolder(root);
      DurableFiles.deleteFolder(temporary);
      Files.createDirectory(temporary);
      Checkpoint.write(temporary, state, weights, optimizer, readout);
      DurableFiles.publish(temporary, target);
    } catch (IOException e) {
      discard(temporary); // on a full disk the room is wanted
      throw new StorageException("write the checkpoint", target, e);
    }
  }

  private static void discard(Path temporary) {
    try {
      DurableFiles.deleteFolder(temporary);
    } catch (IOException e) {
      return; // the next start tries again
    }
  }

  /**
   * Deletes all but some checkpoints.
   *
   * @param last how many of the newest to keep
   * @param bestStep another step to keep; below 0 for none
   */
  public void prune(int last, long bestStep) {
    delete(others(last, root.resolve(name(bestStep))));
  }

  private List<Path> others(int last, Path best) {
    return newestFirst().stream()
        .skip(Math.max(1, last))
        .filter(folder -> !folder.equals(best))
        .toList();
  }

  /**
   * What nobody needs of a run that has ended: all but the newest checkpoint and the best one.
   *
   * @return folders, newest first
   */
  public List<Path> superseded() {
    List<Path> all = newestFirst();
    return all.isEmpty() ? all : others(1, best(all.get(0)).orElse(root));
  }

  /**
   * Deletes checkpoints, each in one step.
   *
   * @param folders of this store
   */
  public void delete(List<Path> folders) {
    try {
      for (Path folder : folders) {
        Path doomed = root.resolve(DELETING + folder.getFileName());
        DurableFiles.deleteFolder(doomed);
        DurableFiles.rename(folder, doomed);
        DurableFiles.deleteFolder(doomed);
      }
    } catch (IOException e) {
      throw new StorageException("delete old checkpoints in", root, e);
    }
  }

  /**
   * Looks for the newest checkpoint whose checksums hold, and tidies up: damaged ones get another
   * name, what a killed process left half written or half deleted goes.
   *
   * @param message takes a line about each damaged one
   * @return the checkpoint, if there is one
   * @throws InputException if one cannot be read for want of permission, say: nothing is known of
   *     it then
   */
  public Optional<Checkpoint> newest(Consumer<String> message) {
    try {
      deleteLeftOvers();
      List<Path> folders = newestFirst();
      for (Path folder : folders) {
        try {
          return Optional.of(Checkpoint.open(folder));
        } catch (Checkpoint.DamagedException e) {
          setAside(folder, e, message);
        }
      }
      if (!folders.isEmpty()) {
        message.accept(
            "no intact checkpoint is left in "
                + root
                + "; training starts over: the result is the same, only time is lost");
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new InputException("the checkpoints in " + root + " cannot be read: " + e, e);
    }
  }

  private void setAside(Path folder, Checkpoint.DamagedException e, Consumer<String> message)
      throws IOException {
    Path aside = root.resolve(DAMAGED + folder.getFileName());
    DurableFiles.deleteFolder(aside);
    DurableFiles.publish(folder, aside);
    message.accept(
        "checkpoint %s is damaged (%s) and was renamed %s; trying the previous one"
            .formatted(folder, e.getMessage(), aside.getFileName()));
  }

  private void deleteLeftOvers() throws IOException {
    for (Path folder : entries(WRITING)) {
      DurableFiles.deleteFolder(folder);
    }
    for (Path folder : entries(DELETING)) {
      DurableFiles.deleteFolder(folder);
    }
  }

  /**
   * Folders of complete checkpoints.
   *
   * @return newest first
   */
  public List<Path> newestFirst() {
    try {
      return entries(COMPLETE).stream()
          .filter(folder -> NUMBER.matcher(folder.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(CheckpointStore::step).reversed())
          .toList();
    } catch (IOException e) {
      throw new StorageException("list", root, e);
    }
  }

  /**
   * The checkpoint that a later one knows to be the best of its run.
   *
   * @param checkpoint a whole one
   * @return its folder, which may be gone; empty if none was evaluated
   */
  static Optional<Path> best(Path checkpoint) {
    try {
      long step = Checkpoint.state(checkpoint).validation().bestCheckpoint();
      return step < 0 ? Optional.empty() : Optional.of(checkpoint.resolveSibling(name(step)));
    } catch (IOException e) {
      throw new InputException(checkpoint + " cannot be read: " + e.getMessage(), e);
    }
  }

  private List<Path> entries(String prefix) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries.filter(p -> p.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private static long step(Path folder) {
    return Long.parseLong(folder.getFileName().toString().substring(COMPLETE.length()));
  }

  private static String name(long step) {
    return COMPLETE + String.format(Locale.ROOT, "%08d", step);
  }
}
