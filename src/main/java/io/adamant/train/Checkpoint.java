package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.Sha256;
import io.adamant.config.Readout;
import io.adamant.config.TrainConfig;
import io.adamant.tensor.SafeTensors;
import io.adamant.tensor.SafeTensorsFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A checkpoint that was found whole: weights and optimizer state as safetensors, and what the run
 * reads out if there is such by then, {@code checkpoint.json}, and the checksums of all of them in
 * {@code SHA256SUMS}, in the form that {@code sha256sum -c} reads.
 *
 * @param folder such as {@code checkpoint/step-00000100}
 * @param state the state of training that it holds
 * @param readout which of its weights are meant
 */
public record Checkpoint(Path folder, TrainState state, Readout readout) {

  private static final String WEIGHTS = "weights.safetensors";
  private static final String READOUT = "readout.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String ABOUT = "checkpoint.json";
  private static final String KERNELS = "kernel_path";
  private static final String SUMS = "SHA256SUMS";
  private static final ObjectWriter JSON =
      Json.MAPPER
          .writer()
          .with(SerializationFeature.INDENT_OUTPUT)
          .with(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  /** A checkpoint whose files are not what was written. */
  public static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }

  /**
   * Writes all files of a checkpoint into an empty folder and forces them to the disk.
   *
   * @param folder exists and is empty
   * @param state the state of training to save
   * @param weights name to array
   * @param optimizer name to array
   * @param readout name to array; empty if there is none
   * @throws IOException if writing fails
   */
  static void write(
      Path folder,
      TrainState state,
      Map<String, NDArray> weights,
      Map<String, NDArray> optimizer,
      Map<String, NDArray> readout)
      throws IOException {
    // In order: that of Map.of changes from process to process, and so would the file.
    Map<String, String> about = new TreeMap<>();
    about.put("format", "pt");
    about.put("step", Long.toString(state.step()));
    String json = JSON.writeValueAsString(state) + "\n";
    // Sums of what was meant to be written: read back, a failed write would look right.
    Map<String, String> sums = new TreeMap<>();
    sums.put(WEIGHTS, SafeTensors.write(folder.resolve(WEIGHTS), weights, about));
    sums.put(OPTIMIZER, SafeTensors.write(folder.resolve(OPTIMIZER), optimizer, about));
    if (!readout.isEmpty()) {
      sums.put(READOUT, SafeTensors.write(folder.resolve(READOUT), readout, about));
    }
    sums.put(ABOUT, new Sha256().add(json).hex());
    DurableFiles.writeForced(folder.resolve(ABOUT), json.getBytes(StandardCharsets.UTF_8));
    StringBuilder lines = new StringBuilder();
    sums.forEach((name, sum) -> lines.append(sum).append("  ").append(name).append('\n'));
    DurableFiles.writeForced(
        folder.resolve(SUMS), lines.toString().getBytes(StandardCharsets.UTF_8));
    DurableFiles.force(folder);
  }

  /**
   * Opens a checkpoint and verifies the checksum of every file.
   *
   * @param folder such as {@code checkpoint/step-00000100}
   * @return the checkpoint
   * @throws DamagedException if a file is missing or not what was written
   * @throws IOException if a file cannot be read
   */
  public static Checkpoint open(Path folder) throws IOException {
    Checkpoint checkpoint = open(folder, List.of(ABOUT, WEIGHTS, OPTIMIZER), Readout.TRAINED);
    return checkpoint.reads().isPresent()
        ? open(folder, List.of(READOUT), Readout.TRAINED)
        : checkpoint;
  }

  /**
   * Opens a checkpoint to read its weights alone, and verifies the checksums that this needs: the
   * optimizer's state is the larger part of most.
   *
   * @param folder such as {@code checkpoint/step-00000100}
   * @param readout which weights
   * @return the checkpoint
   * @throws InputException if it has no such weights
   * @throws DamagedException if a file is missing or not what was written
   * @throws IOException if a file cannot be read
   */
  static Checkpoint openWeights(Path folder, Readout readout) throws IOException {
    if (readout == Readout.TRAINED) {
      return open(folder, List.of(ABOUT, WEIGHTS), readout);
    }
    Optional<String> there = open(folder, List.of(ABOUT), readout).reads();
    if (!there.equals(Optional.of(readout.word()))) {
      throw lacks(folder, readout, there);
    }
    return open(folder, List.of(ABOUT, READOUT), readout);
  }

  /** The complaint about weights that are not there. */
  static InputException lacks(Path folder, Readout readout, Optional<String> there) {
    return new InputException(
        "--readout %s: %s has no such weights; allowed: trained%s"
            .formatted(readout.word(), folder, there.map(word -> ", " + word).orElse("")));
  }

  /** Opens a checkpoint for its state of training, which is all that is verified. */
  static TrainState state(Path folder) throws IOException {
    return open(folder, List.of(ABOUT), Readout.TRAINED).state();
  }

  private static Checkpoint open(Path folder, List<String> files, Readout readout)
      throws IOException {
    try {
      Map<String, String> sums = sums(folder.resolve(SUMS));
      for (String name : files) {
        if (!sha256(folder.resolve(name)).equals(sums.get(name))) {
          throw new DamagedException("the checksum of " + name + " does not hold");
        }
      }
      return new Checkpoint(
          folder, Json.MAPPER.readValue(folder.resolve(ABOUT).toFile(), TrainState.class), readout);
    } catch (NoSuchFileException e) {
      throw new DamagedException(Path.of(e.getFile()).getFileName() + " is missing");
    } catch (JsonProcessingException e) {
      throw new DamagedException(ABOUT + " is not of this version: " + e.getOriginalMessage());
    }
  }

  /**
   * The kernels that a checkpoint was computed with.
   *
   * @param folder such as {@code checkpoint/step-00000100}
   * @return their name; empty if the checkpoint was deleted just now or is damaged
   */
  public static String kernels(Path folder) {
    try {
      return Json.MAPPER.readTree(folder.resolve(ABOUT).toFile()).path(KERNELS).asText();
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * The hash of a checkpoint's trained weights, as it was written beside them.
   *
   * @param folder such as {@code checkpoint/step-00000100}
   * @return SHA-256, 64 digits
   * @throws IOException if there is none
   */
  static String weightsSha256(Path folder) throws IOException {
    return sum(folder, WEIGHTS);
  }

  /**
   * The hash of all arrays that training goes on from, as they were written: weights, optimizer
   * state and what is read out.
   *
   * @param folder such as {@code checkpoint/step-00000100}
   * @return SHA-256, 64 digits
   * @throws IOException if there is none
   */
  static String arraysSha256(Path folder) throws IOException {
    Sha256 all = new Sha256();
    for (String name : List.of(WEIGHTS, OPTIMIZER, READOUT)) {
      String sum = sums(folder.resolve(SUMS)).getOrDefault(name, "");
      if (sum.isEmpty() && !name.equals(READOUT)) {
        throw new DamagedException(SUMS + " has no line for " + name);
      }
      all.add(sum + "\n");
    }
    return all.hex();
  }

  /**
   * The state of the checkpoint that a run branches off from.
   *
   * @throws InputException if it cannot be read, or is one after another number of steps
   */
  static TrainState branchPoint(TrainConfig training) {
    Path from = Path.of(training.branchFrom());
    try {
      TrainState state = state(from);
      if (state.step() != training.branchStep()) {
        throw InputException.badValue(
            "training.branch_step", training.branchStep(), state.step() + ", that of " + from);
      }
      return state;
    } catch (IOException e) {
      throw notReadable(from, e);
    }
  }

  /** The complaint about {@code training.branch_from}. */
  static InputException notReadable(Path from, IOException e) {
    return new InputException(
        "training.branch_from: %s is not a readable checkpoint: %s".formatted(from, e.getMessage()),
        e);
  }

  /** The same of the weights that are meant. */
  String weightsSha256() throws IOException {
    return sum(folder, weightsFile());
  }

  private static String sum(Path folder, String name) throws IOException {
    String sum = sums(folder.resolve(SUMS)).get(name);
    if (sum == null) {
      throw new DamagedException(SUMS + " has no line for " + name);
    }
    return sum;
  }

  /** The word for what the run reads out, where the checkpoint has it. */
  private Optional<String> reads() {
    return Optional.ofNullable(state.readout())
        .filter(averaged -> averaged.count() > 0)
        .map(TrainState.Averaged::kind);
  }

  /** The same checkpoint, with other weights meant. */
  Checkpoint of(Readout other) {
    return new Checkpoint(folder, state, other);
  }

  private String weightsFile() {
    return readout == Readout.TRAINED ? WEIGHTS : READOUT;
  }

  private static Map<String, String> sums(Path file) throws IOException {
    Map<String, String> sums = new TreeMap<>();
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8); // damaged UTF-8 too
    if (!text.endsWith("\n")) {
      throw new DamagedException(SUMS + " ends early");
    }
    for (String line : text.split("\n", -1)) {
      String[] parts = line.split("  ", 2);
      if (parts.length == 2) {
        sums.put(parts[1], parts[0]);
      }
    }
    return sums;
  }

  /**
   * Copies the weights into live arrays of the same names and shapes.
   *
   * @param live name to array
   * @throws IOException if the file cannot be read
   * @throws InputException if names or shapes differ
   */
  public void restoreWeights(Map<String, NDArray> live) throws IOException {
    SafeTensors.restore(folder.resolve(weightsFile()), live);
  }

  /**
   * Copies the optimizer state into live arrays of the same names and shapes.
   *
   * @param live name to array
   * @throws IOException if the file cannot be read
   * @throws InputException if names or shapes differ
   */
  public void restoreOptimizer(Map<String, NDArray> live) throws IOException {
    SafeTensors.restore(folder.resolve(OPTIMIZER), live);
  }

  /**
   * Reads the weights.
   *
   * @param manager owner of the arrays
   * @return name to array
   * @throws IOException if the file cannot be read
   */
  public Map<String, NDArray> weights(NDManager manager) throws IOException {
    return SafeTensors.read(folder.resolve(weightsFile()), manager);
  }

  /**
   * Reads one of the weights.
   *
   * @param name of it
   * @param manager owner of the array
   * @return the array
   * @throws IOException if the file cannot be read
   */
  NDArray weight(String name, NDManager manager) throws IOException {
    try (SafeTensorsFile file = SafeTensorsFile.open(folder.resolve(weightsFile()))) {
      return file.read(name, manager);
    }
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

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new Sha256().add(in).hex();
    }
  }
}
