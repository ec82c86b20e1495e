package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.tensor.SafeTensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Checkpoints of a run: a folder {@code step-NNNNNNNN} each, with weights and optimizer state as
 * safetensors and a small file that holds their checksums. A folder gets its name only when it is
 * complete and on the disk, so a kill at any moment leaves the ones before it.
 */
public final class CheckpointStore {

  private static final String WEIGHTS = "weights.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String ABOUT = "checkpoint.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path root;

  /**
   * Where training stood.
   *
   * @param step steps done
   * @param runId of the run that wrote it
   * @param kernelPath which arithmetic it used
   * @param metricsLength bytes of {@code metrics.jsonl} that belong to it
   * @param seconds of training so far
   * @param bestValLoss lowest so far; null before the first evaluation
   * @param initValLoss before the first step
   * @param skippedSteps so far
   * @param firstBadStep first skipped one; null if none
   * @param hooks what each hook remembers, by its name
   * @param sha256 of each file
   */
  public record Position(
      @JsonProperty("step") long step,
      @JsonProperty("run_id") String runId,
      @JsonProperty("kernel_path") String kernelPath,
      @JsonProperty("metrics_length") long metricsLength,
      @JsonProperty("seconds") double seconds,
      @JsonProperty("best_val_loss") Double bestValLoss,
      @JsonProperty("init_val_loss") Double initValLoss,
      @JsonProperty("skipped_steps") long skippedSteps,
      @JsonProperty("first_bad_step") Long firstBadStep,
      @JsonProperty("hooks") Map<String, Map<String, Object>> hooks,
      @JsonProperty("sha256") Map<String, String> sha256) {

    /** Checkpoints of old know no hooks. */
    public Position {
      hooks = hooks == null ? Map.of() : Map.copyOf(hooks);
    }

    Position withSha256(Map<String, String> sums) {
      return new Position(
          step,
          runId,
          kernelPath,
          metricsLength,
          seconds,
          bestValLoss,
          initValLoss,
          skippedSteps,
          firstBadStep,
          hooks,
          sums);
    }
  }

  /**
   * A checkpoint read back.
   *
   * @param position where training stood
   * @param weights name to array
   * @param optimizer name to array
   */
  public record Loaded(
      Position position, Map<String, NDArray> weights, Map<String, NDArray> optimizer) {}

  /**
   * A store in a folder, which need not exist.
   *
   * @param root such as {@code runs/ID/checkpoint}
   */
  public CheckpointStore(Path root) {
    this.root = root;
  }

  /**
   * Writes a checkpoint.
   *
   * @param position where training stands; its checksums are filled in here
   * @param weights name to array
   * @param optimizer name to array
   */
  public void save(
      Position position, Map<String, NDArray> weights, Map<String, NDArray> optimizer) {
    Path target = root.resolve(name(position.step()));
    Path temporary = root.resolve(".writing-" + name(position.step()));
    try {
      Files.createDirectories(root);
      delete(temporary);
      Files.createDirectory(temporary);
      Map<String, String> sums = new TreeMap<>();
      Map<String, String> about = Map.of("format", "pt", "step", Long.toString(position.step()));
      sums.put(WEIGHTS, SafeTensors.write(temporary.resolve(WEIGHTS), weights, about));
      sums.put(OPTIMIZER, SafeTensors.write(temporary.resolve(OPTIMIZER), optimizer, about));
      RunDirectory.writeJson(temporary.resolve(ABOUT), position.withSha256(sums));
      force(temporary);
      delete(target); // a damaged one of the same step
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      force(root);
    } catch (IOException e) {
      throw new UncheckedIOException("writing the checkpoint " + target + " failed", e);
    }
  }

  /**
   * Deletes all but some checkpoints.
   *
   * @param last how many of the newest to keep
   * @param bestStep step to keep besides; below 0 for none
   */
  public void prune(int last, long bestStep) {
    List<Path> all = newestFirst();
    Set<Path> keep = new HashSet<>(all.subList(0, Math.min(Math.max(1, last), all.size())));
    keep.add(root.resolve(name(bestStep)));
    try {
      for (Path folder : all) {
        if (!keep.contains(folder)) {
          delete(folder);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("deleting old checkpoints in " + root + " failed", e);
    }
  }

  /**
   * The newest checkpoint whose checksums hold; damaged ones are named and passed over.
   *
   * @param manager owner of the arrays
   * @param message takes a line about each damaged one
   * @return it, if there is one
   */
  public Optional<Loaded> newest(NDManager manager, Consumer<String> message) {
    for (Path folder : newestFirst()) {
      try {
        return Optional.of(read(folder, manager));
      } catch (IOException e) {
        message.accept(
            "checkpoint " + folder + " is damaged (" + e.getMessage() + "); trying the one before");
      }
    }
    return Optional.empty();
  }

  /**
   * Reads one checkpoint folder.
   *
   * @param folder such as {@code checkpoint/step-00000100}
   * @param manager owner of the arrays
   * @return its content
   * @throws IOException if a file is missing, damaged or of another format
   */
  public static Loaded read(Path folder, NDManager manager) throws IOException {
    Position position = JSON.readValue(folder.resolve(ABOUT).toFile(), Position.class);
    for (String name : List.of(WEIGHTS, OPTIMIZER)) {
      if (!sha256(folder.resolve(name)).equals(position.sha256().get(name))) {
        throw new IOException("the checksum of " + name + " does not hold");
      }
    }
    return new Loaded(
        position,
        SafeTensors.read(folder.resolve(WEIGHTS), manager),
        SafeTensors.read(folder.resolve(OPTIMIZER), manager));
  }

  /**
   * Whether a folder looks like a checkpoint.
   *
   * @param folder any path
   * @return true if it holds the file that describes one
   */
  public static boolean isCheckpoint(Path folder) {
    return Files.isRegularFile(folder.resolve(ABOUT));
  }

  /**
   * Folders of complete checkpoints.
   *
   * @return newest first
   */
  public List<Path> newestFirst() {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(root)) {
      List<Path> folders = new ArrayList<>();
      entries.filter(p -> p.getFileName().toString().startsWith("step-")).forEach(folders::add);
      folders.sort(Comparator.comparing(Path::getFileName).reversed());
      return folders;
    } catch (IOException e) {
      throw new UncheckedIOException("listing " + root + " failed", e);
    }
  }

  private static String name(long step) {
    return "step-%08d".formatted(step);
  }

  /** Takes the name away first, so that a kill in between leaves no half checkpoint behind. */
  private void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      Path doomed = folder;
      if (!folder.getFileName().toString().startsWith(".")) {
        doomed = root.resolve(".deleting-" + folder.getFileName());
        delete(doomed);
        Files.move(folder, doomed, StandardCopyOption.ATOMIC_MOVE);
      }
      try (Stream<Path> files = Files.list(doomed)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(doomed);
    }
  }

  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
